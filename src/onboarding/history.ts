/** When steps were settled, by the journal: also those that are not any more. */
import { keyText } from '../engine/keys.ts'
import type { JournalEntry } from '../engine/ports.ts'
import { tookPlace } from '../engine/took-place.ts'
import { dateIn } from './calendar.ts'

/**
 * Since which date a step was settled on another one, both `YYYY-MM-DD`; null: it was not; '': there was nothing to do.
 * A word that was given again and a look that was repeated change nothing about that; what was undone, rejected or
 * found wrong in between does.
 */
export type SettledSince = (step: string, on: string) => string | null

interface SettledChange {
  readonly date: string
  readonly settled: boolean
  /** Last day of a waiver. */
  readonly until: string | null
}

/** Reads a journal, oldest first; days are those of a time zone. Steps are named by `keyText`. */
export function historyOf(entries: readonly JournalEntry[], timeZone: string): SettledSince {
  const changes = new Map<string, SettledChange[]>()
  for (const entry of entries) {
    if (entry.key === null) continue
    const settled = settles(entry)
    if (settled === undefined) continue
    const step = keyText(entry.key)
    const before = changes.get(step) ?? []
    changes.set(step, before)
    const last = before.at(-1)
    // A waiver ends by itself: what comes after it counts anew.
    if (last !== undefined && last.settled === settled && last.until === null) continue
    const until = entry.kind === 'waived' ? String(entry.facts['until']) : null
    // That a step is skipped may be found out on any day, and comes late for nobody.
    const isNobodys = entry.kind === 'skipped' && last === undefined
    before.push({ date: isNobodys ? '' : dateIn(tookPlace(entry), timeZone), settled, until })
  }
  return (step, on) => {
    const last = changes.get(step)?.findLast(({ date }) => date <= on)
    return last?.settled && (last.until === null || on <= last.until) ? last.date : null
  }
}

/** Whether an entry settles its step or unsettles it; undefined: neither. */
function settles({ kind, facts }: JournalEntry): boolean | undefined {
  if (kind === 'undone' || kind === 'rejected') return false
  if (kind === 'probed') {
    if (facts['result'] === 'fail') return false
    return facts['result'] === 'pass' || facts['result'] === 'warn' ? true : undefined
  }
  return ['done', 'signed', 'waived', 'skipped', 'adopted', 'attested'].includes(kind) ? true : undefined
}
