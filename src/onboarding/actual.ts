/** What has happened, by the journal: when each phase began, and when each of its steps was settled. */
import { tookPlace } from '../engine/took-place.ts'
import { keyText } from '../engine/keys.ts'
import type { EntryKind, JournalEntry } from '../engine/ports.ts'

/** How a step was settled, last. */
export interface Settling {
  /** `phase.step`, with `/instance`. */
  readonly step: string
  readonly how: EntryKind
  /** ISO 8601 instant. */
  readonly at: string
}

export interface PhaseActual {
  /** Instant at which anything was first done in it; null: nothing was yet, or all of it was taken back. */
  readonly began: string | null
  /** By step. */
  readonly settled: ReadonlyMap<string, Settling>
}

const BEGINS: readonly EntryKind[] = [
  'done', 'intent', 'failed', 'probed', 'signed', 'rejected', 'waived', 'adopted', 'attested',
]

/**
 * Folds a journal, oldest first, by phase. What was undone or rejected is not settled; drift put right settles nothing
 * anew.
 */
export function actualsOf(entries: readonly JournalEntry[]): ReadonlyMap<string, PhaseActual> {
  const phases = new Map<string, { began: string | null; settled: Map<string, Settling> }>()
  for (const entry of entries) {
    const { kind, key, facts } = entry
    if (key === null) continue
    const at = tookPlace(entry)
    const phase = phases.get(key.phase) ?? { began: null, settled: new Map<string, Settling>() }
    phases.set(key.phase, phase)
    if (BEGINS.includes(kind)) phase.began ??= at
    const step = keyText(key)
    const before = phase.settled.get(step)
    const isOpenAgain = kind === 'undone' || kind === 'rejected' || (kind === 'probed' && facts['result'] === 'fail')
    const isAnew = kind === 'signed' || kind === 'waived' || (SETTLES.includes(kind) && before === undefined)
    if (isOpenAgain) phase.settled.delete(step)
    else if (isAnew) phase.settled.set(step, { step, how: kind, at })
    // What was taken back as a whole begins anew, when somebody next does something in it.
    if (kind === 'undone' && [...phase.settled.values()].every(({ how }) => how === 'skipped')) phase.began = null
  }
  return phases
}

const SETTLES: readonly EntryKind[] = ['done', 'probed', 'skipped', 'adopted', 'attested']

/**
 * The last of what settled a phase; undefined where nothing did. What is skipped is nobody's doing, and counts where
 * nothing else was.
 */
export function lastSettling(phase: PhaseActual | undefined): Settling | undefined {
  const all = [...(phase?.settled.values() ?? [])]
  const doings = all.filter(({ how }) => how !== 'skipped')
  const counting = doings.length > 0 ? doings : all
  return counting.reduce<Settling | undefined>((a, b) => (a !== undefined && a.at >= b.at ? a : b), undefined)
}
