import type { Evaluator } from '../engine/ports.ts'

/** Thrown where an expression's value is asked for after all. */
export class ExpressionNeeded extends Error {}

const needed = (): never => {
  throw new ExpressionNeeded()
}

/** Stands in for the evaluator where none may be needed, as for the status of what is finished: CEL is not loaded then. */
export const deferredEvaluator: Evaluator = {
  when: needed,
  inputs: needed,
  bound: needed,
  instances: (step) => (step.for_each === null ? [''] : needed()),
}
