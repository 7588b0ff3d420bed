import { OnboardError } from '../errors.ts'
import { UNKNOWN } from '../model.ts'
import type { Json } from '../model.ts'
import { basisFor } from './basis.ts'
import { digest, hasUnknown } from './digest.ts'
import { actionOfStep, inputsOf, questionOf } from './evaluation.ts'
import type { JournalEntry, Work } from './ports.ts'
import { dueReadiness, evidenceHolds, waiverHolds, wordReadiness } from './readiness.ts'
import { signCommand, waiveCommand } from './sign-command.ts'
import type { StepRecord } from './records.ts'
import type { Turn, Walk } from './walk.ts'
import { signedBy } from './word.ts'

/** Where a step stands by the journal alone. */
export type Recorded =
  | {
      readonly state: 'settled'
      readonly as: 'unchanged' | 'skipped' | 'waived'
      readonly reason: string | null
      readonly outputs: Json
    }
  /** `outputs`: of a probe that passed on the same inputs, and whose evidence is only too old. */
  | { readonly state: 'ready'; readonly reason: string | null; readonly outputs?: Json }
  | { readonly state: 'failed'; readonly reason: string | null; readonly next: string | null }
  | { readonly state: 'undone'; readonly reason: string | null }
  | { readonly state: 'waiting'; readonly reason: string; readonly from: readonly string[]; readonly next: string }
  /** For a day: null where nobody knows it yet; and on it for an instant, where one is named. */
  | { readonly state: 'dated'; readonly reason: string; readonly until: string | null; readonly instant?: string }
  | { readonly state: 'blocked'; readonly reason: string; readonly next: string | null }

/**
 * What the journal knows of a step, without a look at the world:
 * for status, signing, and steps that were not asked for.
 */
export async function recorded(work: Work, turn: Turn, now: string): Promise<Recorded> {
  return recordedAtOnce(work, turn, now) ?? recordedByAction(work, turn, now)
}

/** The same, where no action is asked for it, as of most steps; else undefined. */
export function recordedAtOnce(work: Work, turn: Turn, now: string): Recorded | undefined {
  const { readiness, record } = turn
  if (readiness.state === 'blocked') {
    const waivable = readiness.why !== 'needs' && readiness.why !== 'later' && turn.step.waivable_by.length > 0
    return {
      state: 'blocked', reason: readiness.reason,
      next: waivable ? waiveCommand(work.onboarding.key, turn) : null,
    }
  }
  if (readiness.state === 'settled') return readiness
  if (readiness.state === 'waiting') return { ...readiness, state: 'dated', until: readiness.until ?? null }
  if (record === undefined) return undefined
  const { word, probed, failed, done } = record
  if (word === null && probed === null && failed === null) return done === null ? undefined : settled(done, 'outputs')
  const basis = basisFor(work, turn.step, turn.scope)
  if ((word?.kind === 'signed' || word?.kind === 'attested') && word.facts['basis'] === basis) {
    return settled(word, 'outputs', signedBy(word))
  }
  return probed !== null && holds(probed, basis, now, record) ? settled(probed, 'outputs') : undefined
}

async function recordedByAction(work: Work, turn: Turn, now: string): Promise<Recorded> {
  try {
    return await known(work, turn, now)
  } catch (error) {
    // An expression that fails, or an action that may not run, blocks its step, not the look at all the others.
    if (!(error instanceof OnboardError) || (error.kind !== 'invalid' && error.code !== 'untrusted')) throw error
    return turn.record?.failed
      ? { state: 'failed', reason: error.message, next: null }
      : { state: 'blocked', reason: error.message, next: null }
  }
}

async function known(work: Work, turn: Turn, now: string): Promise<Recorded> {
  const { record } = turn
  const probed = record?.probed
  const isOfInputs = ofInputs(work, turn)
  // The basis is coarse: evidence outlives a change of what its step does not read, as `apply` sees it too.
  if (probed && (await isYoung(work, turn, now)) && (await isOfInputs())) return settled(probed, 'outputs')
  if (record?.failed && (await actionOfStep(work, turn)).kind !== 'ask') {
    return {
      state: 'failed',
      reason: String(record.failed.detail['message'] ?? record.failed.facts['code']),
      next: waiveCommand(work.onboarding.key, turn),
    }
  }
  if (probed) return byEvidence(work, turn, probed, isOfInputs)
  if (record?.done) return settled(record.done, 'outputs')
  if (record?.undone) return { state: 'undone', reason: null }
  return byAction(work, turn, now)
}

