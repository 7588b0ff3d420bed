import type { Action, Reader } from '../contract.ts'
import { EXIT, OnboardError, worstExit } from '../errors.ts'
import { UNKNOWN } from '../model.ts'
import type { Change, Evidence, Json, Plan, PlannedAction, PlannedStep, Step } from '../model.ts'
import { basisOf } from './basis.ts'
import { actionOf, fieldChanges, inputFields } from './differences.ts'
import { digest, hasUnknown } from './digest.ts'
import { actionOfStep, inputsOf, questionOf } from './evaluation.ts'
import { mustBeOurs } from './foreign.ts'
import { holdOf } from './held.ts'
import { idempotencyKey, keyText } from './keys.ts'
import { pastOf } from './past.ts'
import type { Work } from './ports.ts'
import { dueReadiness, evidenceHolds, wordReadiness } from './readiness.ts'
import { recorded } from './recorded.ts'
import { foldRecords } from './records.ts'
import { signCommand, waiveCommand } from './sign-command.ts'
import { EVERYTHING, Walk } from './walk.ts'
import type { Extent, Turn } from './walk.ts'

/** What is done when a step's inputs are known: seen and change feed the fingerprint, outputs the steps after it. */
type Drafted = {
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

/** What apply would do. */
export const PENDING: readonly PlannedAction[] = ['create', 'update', 'delete', 'run', 'later']

/**
 * Shows what `apply` would change, on a Reader that cannot write. A step that waits for a person or a date does not end
 * the plan: what comes after it is shown as it will be then. Steps that `looksAt` leaves out are believed to stand as
 * the journal says, where they are done by it: they are in no such plan.
 */
export async function plan(
  work: Work, extent: Extent = EVERYTHING, looksAt: (step: Step) => boolean = () => true,
): Promise<Plan> {
  return work.reading(async (reader, look) => {
    const read = (key: string): Reader => Object.assign(reader(key), { past: pastOf(work, key, async () => look) })
    const records = foldRecords(look.entries)
    const hold = holdOf(records)
    const walk = new Walk(work, records, look.now, extent)
    const steps: PlannedStep[] = []
    const observed: unknown[] = []
    const exits: number[] = []
    const touched: string[] = []
    /** By `phase.step`: what stands between it and this run. */
    const waits = new Map<string, readonly string[]>()
    for (const turn of walk.turns()) {
      const known = turn.wanted && looksAt(turn.step) ? null : await recorded(work, turn, look.now)
      const own = `${turn.key.phase}.${turn.key.step}`
      const after = [...new Set(walk.needsOf(turn.phase, turn.step).flatMap((needed) => waits.get(needed) ?? []))]
      if (known?.state === 'settled') {
        walk.settle(turn, true, known.outputs) // as `apply` takes it
        waits.set(own, [...(waits.get(own) ?? []), ...after]) // of what is skipped before its turn
        continue
      }
      const action = await actionOfStep(work, turn)
      const drafted = await draft(work, turn, action, read, look.now)
      const owns = ownedBy(action, work, turn)
      const again = action.kind === 'effect' && owns.some((o) => touched.some((t) => overlaps(o, t)))
      if (PENDING.includes(drafted.action)) touched.push(...owns)
      walk.settle(turn, drafted.action !== 'blocked', drafted.outputs)
      const name = keyText(turn.key)
      const stops = drafted.action === 'ask' || drafted.action === 'wait' || !turn.wanted ? [name] : after
      waits.set(own, [...(waits.get(own) ?? []), ...stops])
      if (!turn.wanted) continue
      exits.push(drafted.exit ?? EXIT.done)
      const comesLater = PENDING.includes(drafted.action) && after.length > 0
      const reason = comesLater ? `after ${after.join(', ')}` : (drafted.reason ?? null)
      steps.push({
        key: turn.key, title: turn.step.title, uses: turn.step.uses, owner: turn.step.owner,
        action: drafted.action,
        target: drafted.change?.target ?? null,
        changes: drafted.fields ?? fieldChanges(drafted.change ?? null),
        reversible: action.kind !== 'effect' || (action.undo !== undefined && drafted.change?.reversible !== false),
        again: again && drafted.action !== 'later',
        reason,
        next: drafted.next ?? null,
      })
      observed.push([
        name, turn.step.uses, drafted.action, drafted.change ?? null, drafted.seen ?? null, drafted.fields ?? null,
      ])
    }
    const { name, version, digest: pinned } = work.runbook
    return {
      onboarding: work.onboarding.key,
      runbook: { name, version, digest: pinned },
      scope: extent,
      steps,
      ...(hold === null ? {} : { held: { since: hold.since, by: hold.by, reason: hold.reason } }),
      pending: steps.filter((s) => PENDING.includes(s.action)).length,
      exit: worstExit(exits),
      fingerprint: digest({ runbook: pinned, inputs: basisOf(work.inputs, pinned), extent, observed }),
    }
  })
}

/** What is planned for one step; of an effect and of a probe of what is known anyway by a look at the world. */
export async function draft(
  work: Work, turn: Turn, action: Action, read: (key: string) => Reader, now: string,
): Promise<Drafted> {
  const { readiness, key } = turn
  const customer = work.onboarding.key
  if (readiness.state === 'blocked' && readiness.why === 'later') {
    return { action: 'later', reason: readiness.reason, outputs: UNKNOWN, fields: [] }
  }
  if (readiness.state === 'blocked') {
    const waivable = readiness.why === 'unavailable' && turn.step.waivable_by.length > 0
    return {
      action: 'blocked', reason: readiness.reason, outputs: UNKNOWN,
      next: waivable ? waiveCommand(customer, turn) : null,
    }
  }
  if (readiness.state === 'settled') {
    return {
      action: readiness.as === 'waived' ? 'waived' : readiness.as === 'skipped' ? 'skipped' : 'none',
      reason: readiness.reason, outputs: readiness.outputs,
    }
  }
  if (readiness.state === 'waiting') return { action: 'wait', reason: readiness.reason, outputs: UNKNOWN, next: null }
  try {
    if (action.kind === 'ask') return draftAsk(work, turn, action)
    const inputs = inputsOf(work, turn, action)
    if (hasUnknown(inputs)) {
      const known = action.kind === 'probe' ? [] : inputFields(inputs)
      return { action: action.kind === 'probe' ? 'probe' : 'later', fields: known, outputs: UNKNOWN, reason: null }
    }
    const due = action.kind === 'probe' && action.due
      ? dueReadiness(action.due(inputs as never), String(turn.scope.onboarding['today']), now)
      : null
    if (due?.state === 'waiting') return { action: 'wait', reason: due.reason, outputs: UNKNOWN }
    if (action.kind === 'probe') {
      const holds = evidenceHolds(turn.record, digest(inputs), action.max_age_ms, now)
      if (!holds && action.pure) {
        const evidence = await action.probe(read(idempotencyKey(work.onboarding, key)), inputs as never)
        const passes = evidence.result === 'pass' || evidence.result === 'warn'
        return {
          action: 'probe', reason: said(evidence),
          outputs: passes ? action.outputs(inputs as never, evidence) : UNKNOWN,
        }
      }
      if (!holds) return { action: 'probe', outputs: UNKNOWN }
      return { action: 'none', reason: 'its evidence holds', outputs: (turn.record?.probed?.detail['outputs'] ?? null) }
    }
    const seen = await action.check(read(idempotencyKey(work.onboarding, key)), inputs as never)
    mustBeOurs(work, turn, action as never, inputs as never, seen)
    const change = action.plan(inputs as never, seen as never) as Change | null
    if (change === null) return { action: 'none', seen, outputs: action.outputs(inputs as never, seen as never) }
    return { action: actionOf(change), change, seen, outputs: UNKNOWN }
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

/** An error with an SQLSTATE: the database has refused what this one step asks of it. */
function refusedStatement(error: unknown): OnboardError | undefined {
  if (!(error instanceof Error) || !('code' in error) || !/^[0-9A-Z]{5}$/.test(String(error.code))) return undefined
  return new OnboardError('failed', 'step-failed', error.message, { cause: error })
}

function said(evidence: Evidence): string {
  return evidence.result === 'not_checked' ? evidence.reason : evidence.summary
}

function draftAsk(work: Work, turn: Turn, action: Extract<Action, { kind: 'ask' }>): Drafted {
  const { question, binds } = questionOf(work, turn, action)
  const state = wordReadiness(action as never, question, turn.record, binds)
  if (state.state === 'settled') return { action: 'none', reason: state.reason, outputs: state.outputs }
  if (state.state === 'blocked') return { action: 'blocked', reason: state.reason, outputs: UNKNOWN }
  return {
    action: 'ask', reason: state.state === 'waiting' ? state.reason : null, outputs: UNKNOWN,
    next: signCommand(work.onboarding.key, turn, question),
  }
}

function ownedBy(action: Action, work: Work, turn: Turn): readonly string[] {
  if (action.kind !== 'effect' || turn.readiness.state !== 'ready') return []
  try {
    const inputs = inputsOf(work, turn, action)
    return hasUnknown(inputs) ? [] : action.owns(inputs as never)
  } catch {
    return [] // the step's own draft says what is wrong with its inputs
  }
}

/** `tenant/acme` and `tenant/acme/settings` are about the same thing; `tenant/acme` and `tenant/acme2` are not. */
function overlaps(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`)
}
