import type { ActionCatalogue } from '../actions/catalogue.ts'
import type { Evaluator } from '../engine/ports.ts'
import type { Runbook } from '../model.ts'
import { createEvaluator } from '../runbook/evaluate.ts'

/** What evaluates a runbook's expressions; loads the actions that it names, and no others. */
export async function evaluatorOf(runbook: Runbook, catalogue: ActionCatalogue): Promise<Evaluator> {
  const used = [...runbook.phases, ...runbook.procedures].flatMap((phase) => phase.steps.map((step) => step.uses))
  return createEvaluator(runbook, await catalogue.schemas(used))
}
