import { checkExpression } from '../cel/check.ts'
import { isDate } from '../cel/dates.ts'
import type { ExpressionFinding, Readable } from '../cel/walk.ts'

/** What is wrong with an expression that is to give a date. */
export function checkDate(source: string, readable: Readable): readonly ExpressionFinding[] {
  const checked = checkExpression(source, readable)
  if (checked.findings.length > 0) return checked.findings
  if (!checked.shape.optional && isDate(checked.shape.schema)) return []
  const offset = Math.max(source.search(/\S/), 0)
  return [{ offset, rule: 'expression-type', message: 'a date is needed here, such as handoff.dates.go_live' }]
}
