import { OnboardError } from '../errors.ts'
import type { JournalEntry } from './ports.ts'

/** What the journal says of an onboarding that was given up. */
export interface Cancellation {
  /** ISO 8601 instant. */
  readonly at: string
  readonly reason: string | null
  /** Instant at which what it had made was taken back; null: it was not. */
  readonly purged_at: string | null
}

/** The cancellation that lasts, or null. */
export function cancellationOf(entries: readonly JournalEntry[]): Cancellation | null {
  let found: Cancellation | null = null
  for (const { kind, facts, detail, at } of entries) {
    if (kind !== 'cancelled') continue
    if (facts['state'] === 'withdrawn') found = null
    else if (facts['state'] === 'purged') found = { ...(found ?? { at, reason: null }), purged_at: at }
    else found = { at, reason: typeof detail['reason'] === 'string' ? detail['reason'] : null, purged_at: null }
  }
  return found
}

/** Throws a conflict, with the way out, where an onboarding is cancelled. */
export function refuseCancelled(onboarding: string, cancellation: Pick<Cancellation, 'at'> | null): void {
  if (cancellation === null) return
  throw new OnboardError(
    'conflict', 'cancelled',
    `${onboarding} was cancelled on ${cancellation.at.slice(0, 10)}: nothing is done for it any more`,
    { suggestions: [`onboard cancel ${onboarding} --undo`, `onboard audit log ${onboarding}`] },
  )
}
