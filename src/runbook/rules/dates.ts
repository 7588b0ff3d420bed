import { checkExpression } from '../cel/check.ts'
import { isDate } from '../cel/dates.ts'
import type { Facts } from '../cel/facts.ts'
import { withoutNull } from '../cel/shape.ts'
import type { ExpressionFinding, Readable } from '../cel/walk.ts'

/** What is wrong with an expression that is to give a date; `orNull`: or null, where the date is not known yet. */
export function checkDate(
  source: string, readable: Readable, orNull = false, facts: Facts = new Set(),
): readonly ExpressionFinding[] {
  const checked = checkExpression(source, readable, facts)
  if (checked.findings.length > 0) return checked.findings
  const { schema, optional } = checked.shape
  if (!optional && isDate(orNull && schema !== undefined ? withoutNull(schema) : schema)) return []
  const offset = Math.max(source.search(/\S/), 0)
  return [{ offset, rule: 'expression-type', message: 'a date is needed here, such as handoff.dates.go_live' }]
}
