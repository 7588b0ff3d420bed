/** What is planned for one step. */
import type { Action, Reader } from '../contract.ts'
import { EXIT, OnboardError } from '../errors.ts'
import { UNKNOWN } from '../model.ts'
import type { Change, Evidence, Json, PlannedAction, PlannedStep } from '../model.ts'
import { actionOf, inputFields } from './differences.ts'
import { digest, hasUnknown } from './digest.ts'
import { inputsOf, questionOf } from './evaluation.ts'
import { mustBeOurs } from './foreign.ts'
import { idempotencyKey } from './keys.ts'
import type { Work } from './ports.ts'
import { dueReadiness, evidenceHolds, type Readiness, wordReadiness } from './readiness.ts'
import { signCommand, waiveCommand } from './sign-command.ts'
import type { Turn } from './walk.ts'

/** What is done when a step's inputs are known: seen and change feed the fingerprint, outputs the steps after it. */
export interface Drafted {
  readonly action: PlannedAction
  readonly change?: Change | null
  readonly seen?: unknown
  readonly outputs: Json | typeof UNKNOWN
  readonly reason?: string | null
  readonly next?: string | null
  readonly fields?: PlannedStep['changes']
  /** Exit code of an error that stands in the way of planning it. */
  readonly exit?: number
}

/** Of an effect, and of a probe of what is known anyway, by a look at the world. */
export async function draft(
  work: Work, turn: Turn, action: Action, read: (key: string) => Reader, now: string,
): Promise<Drafted> {
  if (turn.readiness.state !== 'ready') return draftReadiness(work, turn, turn.readiness)
  try {
    if (action.kind === 'ask') return draftAsk(work, turn, action)
    const reader = (): Reader => read(idempotencyKey(work.onboarding, turn.key))
    const inputs = inputsOf(work, turn, action)
    if (action.kind === 'probe') return await draftProbe(turn, action, reader, inputs, now)
    return await draftEffect(work, turn, action, reader, inputs)
  } catch (error) {
    // What cannot be planned is said where it stands; the rest of the plan is still worth seeing.
    const known = error instanceof OnboardError ? error : refusedStatement(error)
    if (known && ['invalid', 'waiting', 'failed', 'conflict', 'forbidden'].includes(known.kind)) {
      const exit = known.kind === 'waiting' ? EXIT.done : known.exit
      return { action: 'blocked', reason: known.message, outputs: UNKNOWN, next: known.suggestions[0] ?? null, exit }
    }
    throw error
  }
}

/** Of a step whose turn has not come. */
function draftReadiness(work: Work, turn: Turn, readiness: Exclude<Readiness, { state: 'ready' }>): Drafted {
  const { reason } = readiness
  switch (readiness.state) {
    case 'settled':
      return { action: readiness.as === 'unchanged' ? 'none' : readiness.as, reason, outputs: readiness.outputs }
    case 'waiting':
      return { action: 'wait', reason, outputs: UNKNOWN, next: null }
    case 'blocked': {
      if (readiness.why === 'later') return { action: 'later', reason, outputs: UNKNOWN, fields: [] }
      const waivable = readiness.why === 'unavailable' && turn.step.waivable_by.length > 0
      const next = waivable ? waiveCommand(work.onboarding.key, turn) : null
      return { action: 'blocked', reason, outputs: UNKNOWN, next }
    }
  }
}

async function draftEffect(
  work: Work, turn: Turn, action: Extract<Action, { kind: 'effect' }>, reader: () => Reader, inputs: Inputs,
): Promise<Drafted> {
  if (hasUnknown(inputs)) return { action: 'later', fields: inputFields(inputs), outputs: UNKNOWN, reason: null }
  const read = reader()
  const seen = await action.check(read, inputs as never)
  await mustBeOurs(work, turn, action as never, read, inputs as never, seen)
  const change = action.plan(inputs as never, seen as never) as Change | null
  if (change === null) return { action: 'none', seen, outputs: action.outputs(inputs as never, seen as never) }
  return { action: actionOf(change), change, seen, outputs: UNKNOWN }
}

async function draftProbe(
  turn: Turn, action: Extract<Action, { kind: 'probe' }>, reader: () => Reader, inputs: Inputs, now: string,
): Promise<Drafted> {
  if (hasUnknown(inputs)) return { action: 'probe', fields: [], outputs: UNKNOWN, reason: null }
  const today = String(turn.scope.onboarding['today'])
  const due = action.due ? dueReadiness(action.due(inputs as never), today, now) : null
  if (due?.state === 'waiting') return { action: 'wait', reason: due.reason, outputs: UNKNOWN }
  if (evidenceHolds(turn.record, digest(inputs), action.max_age_ms, now)) {
    return { action: 'none', reason: 'its evidence holds', outputs: turn.record?.probed?.detail['outputs'] ?? null }
  }
  if (!action.pure) return { action: 'probe', outputs: UNKNOWN }
  const evidence = await action.probe(reader(), inputs as never)
  const passes = evidence.result === 'pass' || evidence.result === 'warn'
  const outputs = passes ? action.outputs(inputs as never, evidence) : UNKNOWN
  return { action: 'probe', reason: said(evidence), outputs }
}

type Inputs = ReturnType<typeof inputsOf>

function said(evidence: Evidence): string {
  return evidence.result === 'not_checked' ? evidence.reason : evidence.summary
}

function draftAsk(work: Work, turn: Turn, action: Extract<Action, { kind: 'ask' }>): Drafted {
  const { question, binds } = questionOf(work, turn, action)
  const state = wordReadiness(action as never, question, turn.record, binds)
  if (state.state === 'settled') return { action: 'none', reason: state.reason, outputs: state.outputs }
  if (state.state === 'blocked') return { action: 'blocked', reason: state.reason, outputs: UNKNOWN }
  const reason = state.state === 'waiting' ? state.reason : null
  return { action: 'ask', reason, outputs: UNKNOWN, next: signCommand(work.onboarding.key, turn, question) }
}

/** An error with an SQLSTATE: the database has refused what this one step asks of it. */
function refusedStatement(error: unknown): OnboardError | undefined {
  if (!(error instanceof Error) || !('code' in error) || !/^[0-9A-Z]{5}$/.test(String(error.code))) return undefined
  return new OnboardError('failed', 'step-failed', error.message, { cause: error })
}
