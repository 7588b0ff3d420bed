/** The only place that decides where a step stands. Plan, apply, status and sign ask it. */
import type { Ask } from '../contract.ts'
import type { Answer, Inputs, Json, JsonObject, Scope, Step } from '../model.ts'
import type { Due } from '../runbook/dates.ts'
import { canonical, digest, digestOfText } from './digest.ts'
import type { StepRecord } from './records.ts'

export type Readiness =
  /** Its turn has come: look, and act where something differs. */
  | { readonly state: 'ready' }
  /** Nothing to do, and what needs it may go on. */
  | { readonly state: 'settled'; readonly as: 'unchanged' | 'skipped' | 'waived'; readonly reason: string | null; readonly outputs: Json }
  /** A person's word is needed; or, with `until`, a day has to come: null where nobody knows it yet. */
  | { readonly state: 'waiting'; readonly reason: string; readonly until?: string | null }
  | { readonly state: 'blocked'; readonly reason: string; readonly why: 'needs' | 'unavailable' | 'rejected' | 'unknown' | 'later' }

export interface Facts {
  readonly step: Step
  readonly record: StepRecord | undefined
  /** `phase.step` names that must be settled first and are not. */
  readonly unmet: readonly string[]
  /** Value of `when:`; of a step that needs what is not settled: false where it is ruled out already. */
  readonly applies: boolean
  /** When it may begin; null: at any time. */
  readonly due: Due | null
  /** Today where the vendor is, `YYYY-MM-DD`. */
  readonly today: string
  readonly capabilities: Readonly<Record<string, Json>>
}

/** Where a step stands before anyone looks at the world. Order matters: what was waived stays waived though it is blocked. */
export function readiness(facts: Facts): Readiness {
  const { step, record, unmet, applies, due, today, capabilities } = facts
  if (!applies) return { state: 'settled', as: 'skipped', reason: `when: ${step.when}`, outputs: null }
  if (unmet.length > 0) return { state: 'blocked', why: 'needs', reason: `needs ${unmet.join(', ')}` }
  const waiver = record?.waived
  if (waiver && waiverHolds(String(waiver.facts['until']), today)) {
    return {
      state: 'settled', as: 'waived', reason: `waived until ${waiver.facts['until']}: ${text(waiver.detail['reason'])}`,
      outputs: null,
    }
  }
  const { attested = null } = record ?? {}
  if (attested !== null) {
    return {
      state: 'settled', as: 'unchanged', reason: `done by hand on ${attested.facts['date']}, as was attested`,
      outputs: attested.detail['outputs'] ?? null,
    }
  }
  if (step.capability !== null && capabilities[step.capability] !== true) {
    return {
      state: 'blocked', why: 'unavailable',
      reason: `unavailable: the product lacks the capability '${step.capability}'`,
    }
  }
  if (due?.date === null) return { state: 'waiting', reason: `waits for ${due.anchor}`, until: null }
  if (due && today < due.date) return { state: 'waiting', reason: `waits for ${due.date}`, until: due.date }
  return { state: 'ready' }
}

/** Where a probe stands that has nothing to look at before a day, or an instant; `today` is the day where the vendor is. */
export function dueReadiness(due: string, today: string, now: string): Readiness {
  const hasCome = due.includes('T') ? Date.parse(due) <= Date.parse(now) : due <= today
  return hasCome ? { state: 'ready' } : { state: 'waiting', reason: `waits for ${due}`, until: due.slice(0, 10) }
}

/** A waiver holds through the day it names, where the vendor is; `today` is the day there. */
export function waiverHolds(until: string, today: string): boolean {
  return today <= until
}

/**
 * Digest of all that a step's expressions may read: while it stays the same, words and evidence need no second look, and
 * no expression is evaluated. `scope` is that of the step's turn, with the outputs of the steps before it.
 */
export function basisFor(
  work: { readonly inputs: Inputs; readonly runbook: { readonly digest: string } }, step: Step, scope: Scope,
): string {
  const reads = readingOf(step)
  const inputs = digestOf(work.inputs, work.runbook.digest, reads.inputs)
  const moving = reads.moving.map((name) => [name, scope.onboarding[name] ?? null])
  const basis = moving.length === 0 ? inputs : digest({ basis: inputs, moving })
  const outputs = outputsRead(reads.outputs, scope)
  return outputs.length === 0 ? basis : digest({ basis, outputs })
}

