import { randomUUID } from 'node:crypto'
import { asOnboardError, worstExit } from '../errors.ts'
import type { Change, FieldChange, StepKey, StepResult } from '../model.ts'
import { fieldChanges } from './differences.ts'
import { keyText } from './keys.ts'
import type { RunResult, Work } from './ports.ts'
import { titleOf, undoable, type UndoTarget } from './standing.ts'
import { CORRECTED, isCorrection, obstacle, undoEntry } from './undo-entry.ts'

/** What undo would do, newest entry first. */
export interface UndoPlan {
  readonly onboarding: string
  readonly to: UndoTarget
  readonly steps: readonly {
    readonly key: StepKey
    readonly title: string
    /** Sequence number of the entry that is undone. */
    readonly of: number
    readonly target: string
    /** Before → after as undoing makes it. */
    readonly changes: readonly FieldChange[]
    /** What undoing it leaves as it is, where that is known beforehand. */
    readonly stays: string | null
    /** Why undo will stop here, where that can be seen beforehand. */
    readonly obstacle: string | null
  }[]
}

/** Shows what undo would do; looks only at the journal. */
export async function planUndo(work: Work, to: UndoTarget): Promise<UndoPlan> {
  return work.reading(async (_read, look) => {
    const undoing = undoable(work, look.entries, to)
    const steps = []
    for (const entry of undoing) {
      const key = entry.key as StepKey
      const action = await work.catalogue.load(String(entry.facts['uses']))
      const corrected = isCorrection({ all: look.entries, undoing }, entry, action)
      const change = entry.detail['change'] as unknown as Change | undefined
      steps.push({
        key,
        title: titleOf(work, key),
        of: entry.seq,
        target: change?.target ?? keyText(key),
        changes: corrected ? [] : takenBack(change),
        stays: corrected ? CORRECTED : null,
        obstacle: obstacle(entry, action),
      })
    }
    return { onboarding: work.onboarding.key, to, steps }
  }, 'whole')
}

/**
 * Walks the journal's effects newest first, back to before `to`, and undoes each in a transaction with the entry that
 * says so. Resumable: what was undone is not undone twice.
 * Stops at the first conflict, which keeps what was done so far.
 */
export async function undo(work: Work, to: UndoTarget): Promise<RunResult> {
  const run = randomUUID()
  const session = await work.session(run)
  try {
    work.reached?.('locked')
    const { entries } = await session.look('whole')
    const undoing = undoable(work, entries, to)
    const steps: StepResult[] = []
    const exits: number[] = []
    for (const entry of undoing) {
      const key = entry.key as StepKey
      const uses = String(entry.facts['uses'])
      const about = { key, title: titleOf(work, key), uses, owner: [], secrets: [], next: null }
      work.emit({ type: 'step.started', key, title: about.title })
      try {
        const stays = await undoEntry(work, session, run, entry, { all: entries, undoing })
        const changes = stays === null ? takenBack(entry.detail['change'] as unknown as Change) : []
        const reason = `undid entry ${entry.seq}${stays === null ? '' : `: ${stays}`}`
        steps.push({ ...about, outcome: 'undone', reason, changes })
      } catch (error) {
        const known = asOnboardError(error, 'undo-failed')
        if (known.kind === 'bug' || known.kind === 'unreachable') throw known
        const next = known.suggestions[0] ?? null
        steps.push({ ...about, outcome: 'failed', reason: known.message, changes: [], next })
        exits.push(known.exit)
      }
      work.emit({ type: 'step.ended', result: steps.at(-1) as StepResult })
      if (exits.length > 0) break
    }
    const head = await session.head()
    return { onboarding: work.onboarding.key, run, steps, head, warnings: 0, exit: worstExit(exits) }
  } finally {
    await session.close()
  }
}

/** The fields of a change, as undoing it makes them. */
export function takenBack(change: Change | undefined): readonly FieldChange[] {
  return fieldChanges(change ? { ...change, before: change.after, after: change.before } : null)
}
