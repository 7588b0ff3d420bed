import { keyText } from '../engine/keys.ts'
import type { Head, Work } from '../engine/ports.ts'
import { waiverHolds } from '../engine/readiness.ts'
import { OnboardError } from '../errors.ts'
import type { Person, StepKey } from '../model.ts'
import { findStep } from './find-step.ts'
import { turnOf } from './sign.ts'

export interface WaiveRequest {
  readonly step: string
  readonly by: Person
  readonly roles: readonly string[]
  readonly reason: string
  /** Last day on which the waiver holds, `YYYY-MM-DD`. */
  readonly until: string
  /** Where the vendor is, `YYYY-MM-DD`. */
  readonly today: string
}

export interface WaiveResult {
  readonly onboarding: string
  readonly key: StepKey
  readonly outcome: 'waived' | 'unchanged'
  readonly by: Person
  readonly until: string
  readonly head: Head | null
}

/**
 * Records that a step may be passed over until a day, by whom the runbook names in `waivable_by`; it comes back as open
 * after that day. Throws: not waivable (forbidden), not by this person (forbidden), a day that has passed (invalid).
 */
export async function waive(work: Work, request: WaiveRequest): Promise<WaiveResult> {
  const turn = await turnOf(work, findStep(work.runbook, request.step, work.onboarding.key))
  const { key } = turn
  const name = keyText(key)
  const { waivable_by } = turn.step
  const customer = work.onboarding.key
  const [again, rest] = [`onboard waive ${customer} ${name}`, '--reason TEXT --until DATE']
  const role = waivable_by.find((r) => request.roles.includes(r))
  if (role === undefined) {
    const who = waivable_by.length === 0 ? 'nobody: the runbook does not let it be waived' : waivable_by.join(' or ')
    throw new OnboardError(
      'forbidden', 'not-waivable', `${name} may be waived by ${who}`,
      { suggestions: [waivable_by.length === 0 ? `onboard status ${customer}` : `${again} --signer MAIL ${rest}`] },
    )
  }
  if (request.reason.trim() === '') {
    throw new OnboardError('usage', 'reason-missing', 'a waiver needs a reason', { suggestions: [`${again} ${rest}`] })
  }
  if (!waiverHolds(request.until, request.today)) {
    const message = `--until ${request.until} has passed; today is ${request.today}`
    throw new OnboardError('invalid', 'waiver-expired', message)
  }
  const result = { onboarding: customer, key, by: request.by, until: request.until }
  const before = turn.record?.waived
  if (before?.facts['until'] === request.until && before.detail['reason'] === request.reason) {
    return { ...result, outcome: 'unchanged', head: null }
  }
  const head = await work.append({
    kind: 'waived', key, run: null,
    facts: { until: request.until, role },
    detail: { reason: request.reason, by: { ...request.by }, recorder: { ...work.actor } },
  })
  return { ...result, outcome: 'waived', head }
}
