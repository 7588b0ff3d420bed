import type { Work } from '../engine/ports.ts'
import type { UndoTarget } from '../engine/undo.ts'
import { OnboardError } from '../errors.ts'

/** `--to` as typed: a phase, or a step of one. Throws usage with what the runbook has. */
export function namedTarget(to: string, work: Work): UndoTarget {
  const [phase = '', step] = to.split('.', 2)
  const known = work.runbook.phases.find(({ id }) => id === phase)
  if (known && (step === undefined || known.steps.some(({ id }) => id === step))) return { phase, step: step ?? null }
  const names = known ? known.steps.map(({ id }) => `${phase}.${id}`) : work.runbook.phases.map(({ id }) => id)
  throw new OnboardError('usage', 'unknown-target', `The runbook of ${work.onboarding.key} has no '${to}' to roll back to; it has ${names.join(', ')}.`, {
    suggestions: [`onboard status ${work.onboarding.key}`],
  })
}
