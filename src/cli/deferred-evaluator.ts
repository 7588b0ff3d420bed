import type { Evaluator } from '../engine/ports.ts'
import { isDateText } from '../dates.ts'
import { dueOf, plainDate } from '../runbook/dates.ts'

/** Thrown where an expression's value is asked for after all. */
export class ExpressionNeeded extends Error {}

const needed = (): never => {
  throw new ExpressionNeeded()
}

/**
 * Stands in for the evaluator where none may be needed, as for the status of what is finished: CEL is not loaded then.
 */
export const deferredEvaluator: Evaluator = {
  when: needed,
  inputs: needed,
  bound: needed,
  instances: (step) => step.on?.map(({ key }) => key) ?? (step.for_each === null ? [''] : needed()),
  due: (phase, step, scope) => dueOf(phase, step, scope.each, scope.config, (at) => {
    const found = plainDate(at, scope)
    return found === null || (typeof found === 'string' && isDateText(found)) ? found : needed()
  }),
}
