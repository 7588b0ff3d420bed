import type { JournalEntry } from './ports.ts'

/** When what an entry tells of was: of what was done by hand (`onboard adopt`) noon of that day; else its own time. */
export function tookPlace({ kind, at, facts }: Pick<JournalEntry, 'kind' | 'at' | 'facts'>): string {
  const { date } = facts
  return (kind === 'adopted' || kind === 'attested') && typeof date === 'string' ? `${date}T12:00:00.000Z` : at
}
