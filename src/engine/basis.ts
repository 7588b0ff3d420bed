/** What a step's expressions read, and the digest of it. */
import type { Inputs, Json, JsonObject, Scope, Step } from '../model.ts'
import { canonical, digest, digestOfText } from './digest.ts'

/**
 * Digest of all that a step's expressions may read: while it stays the same, words and evidence need no second look,
 * and no expression is evaluated. `scope` is that of the step's turn, with the outputs of the steps before it.
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
  return MOVING.filter((name) => any || new RegExp(`\\bonboarding\\s*\\.\\s*\\??\\s*${name}\\b`).test(written))
}

const MOVING = ['today', 'go_live', 'live_on', 'day', 'slug', 'tenant_slug', 'key', 'company', 'title'] as const

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
  const roots = (['handoff', 'discovery', 'config'] as const).map(
    (root) => [root, written === null ? ('all' as const) : membersIn(written, root)] as const,
  )
  return { roots, id: JSON.stringify(roots) }
}

/**
 * Digest of the inputs that expressions read, as far as they name them:
 * a word in the config that none reads voids nothing.
 */
function digestOf(inputs: Inputs, runbook: string, { roots, id }: InputsRead): string {
  const name = `${runbook} ${id}`
  const known = bases.get(inputs) ?? new Map<string, string>()
  bases.set(inputs, known)
  const parts = () => roots.map(([root, names]) => [root, partText(inputs[root], names)] as const)
  const basis = known.get(name) ?? digestOfText(membersText([...parts(), ['runbook', JSON.stringify(runbook)]]))
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
  return membersText(
    names.filter((name) => Object.hasOwn(value, name)).map((name) => [name, textOf(value[name] ?? null)]),
  )
}

/** Canonical JSON of an object, of that of its members. */
function membersText(members: readonly (readonly [name: string, text: string])[]): string {
  const sorted = members.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`
}

/** Canonical JSON of a part of inputs: asked for as often as steps read it, and of a config by each onboarding. */
function textOf(value: Json): string {
  if (typeof value !== 'object' || value === null) return canonical(value)
  const known = texts.get(value) ?? canonical(value)
  texts.set(value, known)
  return known
}

const texts = new WeakMap<object, string>()
