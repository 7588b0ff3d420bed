import type { Extent } from '../engine/walk.ts'
import type { Work } from '../engine/ports.ts'
import { OnboardError } from '../errors.ts'
import { nearest } from '../input/nearest.ts'
import { findStep } from '../onboarding/find-step.ts'

/**
 * `--phase` and `--step` as typed → the part of the runbook that they name.
 * Throws usage where the runbook has no such phase or step, with the nearest name.
 */
export function extentOf(
  work: Work, given: { readonly phase?: string | undefined; readonly step?: string | undefined },
): Extent {
  const phases = [...work.runbook.phases, ...work.runbook.procedures].map(({ id }) => id)
  const customer = work.onboarding.key
  if (given.phase !== undefined && !phases.includes(given.phase)) {
    const near = nearest(given.phase, phases)
    const hint = near === undefined ? `it has ${phases.join(', ')}` : `did you mean ${near}?`
    throw new OnboardError(
      'usage', 'unknown-phase', `The runbook of ${customer} has no phase '${given.phase}': ${hint}`,
      { suggestions: [`onboard status ${customer}`] },
    )
  }
  if (given.step === undefined) return { phase: given.phase ?? null, step: null }
  const named = given.phase === undefined || given.step.includes('.') ? given.step : `${given.phase}.${given.step}`
  const { phase, step } = findStep(work.runbook, named, customer)
  return { phase, step }
}
