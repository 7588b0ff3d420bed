import type { ActionCatalogue } from '../actions/catalogue.ts'
import type { Evaluator } from '../engine/ports.ts'
import type { ActionSchemas, Runbook } from '../model.ts'
import { createEvaluator } from '../runbook/evaluate.ts'
import { SchemaNeeded } from '../runbook/interpreter.ts'

/** What evaluates a runbook's expressions; loads the actions that it names, and no others. */
export async function evaluatorOf(runbook: Runbook, catalogue: ActionCatalogue): Promise<Evaluator> {
  const used = [...runbook.phases, ...runbook.procedures].flatMap((phase) => phase.steps.map((step) => step.uses))
  return createEvaluator(runbook, await catalogue.schemas(used))
}

/**
 * What evaluates expressions that read no outputs of a step, as most `when:` do: no action is loaded for it. Throws
 * SchemaNeeded where an action's schema is wanted after all. Loading the actions of the shipped runbook takes four
 * times as long as loading CEL.
 */
export function plainEvaluatorOf(runbook: Runbook): Evaluator {
  const unloaded = { get: () => { throw new SchemaNeeded() } } as unknown as ActionSchemas
  return createEvaluator(runbook, unloaded)
}
