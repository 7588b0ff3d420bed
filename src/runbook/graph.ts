/** A runbook as a graph: phases and steps, and what comes before what. */
import type { ActionSchema, ActionSchemas, Phase, Runbook } from '../model.ts'

export interface GraphStep {
  /** `phase.step`. */
  readonly id: string
  readonly title: string
  /** Whether a program does it, a program checks it, or a person says so. */
  readonly kind: ActionSchema['kind']
  /** It runs only under a condition. */
  readonly conditional: boolean
}

export interface GraphPhase {
  readonly id: string
  readonly title: string
  readonly owner: readonly string[]
  readonly procedure: boolean
  readonly steps: readonly GraphStep[]
}

export interface Edge {
  /** Comes first. */
  readonly from: string
  readonly to: string
}

export interface RunbookGraph {
  readonly phases: readonly GraphPhase[]
  /** Between phases. */
  readonly order: readonly Edge[]
  /** Between steps of one phase, by `phase.step`. */
  readonly needs: readonly Edge[]
}

/** Phases and steps in the order in which they are run. */
export function graphOf(runbook: Runbook, actions: ActionSchemas): RunbookGraph {
  const all = [...runbook.phases, ...runbook.procedures]
  return {
    phases: all.map((phase) => graphPhase(phase, runbook.procedures.includes(phase), actions)),
    order: all.flatMap(({ id, needs }) => needs.map((from) => ({ from, to: id }))),
    needs: all.flatMap(({ id, steps }) =>
      steps.flatMap((step) => step.needs.map((from) => ({ from: `${id}.${from}`, to: `${id}.${step.id}` }))),
    ),
  }
}

function graphPhase(phase: Phase, procedure: boolean, actions: ActionSchemas): GraphPhase {
  const steps = phase.steps.map(({ id, title, uses, when }) => ({
    id: `${phase.id}.${id}`,
    title,
    kind: actions.get(uses)?.kind ?? 'effect',
    conditional: when !== null,
  }))
  return { id: phase.id, title: phase.title, owner: phase.owner, procedure, steps }
}
