/** Dates among texts: they are `YYYY-MM-DD`, so that they compare as they follow one another. */
import type { Schema } from '../../model.ts'
import { isDateText } from '../../dates.ts'
import { isInstantText } from './functions.ts'
import { alternativesOf, enumOf, kindsOf } from './shape.ts'

export const DATE: Schema = { type: 'string', format: 'date' }

/** Whether every value of this schema is a date, as far as it is known. */
export function isDate(schema: Schema | undefined): boolean {
  return allOf(schema, 'date', isDateText)
}

/** Whether every value of this schema is an instant, as far as it is known. */
export function isInstant(schema: Schema | undefined): boolean {
  return allOf(schema, 'date-time', isInstantText)
}

function allOf(schema: Schema | undefined, format: string, is: (text: string) => boolean): boolean {
  const kinds = kindsOf(schema)
  if (schema === undefined || kinds === undefined) return true
  const listed = enumOf(schema)
  if (listed !== undefined) return listed.every((one) => typeof one === 'string' && is(one))
  const alternatives = schema['type'] === undefined ? alternativesOf(schema) : undefined
  if (alternatives !== undefined) return alternatives.every((one) => allOf(one, format, is))
  return kinds.size === 1 && kinds.has('string') && schema['format'] === format
}