/** Do a step's expressions read what another day changes by itself? */
export function readsDay(step: Step): boolean {
  return readingOf(step).moving.some((name) => name === 'today' || name === 'day')
}

/** What a step's expressions read. */
interface Reading {
  readonly inputs: InputsRead
  /** Of the context `onboarding`. */
  readonly moving: readonly string[]
  /** Of the outputs of other steps. */
  readonly outputs: readonly OutputRead[]
}

/** Known of each step once: whoever goes through many onboardings meets the steps of few runbooks. */
const readings = new WeakMap<Step, Reading>()

function readingOf(step: Step): Reading {
  const known = readings.get(step)
  if (known !== undefined) return known
  const written = expressionsOf(step)
  const reading = {
    inputs: inputsRead(written), moving: movingIn(written), outputs: outputsIn(written),
  }
  readings.set(step, reading)
  return reading
}

/** The expressions of a step, without the prose around them, which may speak of an onboarding as well. */
function expressionsOf(step: Step): string {
  const texts = JSON.stringify(step.with ?? null).matchAll(/"(?:[^"\\]|\\.)*"/g)
  // From the first to the last brace of a text: an expression may have braces of its own.
  const inputs = [...texts].flatMap(([text]) => /\$\{\{(.*)\}\}/.exec(text)?.[1] ?? [])
  return [step.when ?? '', step.for_each ?? '', ...step.binds, ...inputs].join(' ; ')
}

const OUTPUTS = /(?<![\w.])(steps|phases)\b((?:\s*\.\s*\??\s*[A-Za-z_]\w*)*)\s*(\(?)/g

/** A path that expressions read from `steps`, or from `phases`. */
interface OutputRead {
  readonly own: boolean
  readonly names: readonly string[]
}

function outputsIn(written: string): readonly OutputRead[] {
  return [...written.matchAll(OUTPUTS)].map(([, root, rest = '', call]) => {
    const names = rest.split('.').map((name) => name.replaceAll(/[\s?]/g, '')).filter((name) => name !== '')
    if (call === '(') names.pop() // a method of what stands before it
    return { own: root === 'steps', names }
  })
}

/** The outputs that are read, each with its path: of a step its values as far as they are named, else all there are. */
function outputsRead(reads: readonly OutputRead[], scope: Scope): readonly (readonly [string, unknown])[] {
  if (reads.length === 0) return []
  const found = new Map<string, unknown>()
  for (const { own, names } of reads) {
    const [phase, , step, , ...path] = own ? [scope.phase, 'steps', ...names] : names
    const all = step === undefined || phase === undefined
    const value = all ? [...scope.outputs].map(([id, steps]) => [id, [...steps]]) : scope.outputs.get(phase)?.get(step)
    found.set(all ? '' : [phase, step, ...path].join('.'), all ? value : at(value, path))
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** The value at a path as far as it leads; null where it leads nowhere. */
function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner ?? null
    return Object.hasOwn(inner, name) ? (inner as JsonObject)[name] : null
  }, value ?? null)
}

/** Of the context `onboarding` what changes with time, or by a rename, as far as expressions read it. */
function movingIn(written: string): readonly string[] {
  if (!/\bonboarding\b/.test(written)) return []
  const any = /\bonboarding\b(?!\s*\.\s*\??\s*\w)/.test(written)
  return ['today', 'go_live', 'live_on', 'day', 'slug', 'tenant_slug', 'key', 'company', 'title'].filter((name) => any || new RegExp(`\\bonboarding\\s*\\.\\s*\\??\\s*${name}\\b`).test(written))
}

/** Digest of all inputs. */
export function basisOf(inputs: Inputs, runbook: string): string {
  return digestOf(inputs, runbook, inputsRead(null))
}

/** Which members of the inputs are read, by context; and the same as a text. */
interface InputsRead {
  readonly roots: readonly (readonly ['handoff' | 'discovery' | 'config', readonly string[] | 'all'])[]
  readonly id: string
}

function inputsRead(written: string | null): InputsRead {
  const roots = (['handoff', 'discovery', 'config'] as const).map((root) => [root, written === null ? 'all' as const : membersIn(written, root)] as const)
  return { roots, id: JSON.stringify(roots) }
}

