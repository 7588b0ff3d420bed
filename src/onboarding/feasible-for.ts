import { RuledOut } from '../engine/ruled-out.ts'
import type { Inputs, JsonObject, Runbook } from '../model.ts'
import { createEvaluator } from '../runbook/evaluate.ts'
import type { Config } from './config.ts'
import { feasibility, type Feasibility } from './feasibility.ts'

/** A handoff that can be accepted. */
export interface Wanted {
  readonly document: JsonObject
  readonly discovery: JsonObject | null
}

/**
 * Whether what this customer needs of a runbook can be done by its go-live, from today (`YYYY-MM-DD`) on; null as in
 * `feasibility`.
 */
export async function feasibleFor(
  runbook: Runbook, { document, discovery }: Wanted, config: Config, today: string,
): Promise<Feasibility | null> {
  const { go_live } = document['dates'] as { go_live: string }
  const idle = idlePhases(runbook, { handoff: document, discovery, config: config as unknown as JsonObject })
  return feasibility(runbook, go_live, today, config.holidays, document, idle)
}

/**
 * Ids of the phases in which there is nothing to do for these inputs, whatever comes of their steps: before an
 * onboarding has a journal.
 */
function idlePhases(runbook: Runbook, inputs: Omit<Inputs, 'onboarding'>): ReadonlySet<string> {
  // Nothing is read of outputs, so that no schema of theirs is needed.
  const ruledOut = new RuledOut(runbook, createEvaluator(runbook, new Map()))
  const idle = runbook.phases.filter((phase) => phase.steps.every(
    (step) => ruledOut.has(phase, step, { ...inputs, onboarding: {}, outputs: new Map(), phase: phase.id }),
  ))
  return new Set(idle.map(({ id }) => id))
}
