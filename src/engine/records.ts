import type { StepKey } from '../model.ts'
import { keyText } from './keys.ts'
import type { JournalEntry } from './ports.ts'
import { occurrencesOf, type Occurrence } from './procedure.ts'
import { timesOf, type Times } from './times.ts'

/** What the journal says of one step: the latest entry of each sort that still counts. */
export interface StepRecord {
  readonly key: StepKey
  /** Latest `done` that was not undone. */
  done: JournalEntry | null
  /** Somebody's word that an effect outside took place, by hand, before us (`onboard adopt`). */
  attested: JournalEntry | null
  /** An effect outside that began and is not known to have ended. */
  intent: JournalEntry | null
  /** Signed, or rejected: the last word. */
  word: JournalEntry | null
  waived: JournalEntry | null
  probed: JournalEntry | null
  skipped: JournalEntry | null
  failed: JournalEntry | null
  /** What it saw was changed since, by an effect that comes before it. Set where its turn is known. */
  readonly overtaken?: true
  /** true: its latest effect was undone and not applied again. */
  undone: boolean
  /** Instant of its latest entry. */
  at: string
}

/** By step, as `keyText` writes it; what the journal says of time, and which procedures were begun. */
export type Records = ReadonlyMap<string, StepRecord> & {
  readonly times: Times
  readonly procedures: readonly Occurrence[]
}

/** Folds the journal, oldest first, into one record for each step; keys as `keyText` writes them. */
export function foldRecords(entries: readonly JournalEntry[]): Records {
  const records = new Map<string, StepRecord>()
  const done = new Map<string, JournalEntry[]>()
  for (const entry of entries) {
    if (entry.key === null) continue
    const id = keyText(entry.key)
    const record = records.get(id) ?? empty(entry)
    records.set(id, record)
    record.at = entry.at
    switch (entry.kind) {
      // What was there before us counts as done, and has no effect of ours to undo.
      case 'adopted':
      case 'done':
        done.set(id, [...(done.get(id) ?? []), entry])
        Object.assign(record, { done: entry, intent: null, failed: null, skipped: null, undone: false })
        break
      case 'undone': {
        // A word, a look or a waiver that was taken back was about what is not there any more: it is asked for again.
        if (record.word?.seq === entry.facts['of']) record.word = null
        if (record.probed?.seq === entry.facts['of']) record.probed = null
        if (record.waived?.seq === entry.facts['of']) record.waived = null
        if (!done.has(id)) break
        const left = (done.get(id) ?? []).filter((e) => e.seq !== entry.facts['of'])
        done.set(id, left)
        // What remains is an older effect of the same step; a step with none left is undone.
        const effects = left.filter((e) => e.facts['outcome'] === 'changed')
        Object.assign(record, { done: effects.at(-1) ?? null, intent: null, undone: effects.length === 0 })
        break
      }
      case 'intent':
        record.intent = entry
        break
      case 'attested':
        if (entry.facts['as'] === 'word') Object.assign(record, { word: entry, failed: null, skipped: null })
        else Object.assign(record, { attested: entry, failed: null, skipped: null })
        break
      case 'signed':
      case 'rejected':
        Object.assign(record, { word: entry, failed: null, skipped: null })
        break
      case 'probed':
        Object.assign(record, { probed: entry, failed: null, skipped: null })
        break
      case 'waived':
        record.waived = entry
        break
      case 'skipped':
        Object.assign(record, { skipped: entry, failed: null })
        break
      case 'failed':
        record.failed = entry
        break
      default:
        break
    }
  }
  return Object.assign(records, { times: timesOf(entries), procedures: occurrencesOf(entries) })
}

function empty(entry: JournalEntry): StepRecord {
  return {
    key: entry.key as StepKey,
    done: null, attested: null, intent: null, word: null, waived: null, probed: null, skipped: null, failed: null,
    undone: false,
    at: entry.at,
  }
}
