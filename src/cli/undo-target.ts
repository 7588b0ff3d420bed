import { livePhase } from '../engine/past.ts'
import type { Work } from '../engine/ports.ts'
import type { UndoTarget } from '../engine/standing.ts'
import { OnboardError } from '../errors.ts'

/** What is said of why: only a procedure reads it. */
interface Said {
  readonly condition?: string | undefined
  readonly reason?: string | undefined
  readonly issue?: string | undefined
}

/**
 * `--to` as typed: a phase, or a step of one.
 * Throws usage with what the runbook has, and where a reason is given too.
 */
export function namedTarget(to: string, work: Work, said: Said): UndoTarget {
  refuseReasons(said, `--to only undoes what the journal has`, [`onboard rollback ${work.onboarding.key} --to ${to}`])
  const [phase = '', step] = to.split('.', 2)
  const known = work.runbook.phases.find(({ id }) => id === phase)
  if (known && (step === undefined || known.steps.some(({ id }) => id === step))) return { phase, step: step ?? null }
  const names = known ? known.steps.map(({ id }) => `${phase}.${id}`) : work.runbook.phases.map(({ id }) => id)
  const { key } = work.onboarding
  const message = `The runbook of ${key} has no '${to}' to roll back to; it has ${names.join(', ')}.`
  throw new OnboardError('usage', 'unknown-target', message, { suggestions: [`onboard status ${key}`] })
}

/**
 * The state before go-live, where a runbook has no procedure to roll back by. Throws usage where it has no go-live
 * either, and where something is said that only a procedure could know.
 */
export function beforeLive(work: Work, said: Said): UndoTarget {
  const { key } = work.onboarding
  const phases = work.runbook.phases.map(({ id }) => id)
  const retype = {
    suggestions: [`onboard rollback ${key} --to ${livePhase(work.runbook)?.id ?? phases.at(-1) ?? 'PHASE'}`],
  }
  refuseReasons(said, `The runbook of ${key} has no procedure 'rollback'`, retype.suggestions)
  const live = livePhase(work.runbook)
  if (live) return { phase: live.id, step: null }
  const message = `How far back? The runbook of ${key} has no procedure 'rollback', `
    + `and no phase that gives production access; it has ${phases.join(', ')}.`
  throw new OnboardError('usage', 'target-missing', message, retype)
}

function refuseReasons(said: Said, why: string, suggestions: readonly string[]): void {
  const extra = (['condition', 'reason', 'issue'] as const).find((name) => said[name] !== undefined)
  if (extra === undefined) return
  throw new OnboardError('usage', 'no-procedure', `${why}: nothing reads --${extra}.`, { suggestions })
}
