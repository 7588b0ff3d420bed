import type { Rule } from '../draft.ts'
import { readableOf, sayExpression } from '../readable.ts'
import { checkDate } from './dates.ts'

/** The `starts.at` of a phase or a step must be an expression that gives a date, or null while there is none. */
export const starts: Rule = (draft) => {
  const readable = readableOf(draft)
  for (const { phase, steps, document } of draft.phases) {
    const dated = [
      { at: phase.starts?.at, path: [] as (string | number)[] },
      ...steps.map(({ step, path }) => ({ at: step.starts?.at, path })),
    ]
    for (const { at, path } of dated) {
      if (at === undefined || at === '') continue
      sayExpression(draft.findings, document, [...path, 'starts', 'at'], 0, checkDate(at, readable, true))
    }
  }
}
