import { createHash } from 'node:crypto'
import { digest } from '../engine/digest.ts'
import type { Entry, Head, Work } from '../engine/ports.ts'
import { OnboardError, type Diagnostic } from '../errors.ts'
import { dotted } from '../input/tree.ts'
import { shown } from '../input/unsafe.ts'
import type { Json, JsonObject } from '../model.ts'
import { invalidHandoff } from './accept.ts'
import type { Config } from './config.ts'
import { differences } from './difference.ts'
import type { Feasibility } from './feasibility.ts'
import { errorsOf, type CheckedHandoff, type HandoffSource } from './handoff.ts'
import { PAST } from './handoff-rules.ts'
import type { InputKind, IntakeStore } from './intake-store.ts'
import { checkRevision, type GivenVersion } from './revise-sources.ts'
import { remaining } from './remaining.ts'
import { replanned, type Replanned } from './replanned.ts'
import { signOffsUnder, type SignOff } from './upgrade.ts'

export interface Revision {
  /** The onboarding as it is. */
  readonly work: Work
  readonly stored: Readonly<Record<InputKind, GivenVersion | null>>
  /** What is handed in; what is left out stays as it was. */
  readonly handoff?: HandoffSource | undefined
  readonly discovery?: HandoffSource | undefined
  readonly reason: string | null
  /** The command to type again where what is handed in has mistakes. */
  readonly again?: string | undefined
  readonly config: Config
  /** `YYYY-MM-DD` */
  readonly today: string
}

/** One field that reads otherwise; null where it is not there. */
export interface RevisedField {
  readonly field: string
  readonly before: Json
  readonly after: Json
}

export interface RevisedInput {
  readonly kind: InputKind
  /** Its number now. */
  readonly version: number
  /** sha256 (hex) of the canonical document. */
  readonly digest: string
  /** That of the version before; null where there was none. */
  readonly before: string | null
}

export interface Revised {
  readonly onboarding: string
  readonly company: string
  readonly outcome: 'revised' | 'unchanged' | 'planned'
  readonly inputs: readonly RevisedInput[]
  readonly changes: readonly RevisedField[]
  /** Words that hold so far, and what becomes of each. */
  readonly sign_offs: readonly SignOff[]
  readonly steps: readonly Replanned[]
  readonly completeness: number
  readonly missing: readonly string[]
  readonly warnings: readonly Diagnostic[]
  readonly feasibility: Feasibility | null
  readonly head: Head | null
}

interface NextInput extends RevisedInput {
  readonly document: JsonObject
  readonly source: Uint8Array
}

/**
 * What another handoff or discovery would make of an onboarding: each field before and after, the sign-offs that it
 * voids and the steps that are planned again. Writes nothing.
 * @throws OnboardError invalid (findings), conflict (another company or slug: `rename` does that).
 */
export async function planRevision(
  revision: Revision,
): Promise<{ readonly revised: Revised; readonly inputs: readonly NextInput[] }> {
  const { work, stored, config, today } = revision
  const { checked, sources } = checkRevision(revision)
  const { document } = checked
  const file = (revision.handoff ?? revision.discovery)?.file ?? 'the handoff'
  const isMoved = goLive(document) !== goLive(work.inputs.handoff)
  const errors = errorsOf(checked.diagnostics).filter(({ rule }) => rule !== PAST || isMoved)
  if (document === null || errors.length > 0) throw refused(revision, file, errors, checked)
  mustBeTheSame(work, document, file)
  const discovery = checked.discovery ?? work.inputs.discovery
  const changes = changed(work, document, discovery)
  const inputs = (['handoff', 'discovery'] as const).flatMap((kind): NextInput[] => {
    const next = kind === 'handoff' ? document : discovery
    const version = stored[kind]
    if (next === null || digest(next) === version?.digest) return []
    const source = kind === 'handoff' ? sources.handoff : (sources.discovery ?? sources.handoff)
    return [{
      kind, version: (version?.version ?? 0) + 1, before: version?.digest ?? null, digest: digest(next),
      document: next, source: source.bytes,
    }]
  })
  const next: Work = { ...work, inputs: { ...work.inputs, handoff: document, discovery } }
  const same = inputs.length === 0
  const revised: Revised = {
    onboarding: work.onboarding.key,
    company: work.onboarding.company,
    outcome: same ? 'unchanged' : 'planned',
    inputs: inputs.map(({ kind, version, digest, before }) => ({ kind, version, digest, before })),
    changes,
    sign_offs: same ? [] : await signOffs(work, next),
    steps: same ? [] : await replanned(work, next),
    ...answersOf(checked),
    feasibility: await remaining(next, today, config.holidays),
    head: null,
  }
  return { revised, inputs }
}