/** Of evidence that has grown old, or is of other inputs. */
async function byEvidence(
  work: Work, turn: Turn, probed: JournalEntry, isOfInputs: () => Promise<boolean>,
): Promise<Recorded> {
  const isOfBasis = probed.facts['basis'] === basisFor(work, turn.step, turn.scope)
  if (passed(probed) && (isOfBasis || (await isOfInputs()))) {
    const reason = turn.record?.overtaken ? 'what it saw was changed since' : 'its evidence is too old'
    return { state: 'ready', reason, outputs: probed.detail['outputs'] ?? null }
  }
  if (isOfBasis) {
    const { reason, summary, next: helps } = (probed.detail['evidence'] ?? {}) as Said
    const next = helps ?? waiveCommand(work.onboarding.key, turn)
    // Looking again will show the same, until somebody says in the config where to look.
    if (probed.facts['result'] === 'not_checked') {
      return { state: 'blocked', reason: `not checked: ${reason ?? '(erased)'}`, next }
    }
    if (probed.facts['result'] === 'fail') return { state: 'failed', reason: summary ?? '(erased)', next }
  }
  return { state: 'ready', reason: 'its evidence does not hold any more' }
}

/** What evidence may say. */
type Said = { readonly reason?: string; readonly summary?: string; readonly next?: string }

/** Of a step of which the journal holds nothing that counts. */
async function byAction(work: Work, turn: Turn, now: string): Promise<Recorded> {
  const { record } = turn
  const action = await actionOfStep(work, turn)
  if (action.kind === 'probe' && action.due) {
    const inputs = inputsOf(work, turn, action)
    const today = String(turn.scope.onboarding['today'])
    const due = hasUnknown(inputs) ? null : dueReadiness(action.due(inputs as never), today, now)
    if (due?.state === 'waiting') return { ...due, state: 'dated', until: due.until ?? null }
  }
  if (action.kind !== 'ask') {
    const begun = record?.intent?.at.slice(0, 10)
    const reason = begun === undefined ? null : `begun on ${begun}, and not known how that ended: apply looks, or asks`
    return { state: 'ready', reason }
  }
  const { question, binds } = questionOf(work, turn, action)
  const state = wordReadiness(action as never, question, record, binds)
  if (state.state === 'settled') return record?.word ? { ...state, reason: signedBy(record.word) } : state
  const next = signCommand(work.onboarding.key, turn, question)
  if (state.state === 'waiting') return { state: 'waiting', reason: state.reason, from: question.from, next }
  // A later word takes a rejection back.
  return { state: 'blocked', reason: state.state === 'blocked' ? state.reason : 'not ready', next }
}

/** Has it passed, and not grown too old for its sort of evidence? */
async function isYoung(work: Work, turn: Turn, now: string): Promise<boolean> {
  const action = await actionOfStep(work, turn)
  return (
    action.kind === 'probe' &&
    evidenceHolds(turn.record, String(turn.record?.probed?.facts['input']), action.max_age_ms, now)
  )
}

/** Says whether a probe saw what it would be given now; evaluates that once, however often it is asked. */
function ofInputs(work: Work, turn: Turn): () => Promise<boolean> {
  let known: Promise<boolean> | undefined
  const reckon = async (): Promise<boolean> => {
    const action = await actionOfStep(work, turn)
    if (action.kind !== 'probe') return false
    const inputs = inputsOf(work, turn, action)
    return !hasUnknown(inputs) && turn.record?.probed?.facts['input'] === digest(inputs)
  }
  return () => (known ??= reckon())
}

function passed({ facts }: JournalEntry): boolean {
  return facts['result'] === 'pass' || facts['result'] === 'warn'
}

/**
 * How a turn ends for the steps after it, where nobody acts: evidence that is only too old does not unsettle them;
 * `apply` looks again before anything follows from it.
 */
export function settleBy(walk: Walk, turn: Turn, state: Recorded): void {
  const known = state.state === 'settled' || (state.state === 'ready' && state.outputs !== undefined)
  walk.settle(turn, known, known ? (state.outputs as Json) : UNKNOWN)
}

/**
 * As `settleBy`; a step that only waits for others counts with what came of it before:
 * they are about to be settled again.
 */
export function settleByPast(work: Work, walk: Walk, turn: Turn, state: Recorded): void {
  const waits = turn.readiness.state === 'blocked' && turn.readiness.why === 'needs'
  walk.settle(
    turn, state.state === 'settled',
    state.state === 'settled' ? state.outputs : waits ? past(work, turn) : UNKNOWN,
  )
}

function past(work: Work, { record, step, scope }: Turn): Json | typeof UNKNOWN {
  if (record === undefined) return UNKNOWN
  if (record.waived && waiverHolds(String(record.waived.facts['until']), String(scope.onboarding['today']))) return null
  if (record.done) return record.done.detail['outputs'] ?? null
  const { word, probed, skipped } = record
  const latest = word?.kind === 'rejected' ? null : (word ?? (probed && passed(probed) ? probed : skipped))
  return latest?.facts['basis'] === basisFor(work, step, scope) ? (latest.detail['outputs'] ?? null) : UNKNOWN
}

function settled(entry: JournalEntry, outputs: string, reason: string | null = null): Recorded {
  return { state: 'settled', as: 'unchanged', reason, outputs: entry.detail[outputs] ?? null }
}

function holds(probed: JournalEntry, basis: string, now: string, { overtaken }: StepRecord): boolean {
  const { holds_until, basis: then } = probed.facts
  if (!passed(probed) || then !== basis) return false
  return holds_until === null || (!overtaken && Date.parse(now) < Date.parse(String(holds_until)))
}
