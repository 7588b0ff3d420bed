import type { Outcome, Phase, Runbook, Step } from '../../model.ts'

export interface Part {
  readonly covered: number
  readonly total: number
  /** Names of what no test reached. */
  readonly missing: readonly string[]
}

export interface Coverage {
  /** Steps that were done, answered, waived or failed in some test. */
  readonly steps: Part
  /** Conditions that were true, and those that were false; rows of decision tables that counted; days that came. */
  readonly branches: Part
}

/** What tests have reached: how steps ended, by key; and of decision tables the rows that counted, `phase.step 2`. */
export interface Reached {
  readonly outcomes: readonly (readonly [step: string, outcome: Outcome])[]
  readonly rows: readonly string[]
}

interface Branch {
  readonly name: string
  readonly met: boolean
}

/** What tests have reached of a runbook, its procedures too. Instances of a step count as the step. */
export function coverageOf(runbook: Runbook, { outcomes, rows }: Reached): Coverage {
  const ran = new Set<string>()
  const met = new Set<string>()
  const skipped = new Set<string>()
  const counted = new Set(rows)
  for (const [key, outcome] of outcomes) {
    const [step = key, instance] = key.split('/')
    if (outcome === 'skipped') skipped.add(step)
    else if (outcome !== 'blocked' && outcome !== 'waiting') {
      ran.add(step)
      ran.add(`${step}/${instance}`)
    }
    if (outcome === 'waiting') met.add(step)
  }
  const phases = [...runbook.phases, ...runbook.procedures]
  const all = phases.flatMap((phase) => phase.steps.map((step) => ({ name: `${phase.id}.${step.id}`, phase, step })))
  const branches = all.flatMap(({ name, phase, step }): Branch[] => [
    ...(step.when === null ? [] : [
      { name: `${name} where its condition holds`, met: ran.has(name) || met.has(name) },
      { name: `${name} where its condition does not hold`, met: skipped.has(name) },
    ]),
    ...rowsOf(step).map(({ row, outcome }) => (
      { name: `${name}, row ${row}${outcome}`, met: counted.has(`${name} ${row}`) }
    )),
    ...daysOf(runbook, phase, step).map((keys) => (
      { name: `${name} on ${keys[0]}`, met: keys.some((key) => ran.has(`${name}/${key}`)) }
    )),
  ])
  return { steps: part(all.map(({ name }) => ({ name, met: ran.has(name) }))), branches: part(branches) }
}

function rowsOf(step: Step): { readonly row: number; readonly outcome: string }[] {
  const { rows } = step.with
  if (step.uses !== 'decision' || !Array.isArray(rows)) return []
  return rows.map((row: { outcome?: unknown }, at) => (
    { row: at + 1, outcome: typeof row?.outcome === 'string' ? ` (${row.outcome})` : '' }
  ))
}

/** Keys of the instances of each day; of a procedure, in its first few times. */
function daysOf(runbook: Runbook, phase: Phase, step: Step): readonly (readonly string[])[] {
  const days = (step.on ?? []).map(({ key }) => key)
  if (!runbook.procedures.includes(phase)) return days.map((key) => [key])
  return days.map((key) => [key, ...[1, 2, 3].map((time) => `${time}.${key}`)])
}

function part(all: readonly Branch[]): Part {
  const missing = all.filter(({ met }) => !met).map(({ name }) => name)
  return { covered: all.length - missing.length, total: all.length, missing }
}
