import type { JournalEntry } from './ports.ts'

/** When what an entry speaks of was: of what was done by hand (`onboard adopt`) the day that was named, at noon; else when it was written. */
export function tookPlace({ kind, at, facts }: Pick<JournalEntry, 'kind' | 'at' | 'facts'>): string {
  const { date } = facts
  return (kind === 'adopted' || kind === 'attested') && typeof date === 'string' ? `${date}T12:00:00.000Z` : at
}
