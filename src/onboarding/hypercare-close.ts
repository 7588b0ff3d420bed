import { apply } from '../engine/apply.ts'
import { keyText } from '../engine/keys.ts'
import type { Head, Work } from '../engine/ports.ts'
import { OnboardError } from '../errors.ts'
import type { Person, StepKey } from '../model.ts'
import { CHECK_IN } from './check-ins.ts'
import { sign } from './sign.ts'
import type { StepStatus } from './standing.ts'
import { status } from './status.ts'

export interface CloseRequest {
  readonly signer: Person
  readonly roles: readonly string[]
  readonly note: string | null
}

export interface CloseResult {
  readonly onboarding: string
  readonly outcome: 'closed' | 'unchanged'
  readonly step: StepKey
  /** Who has taken it over. */
  readonly signer: Person
  readonly head: Head | null
}

const SETTLED: readonly StepStatus['state'][] = ['done', 'skipped', 'waived']

/**
 * Ends hypercare: does what is left of it, sees that nothing of the whole onboarding is open, and takes the word of who
 * takes over, which the last step of hypercare asks for. Throws waiting, naming what is open.
 */
export async function closeHypercare(work: Work, { signer, roles, note }: CloseRequest): Promise<CloseResult> {
  const { key } = work.onboarding
  const phase = work.runbook.phases.find(({ steps }) => steps.some(({ uses }) => uses === CHECK_IN))
  const last = phase?.steps.at(-1)
  if (phase === undefined || last === undefined) {
    throw new OnboardError(
      'usage', 'no-hypercare', `the runbook of ${key} has no hypercare: no step of it uses ${CHECK_IN}`,
      { suggestions: [`onboard status ${key}`] },
    )
  }
  await apply(work, { extent: { phase: phase.id, step: null } })
  const now = await status(work)
  const steps = now.phases.flatMap((one) => one.steps)
  const handover = steps.find((one) => one.key.phase === phase.id && one.key.step === last.id)
  if (handover === undefined) {
    throw new OnboardError(
      'usage', 'no-hypercare', `${key} has no step ${phase.id}.${last.id}`,
      { suggestions: [`onboard status ${key}`] },
    )
  }
  const open = steps.filter((one) => one !== handover && !SETTLED.includes(one.state))
  if (open.length > 0) {
    const named = open.slice(0, 5)
      .map((one) => `${keyText(one.key)}${one.reason === null ? '' : ` (${one.reason})`}`).join('; ')
    const more = open.length > 5 ? `; and ${open.length - 5} more` : ''
    const suggestions = [...new Set(open.flatMap(({ next }) => next ?? []))].slice(0, 2)
    throw new OnboardError(
      'waiting', 'not-over', `hypercare of ${key} cannot end yet: ${named}${more}`,
      { suggestions: suggestions.length > 0 ? suggestions : [`onboard apply ${key}`] },
    )
  }
  const { outcome, head } = await sign(work, { step: keyText(handover.key), signer, roles, note, evidence: [] })
  return { onboarding: key, outcome: outcome === 'signed' ? 'closed' : 'unchanged', step: handover.key, signer, head }
}
