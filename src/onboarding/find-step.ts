import { OnboardError } from '../errors.ts'
import type { Runbook, StepKey } from '../model.ts'

/** The step that a person named: `phase.step`, or `step` where it is unique; behind it `/instance` where it repeats. */
export function findStep(runbook: Runbook, name: string, customer: string): StepKey {
  const slash = name.indexOf('/')
  const [path, instance] = slash < 0 ? [name, ''] : [name.slice(0, slash), name.slice(slash + 1)]
  const all = [...runbook.phases, ...runbook.procedures]
    .flatMap((phase) => phase.steps.map((step) => ({ phase: phase.id, step: step.id })))
  const found = all.filter(({ phase, step }) => path === `${phase}.${step}` || path === step)
  if (found.length === 1 && found[0]) return { ...found[0], instance }
  if (found.length > 1) {
    const names = found.map((one) => `${one.phase}.${one.step}`).join(', ')
    throw new OnboardError(
      'usage', 'ambiguous-step', `'${path}' is the name of ${found.length} steps: ${names}`,
      { suggestions: [`onboard status ${customer}`] },
    )
  }
  throw new OnboardError(
    'usage', 'unknown-step', `the runbook of ${customer} has no step '${path}'`,
    { suggestions: [`onboard status ${customer}`] },
  )
}
