import type { Head, Work } from '../engine/ports.ts'
import { OnboardError } from '../errors.ts'
import type { Answer, Json, Person, StepKey } from '../model.ts'
import { askedOf } from './sign.ts'

export interface RejectRequest {
  readonly step: string
  readonly signer: Person
  /** Roles that the signer holds; `customer` for a contact of the customer. */
  readonly roles: readonly string[]
  readonly reason: string
}

export interface RejectResult {
  readonly onboarding: string
  readonly key: StepKey
  readonly outcome: 'rejected' | 'unchanged'
  readonly signer: Person
  readonly role: string
  readonly reason: string
  /** sha256 (hex) of what was rejected. */
  readonly binds: string
  readonly head: Head | null
}

/**
 * Records that a person says no to what a step asks. It blocks the step and all that needs it, until what was asked
 * changes or somebody who may signs it after all. The same no again changes nothing. Takes no run lock.
 */
export async function reject(work: Work, request: RejectRequest): Promise<RejectResult> {
  const reason = request.reason.trim()
  if (reason === '') {
    throw new OnboardError(
      'usage', 'reason-missing', 'a rejection needs a reason',
      { suggestions: [`onboard reject ${work.onboarding.key} ${request.step} --reason TEXT`] },
    )
  }
  const { key, turn, question, binds, role } = await askedOf(work, request.step, request.signer, request.roles)
  const result = { onboarding: work.onboarding.key, key, signer: request.signer, role, reason, binds }
  const word = turn.record?.word
  const before = word?.detail['answer'] as unknown as Answer | undefined
  const isSame = word?.kind === 'rejected' && word.facts['binds'] === binds
    && before?.signer.email === request.signer.email && word.detail['reason'] === reason
  if (isSame) return { ...result, outcome: 'unchanged', head: null }
  const answer: Answer = { signer: request.signer, role, recorder: work.actor, note: null, evidence: [] }
  const head = await work.append({
    kind: 'rejected', key, run: null,
    facts: { binds, role },
    detail: { reason, answer: answer as unknown as Json, question: question as unknown as Json },
  })
  return { ...result, outcome: 'rejected', head }
}