/**
 * Stores a new version of handoff or discovery with its journal entry, as one. The same content changes nothing. What
 * was signed on a changed part is void by its digest from then on.
 * @throws OnboardError as `planRevision`, and conflict while a run goes on or where somebody revised it meanwhile.
 */
export async function revise(revision: Revision, store: IntakeStore): Promise<Revised> {
  const { work, reason } = revision
  const { revised, inputs } = await planRevision(revision)
  if (inputs.length === 0) return revised
  const head = await store.transaction(async (transaction) => {
    await transaction.lock(work.onboarding)
    const latest = await transaction.inputs(work.onboarding.id)
    if (inputs.some(({ kind, before }) => (latest[kind]?.digest ?? null) !== before)) throw meanwhile(work)
    for (const { kind, ...input } of inputs) await transaction.store(work.onboarding.id, kind, input)
    return transaction.append(work.onboarding.id, entryOf(work, revised, inputs, reason))
  })
  return { ...revised, outcome: 'revised', head }
}

/** Digests and names of fields in the chain; values, which may be personal, beside it. */
function entryOf(
  work: Work, { changes, completeness, sign_offs }: Revised, inputs: readonly NextInput[], reason: string | null,
): Entry {
  const given = inputs.map(({ kind, version, digest, before, source }) => (
    { kind, version, digest, before, source: createHash('sha256').update(source).digest('hex') }
  ))
  const voided = sign_offs.filter(({ state }) => state === 'void').map(({ step }) => step)
  return {
    kind: 'revised', key: null, run: null,
    facts: { inputs: given, fields: changes.map(({ field }) => field), completeness, void: voided },
    detail: {
      ...(reason === null ? {} : { reason }), changes: changes.map((change) => ({ ...change })),
      recorder: { ...work.actor },
    },
  }
}

/** Those that hold, and whether they will; a word that was void before is no news. */
async function signOffs(work: Work, next: Work): Promise<SignOff[]> {
  const held = new Set((await signOffsUnder(work)).filter(({ state }) => state === 'kept').map(({ step }) => step))
  return (await signOffsUnder(next)).filter(({ step }) => held.has(step))
}

/** Every mistake with its place; of what was stored before only mistakes are news. */
function refused(
  { again }: Revision, file: string, errors: readonly Diagnostic[], checked: CheckedHandoff,
): OnboardError {
  if (again === undefined) return invalidHandoff(file, checked)
  const { kind, code, message } = invalidHandoff(file, checked)
  return new OnboardError(
    kind, code, message,
    { diagnostics: errors, ...(errors[0] === undefined ? {} : { at: errors[0] }), suggestions: [again] },
  )
}

function changed(work: Work, handoff: JsonObject, discovery: JsonObject | null): RevisedField[] {
  const { inputs } = work
  // Looked at from the new one, whose keys stand in the order of the file; the database has an order of its own.
  const found = [
    ...differences(handoff, inputs.handoff),
    ...differences(discovery ?? undefined, inputs.discovery ?? undefined, ['discovery']),
  ]
  return found.map(({ path, before: is, after: was }) => (
    { field: dotted(path), before: was ?? null, after: is ?? null }
  ))
}

function mustBeTheSame({ inputs, onboarding }: Work, document: JsonObject, file: string): void {
  const [was, is] = [companyOf(inputs.handoff), companyOf(document)]
  if (is.slug !== was.slug && is.slug !== onboarding.slug) {
    throw new OnboardError(
      'conflict', 'other-slug',
      `${file} is of ${shown(is.slug)}, and this is ${onboarding.slug}: a slug is not revised, it is renamed`,
      { suggestions: [`onboard rename ${onboarding.key} ${is.slug}`] },
    )
  }
  if (is.name !== was.name && is.name !== onboarding.company) {
    throw new OnboardError(
      'conflict', 'other-company',
      `${file} is of ${shown(is.name)}, and this is ${shown(onboarding.company)}: `
        + 'a company is not revised, it is renamed',
      { suggestions: [`onboard rename ${onboarding.key} ${onboarding.slug} --company NAME`] },
    )
  }
}

function companyOf(document: JsonObject): { readonly name: string; readonly slug: string } {
  return document['company'] as { name: string; slug: string }
}

function goLive(document: JsonObject | null): string {
  return (document?.['dates'] as { go_live: string } | undefined)?.go_live ?? ''
}

function answersOf({ completeness, missing, diagnostics }: CheckedHandoff) {
  return { completeness, missing, warnings: diagnostics.filter(({ severity }) => severity === 'warning') }
}

function meanwhile({ onboarding }: Work): OnboardError {
  return new OnboardError(
    'conflict', 'revised-meanwhile',
    `the inputs of ${onboarding.key} were revised by somebody else in this moment; nothing was changed`,
    { suggestions: [`onboard handoff show ${onboarding.key}`] },
  )
}
