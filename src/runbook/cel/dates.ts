/** Dates among texts: they are `YYYY-MM-DD`, so that they compare as they follow one another. */
import type { Schema } from '../../model.ts'
import { alternativesOf, enumOf, kindsOf } from './shape.ts'

export const DATE: Schema = { type: 'string', format: 'date' }

/** Whether every value of this schema is a date, as far as it is known. */
export function isDate(schema: Schema | undefined): boolean {
  const kinds = kindsOf(schema)
  if (schema === undefined || kinds === undefined) return true
  const listed = enumOf(schema)
  if (listed !== undefined) return listed.every((one) => typeof one === 'string' && isDateText(one))
  const alternatives = schema['type'] === undefined ? alternativesOf(schema) : undefined
  if (alternatives !== undefined) return alternatives.every(isDate)
  return kinds.size === 1 && kinds.has('string') && schema['format'] === 'date'
}

/** A day that there is: 2026-02-30 is none. */
export function isDateText(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}
