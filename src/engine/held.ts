import { OnboardError } from '../errors.ts'
import type { Records } from './records.ts'
import { heldBy } from './times.ts'

/**
 * Throws waiting, with the way out, where an onboarding is held: nothing is done then. A procedure that is under way
 * goes on: what has to be taken back does not wait for the clocks.
 */
export function refuseHeld(onboarding: string, { times, procedures }: Pick<Records, 'times' | 'procedures'>): void {
  const hold = heldBy(times)
  if (hold === null || procedures.some(({ closed }) => !closed)) return
  const why = hold.reason === null ? '' : `: ${hold.reason}`
  throw new OnboardError('waiting', 'held', `${onboarding} is held since ${hold.since.slice(0, 10)} by ${hold.by ?? '(erased)'}${why}`, {
    suggestions: [`onboard resume ${onboarding}`],
  })
}
