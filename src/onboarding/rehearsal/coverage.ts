import type { Outcome, Runbook } from '../../model.ts'

export interface Part {
  readonly covered: number
  readonly total: number
  /** Names of what no test reached. */
  readonly missing: readonly string[]
}

export interface Coverage {
  /** Steps that were done, answered, waived or failed in some test. */
  readonly steps: Part
  /** Conditions that were true, and those that were false. */
  readonly branches: Part
}

/** Outcomes of every test → what of the runbook they have reached. Instances of a step count as the step. */
export function coverageOf(runbook: Runbook, reached: Iterable<readonly [step: string, outcome: Outcome]>): Coverage {
  const ran = new Set<string>()
  const skipped = new Set<string>()
  for (const [key, outcome] of reached) {
    const step = key.split('/')[0] ?? key
    if (outcome === 'skipped') skipped.add(step)
    else if (outcome !== 'blocked' && outcome !== 'waiting') ran.add(step)
    if (outcome === 'waiting') ran.add(`${step} met`)
  }
  const all = runbook.phases.flatMap((phase) => phase.steps.map((step) => ({ name: `${phase.id}.${step.id}`, when: step.when })))
  const branches = all.filter(({ when }) => when !== null).flatMap(({ name }) => [
    { name: `${name} where its condition holds`, met: ran.has(name) || ran.has(`${name} met`) },
    { name: `${name} where its condition does not hold`, met: skipped.has(name) },
  ])
  return { steps: part(all.map(({ name }) => ({ name, met: ran.has(name) }))), branches: part(branches) }
}

function part(all: readonly { readonly name: string; readonly met: boolean }[]): Part {
  const missing = all.filter(({ met }) => !met).map(({ name }) => name)
  return { covered: all.length - missing.length, total: all.length, missing }
}
