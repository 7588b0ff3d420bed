import { randomUUID } from 'node:crypto'
import { asOnboardError, worstExit } from '../errors.ts'
import type { Change, StepKey, StepResult } from '../model.ts'
import { keyText } from './keys.ts'
import type { JournalEntry, RunResult, Work } from './ports.ts'
import { standingEffects, titleOf } from './standing.ts'
import { takenBack } from './undo.ts'
import { undoEntry } from './undo-entry.ts'

/** What undoing everything left: a sentence for each step. */
export interface Unmade extends RunResult {
  readonly left: readonly { readonly step: string; readonly why: string }[]
}

/**
 * Undoes every effect of the journal that stands, newest first, whatever phase, procedure or former runbook it is of.
 * What nothing undoes (a mail that was sent) is left and said; what somebody changed since stops it, as in a rollback.
 */
export async function undoAll(work: Work): Promise<Unmade> {
  const run = randomUUID()
  const session = await work.session(run)
  try {
    work.reached?.('locked')
    const { entries } = await session.look('whole')
    const undoing = standingEffects(entries)
    const steps: StepResult[] = []
    const left = leftBefore(entries)
    const leave = (key: StepKey, why: string) => void left.set(keyText(key), why)
    const exits: number[] = []
    for (const entry of undoing) {
      const key = entry.key as StepKey
      const uses = String(entry.facts['uses'])
      const change = entry.detail['change'] as unknown as Change | undefined
      const about = { key, title: titleOf(work, key), uses, owner: [], secrets: [], next: null }
      work.emit({ type: 'step.started', key, title: about.title })
      const stays = await whyNot(work, entry)
      if (stays !== null) {
        leave(key, stays)
        steps.push({ ...about, outcome: 'unchanged', reason: stays, changes: [] })
      } else {
        try {
          const why = await undoEntry(work, session, run, entry, { all: entries, undoing })
          if (why !== null) leave(key, why)
          const changes = why === null ? takenBack(change) : []
          const reason = `undid entry ${entry.seq}${why === null ? '' : `: ${why}`}`
          steps.push({ ...about, outcome: 'undone', reason, changes })
        } catch (error) {
          const known = asOnboardError(error, 'undo-failed')
          if (known.kind === 'bug' || known.kind === 'unreachable') throw known
          steps.push({ ...about, outcome: 'failed', reason: known.message, changes: [] })
          exits.push(known.exit)
        }
      }
      work.emit({ type: 'step.ended', result: steps.at(-1) as StepResult })
      if (exits.length > 0) break
    }
    return {
      onboarding: work.onboarding.key, run, steps, head: await session.head(), warnings: 0, exit: worstExit(exits),
      left: [...left].map(([step, why]) => ({ step, why })),
    }
  } finally {
    await session.close()
  }
}

/** What earlier undoing, which was interrupted, has said that it left; of a step that was done again since, nothing. */
function leftBefore(entries: readonly JournalEntry[]): Map<string, string> {
  const left = new Map<string, string>()
  for (const { kind, key, detail } of entries) {
    if (key === null) continue
    if (kind === 'done') left.delete(keyText(key))
    if (kind === 'undone' && typeof detail['left'] === 'string') left.set(keyText(key), detail['left'])
  }
  return left
}

/** Why nothing undoes an effect; null where its action does. */
async function whyNot(work: Work, entry: JournalEntry): Promise<string | null> {
  const uses = String(entry.facts['uses'])
  if (entry.erased.length > 0) return 'what it was before was erased on request'
  const action = await work.catalogue.load(uses)
  if (action?.kind !== 'effect') return `the action ${uses} is not here any more`
  const change = entry.detail['change'] as unknown as Change | undefined
  return action.undo && change?.reversible !== false ? null : `${uses} cannot be undone`
}
