/** One step's turn in a run. */
import type { Action } from '../contract.ts'
import { OnboardError } from '../errors.ts'
import { UNKNOWN } from '../model.ts'
import type { Evidence, Json, JsonObject, StepResult } from '../model.ts'
import { basisFor } from './basis.ts'
import { digest, hasUnknown } from './digest.ts'
import { applyEffect } from './effect.ts'
import { actionOfStep, inputsOf, questionOf } from './evaluation.ts'
import type { Group } from './group.ts'
import { idempotencyKey, keyText } from './keys.ts'
import type { Session, Work } from './ports.ts'
import { dueReadiness, evidenceHolds, wordReadiness } from './readiness.ts'
import { signCommand, waiveCommand } from './sign-command.ts'
import type { Turn } from './walk.ts'

/** How a step's turn ended. */
export type Ended = Pick<StepResult, 'outcome' | 'reason' | 'changes' | 'secrets' | 'next' | 'otherwise'> & {
  readonly outputs: Json | typeof UNKNOWN
  readonly error?: OnboardError
  readonly warned?: boolean
  /** Its effect waits for the commit of its group. */
  readonly held?: boolean
}

/**
 * One turn, once: what is ready is done, looked at or asked for. `shared`: the group in which its effect may stay open.
 * @throws OnboardError: what an action met
 */
export async function take(
  work: Work, session: Session, run: string, turn: Turn, now: string, shared: Group | null,
): Promise<Ended> {
  const { readiness } = turn
  if (readiness.state === 'blocked') {
    const waivable = turn.step.waivable_by.length > 0 && readiness.why !== 'needs' && readiness.why !== 'later'
    return blocked(readiness.reason, waivable ? waiveCommand(work.onboarding.key, turn) : null)
  }
  if (readiness.state === 'settled') {
    const basis = basisFor(work, turn.step, turn.scope)
    // What is left out before its turn is journaled in it: until then the inputs say so.
    if (readiness.as === 'skipped' && turn.unmet.length === 0 && turn.record?.skipped?.facts['basis'] !== basis) {
      await session.append({
        kind: 'skipped', key: turn.key, run, facts: { reason: readiness.reason, basis }, detail: {},
      })
    }
    return {
      outcome: readiness.as, reason: readiness.reason, changes: [], secrets: [], next: null, outputs: readiness.outputs,
    }
  }
  if (readiness.state === 'waiting') {
    return waiting(readiness.reason, null)
  }
  const action = await actionOfStep(work, turn)
  if (action.kind === 'ask') return ask(work, turn, action)
  const inputs = inputsOf(work, turn, action)
  if (hasUnknown(inputs)) return blocked('its inputs are not known: a step that it reads was not done', null)
  const today = String(turn.scope.onboarding['today'])
  const due = action.kind === 'probe' && action.due ? dueReadiness(action.due(inputs as never), today, now) : null
  if (due?.state === 'waiting') return waiting(due.reason, null)
  if (action.kind === 'probe') return probe(work, session, run, turn, action, inputs, now)
  const done = await applyEffect(work, session, run, turn, action as never, inputs as never, shared)
  return { ...done, reason: null, next: null, ...(shared ? { held: true } : {}) }
}

function ask(work: Work, turn: Turn, action: Extract<Action, { kind: 'ask' }>): Ended {
  const { question, binds } = questionOf(work, turn, action)
  const state = wordReadiness(action as never, question, turn.record, binds)
  if (state.state === 'settled') {
    const { reason, outputs } = state
    return { outcome: 'unchanged', reason, changes: [], secrets: [], next: null, outputs }
  }
  if (state.state === 'blocked') return blocked(state.reason, signCommand(work.onboarding.key, turn, question))
  const reason = state.state === 'waiting' ? state.reason : null
  return waiting(reason, signCommand(work.onboarding.key, turn, question))
}

async function probe(
  work: Work, session: Session, run: string, turn: Turn, action: Extract<Action, { kind: 'probe' }>, inputs: unknown,
  now: string,
): Promise<Ended> {
  const input = digest(inputs)
  if (evidenceHolds(turn.record, input, action.max_age_ms, now)) {
    const { facts, detail } = turn.record?.probed ?? { facts: {} as JsonObject, detail: {} as JsonObject }
    return {
      outcome: 'unchanged', reason: null, changes: [], secrets: [], next: null, outputs: detail['outputs'] ?? null,
      warned: facts['result'] === 'warn',
    }
  }
  const evidence = await work.reading(
    (read) => action.probe(read(idempotencyKey(work.onboarding, turn.key)), inputs as never), 'brief',
    turn.step.timeout_ms,
  )
  const passed = evidence.result === 'pass' || evidence.result === 'warn'
  const outputs = passed ? action.outputs(inputs as never, evidence) : null
  await session.append({
    kind: 'probed', key: turn.key, run, facts: probedFacts(work, turn, action.max_age_ms, evidence, input, now),
    detail: { evidence, outputs },
  })
  work.reached?.(`${keyText(turn.key)} probed`)
  if (passed) {
    const warned = evidence.result === 'warn'
    return { outcome: 'changed', reason: said(evidence), changes: [], secrets: [], next: null, outputs, warned }
  }
  const waive = waiveCommand(work.onboarding.key, turn)
  const next = evidence.next ?? waive
  const otherwise = waive === null || next === waive ? {} : { otherwise: waive }
  if (evidence.result === 'not_checked') return { ...blocked(`not checked: ${evidence.reason}`, next), ...otherwise }
  const error = new OnboardError('verification', 'probe-failed', said(evidence))
  return {
    outcome: 'failed', reason: said(evidence), changes: [], secrets: [], next, ...otherwise, outputs: UNKNOWN, error,
  }
}

function probedFacts(
  work: Work, turn: Turn, maxAge: number | null, evidence: Evidence, input: string, now: string,
): JsonObject {
  const until = maxAge === null ? null : new Date(Date.parse(now) + maxAge).toISOString()
  return {
    uses: turn.step.uses, result: evidence.result, input, holds_until: until,
    basis: basisFor(work, turn.step, turn.scope),
  }
}

export function blocked(reason: string, next: string | null): Ended {
  return { outcome: 'blocked', reason, changes: [], secrets: [], next, outputs: UNKNOWN }
}

function waiting(reason: string | null, next: string | null): Ended {
  return { outcome: 'waiting', reason, changes: [], secrets: [], next, outputs: UNKNOWN }
}

function said(evidence: Evidence): string {
  return evidence.result === 'not_checked' ? evidence.reason : evidence.summary
}
