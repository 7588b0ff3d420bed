/** Effects of the journal that stand: done, and not undone. */
import { OnboardError } from '../errors.ts'
import type { StepKey } from '../model.ts'
import type { JournalEntry, Work } from './ports.ts'

export interface UndoTarget {
  /** The state before this phase, or before this step of it, is restored. */
  readonly phase: string
  readonly step: string | null
}

/** All of them, newest first. */
export function standingEffects(entries: readonly JournalEntry[]): readonly JournalEntry[] {
  const undone = new Set(entries.filter((e) => e.kind === 'undone').map((e) => e.facts['of']))
  return entries
    .filter((e) => e.kind === 'done' && e.facts['outcome'] === 'changed' && !undone.has(e.seq) && e.key !== null)
    .toReversed()
}

/** Those of the target and of all that comes after it in the runbook, newest first. */
export function undoable(work: Work, entries: readonly JournalEntry[], to: UndoTarget): readonly JournalEntry[] {
  const from = position(work, to.phase, to.step)
  if (from < 0) {
    const name = to.step === null ? to.phase : `${to.phase}.${to.step}`
    const message = `the runbook of ${work.onboarding.key} has no '${name}' to roll back to`
    throw new OnboardError('invalid', 'unknown-target', message, {
      suggestions: [`onboard status ${work.onboarding.key}`],
    })
  }
  return standingEffects(entries).filter(({ key }) => position(work, key?.phase ?? '', key?.step ?? '') >= from)
}

/** Place of a step (of a phase: of its first step) in the runbook's order; -1 where there is none. */
export function position({ runbook }: Pick<Work, 'runbook'>, phase: string, step: string | null): number {
  const order = runbook.phases.flatMap(({ id, steps }) => steps.map((one) => [id, one.id] as const))
  return order.findIndex(([p, s]) => p === phase && (step === null || s === step))
}

export function titleOf({ runbook }: Pick<Work, 'runbook'>, key: StepKey): string {
  const phase = runbook.phases.find(({ id }) => id === key.phase)
  return phase?.steps.find(({ id }) => id === key.step)?.title ?? key.step
}
