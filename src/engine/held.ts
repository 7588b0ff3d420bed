import { OnboardError } from '../errors.ts'
import type { Records } from './records.ts'
import { heldBy, type Hold } from './times.ts'

/**
 * The hold for which nothing is done; null where there is none. A procedure that is under way goes on: what has to be
 * taken back does not wait for the clocks.
 */
export function holdOf({ times, procedures }: Pick<Records, 'times' | 'procedures'>): Hold | null {
  return procedures.some(({ closed }) => !closed) ? null : heldBy(times)
}

/** Throws waiting, with the way out, where an onboarding is held. */
export function refuseHeld(onboarding: string, records: Pick<Records, 'times' | 'procedures'>): void {
  const hold = holdOf(records)
  if (hold === null) return
  const why = hold.reason === null ? '' : `: ${hold.reason}`
  throw new OnboardError(
    'waiting', 'held',
    `${onboarding} is held since ${hold.since.slice(0, 10)} by ${hold.by ?? '(erased)'}${why}`,
    { suggestions: [`onboard resume ${onboarding}`] },
  )
}
