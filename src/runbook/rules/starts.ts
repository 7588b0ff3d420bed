import type { Rule } from '../draft.ts'
import { readableOf, sayExpression } from '../readable.ts'
import { checkDate } from './dates.ts'

/** The `starts.at` of a phase must be an expression that gives a date. */
export const starts: Rule = (draft) => {
  for (const { phase, document } of draft.phases) {
    const at = phase.starts?.at
    if (at !== undefined) sayExpression(draft.findings, document, ['starts', 'at'], 0, checkDate(at, readableOf(draft)))
  }
}