/** Digest of the inputs that expressions read, as far as they name them: a word in the config that none reads voids nothing. */
function digestOf(inputs: Inputs, runbook: string, { roots, id }: InputsRead): string {
  const name = `${runbook} ${id}`
  const known = bases.get(inputs) ?? new Map<string, string>()
  bases.set(inputs, known)
  const basis = known.get(name) ?? digestOfText(membersText([
    ...roots.map(([root, names]) => [root, partText(inputs[root], names)] as const), ['runbook', JSON.stringify(runbook)],
  ]))
  known.set(name, basis)
  return basis
}

/** Digests that are known, by what they are of: many steps read the same. */
const bases = new WeakMap<Inputs, Map<string, string>>()

/** Which members of a context expressions read; 'all' where one reads it as a whole, or by a name that it reckons. */
function membersIn(written: string, root: string): readonly string[] | 'all' {
  if (new RegExp(`\\b${root}\\b(?!\\s*\\.\\s*\\??\\s*[A-Za-z_])`).test(written)) return 'all'
  const named = written.matchAll(new RegExp(`\\b${root}\\s*\\.\\s*\\??\\s*(\\w+)`, 'g'))
  return [...new Set([...named].map(([, name = '']) => name))].toSorted()
}

/** Canonical JSON of the members with these names. */
function partText(value: JsonObject | null, names: readonly string[] | 'all'): string {
  if (names === 'all') return textOf(value)
  if (value === null) return names.length === 0 ? '{}' : 'null'
  return membersText(names.filter((name) => Object.hasOwn(value, name)).map((name) => [name, textOf(value[name] ?? null)]))
}

/** Canonical JSON of an object, of that of its members. */
function membersText(members: readonly (readonly [name: string, text: string])[]): string {
  const sorted = members.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`
}

/** Canonical JSON of a part of inputs: that is asked for as often as steps read it, and of a config by each onboarding. */
function textOf(value: Json): string {
  if (typeof value !== 'object' || value === null) return canonical(value)
  const known = texts.get(value) ?? canonical(value)
  texts.set(value, known)
  return known
}

const texts = new WeakMap<object, string>()

/** What a person's word on this step is bound to: the question and the values named by `binds:`. */
export function wordDigest(step: Step, question: unknown, bound: JsonObject): string {
  return digest({ step: step.id, question, bound })
}

/** Where a step that asks stands, given the digest of what would be signed now. */
export function wordReadiness(
  ask: Ask<never, Json>, question: ReturnType<Ask['ask']>, record: StepRecord | undefined, binds: string,
): Readiness {
  const word = record?.word
  if (!word) return { state: 'waiting', reason: `waits for ${question.from.join(' or ')}` }
  if (word.facts['binds'] !== binds) {
    const void_ = word.kind === 'rejected' ? 'what was rejected has changed since; it is asked again' : 'what was signed has changed since; the sign-off is void'
    return { state: 'waiting', reason: void_ }
  }
  if (word.kind === 'rejected') return { state: 'blocked', why: 'rejected', reason: `rejected: ${text(word.detail['reason'])}` }
  if (word.erased.includes('answer')) return { state: 'settled', as: 'unchanged', reason: 'the signer was erased on request', outputs: null }
  const outputs = ask.accept(question, word.detail['answer'] as unknown as Answer)
  if (isMissing(outputs)) return { state: 'waiting', reason: outputs.missing }
  return { state: 'settled', as: 'unchanged', reason: null, outputs }
}

export function isMissing(value: unknown): value is { readonly missing: string } {
  return value !== null && typeof value === 'object' && Object.keys(value).length === 1 && typeof (value as { missing?: unknown }).missing === 'string'
}

/** Does a probe's evidence still hold: passed, for the same inputs, not too old, and of what is still so? */
export function evidenceHolds(
  record: StepRecord | undefined, inputDigest: string, maxAgeMs: number | null, now: string,
): boolean {
  const probed = record?.probed
  if (!probed || probed.facts['input'] !== inputDigest) return false
  if (probed.facts['result'] !== 'pass' && probed.facts['result'] !== 'warn') return false
  return maxAgeMs === null || (!record.overtaken && Date.parse(now) - Date.parse(probed.at) < maxAgeMs)
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '(erased)'
}
