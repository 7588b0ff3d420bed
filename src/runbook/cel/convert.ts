/** JSON to CEL values and back. Integers are exact: the schema says which numbers are integers. */
import type { Json, Schema } from '../../model.ts'
import { instantText, spanText } from './functions.ts'
import { alternativesOf, kindsOf, propertiesOf, subschema } from './shape.ts'

/**
 * A CEL value of JSON: integers become BigInt where the schema says `integer`, or says nothing and they are whole;
 * a `number` stays a double even where it is whole. Objects lose their prototype, so no inherited name is a field.
 */
export function toCel(value: unknown, schema: Schema | undefined): unknown {
  if (value === undefined) return null
  if (typeof value === 'number') return isInteger(value, schema) ? BigInt(value) : value
  if (Array.isArray(value)) {
    const items = subschema(schema?.['items'])
    return value.map((item) => toCel(item, items))
  }
  if (typeof value !== 'object' || value === null) return value
  const fitting = schema && objectSchema(schema)
  const properties = fitting && propertiesOf(fitting)
  const others = subschema(fitting?.['additionalProperties'])
  const result: Record<string, unknown> = Object.create(null)
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) result[key] = toCel(item, properties?.[key] ?? others)
  }
  return result
}

function isInteger(value: number, schema: Schema | undefined): boolean {
  if (!Number.isSafeInteger(value)) return false
  const kinds = kindsOf(schema)
  return kinds === undefined || kinds.has('int') || !kinds.has('double')
}

function objectSchema(schema: Schema): Schema {
  return alternativesOf(schema)?.find((one) => kindsOf(one)?.has('map')) ?? schema
}

/** Stands for an optional without a value, or with null in it: the field or item it would fill is left out. */
export const ABSENT: unique symbol = Symbol('absent')

interface OptionalValue {
  hasValue(): boolean
  value(): unknown
}

function isOptional(value: object): value is OptionalValue {
  return 'hasValue' in value && typeof value.hasValue === 'function'
}

/** JSON of a CEL value, or ABSENT. Throws RangeError for what JSON cannot hold exactly. */
export function fromCel(value: unknown): Json | typeof ABSENT {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`${value} is not a number that can be passed on`)
    return value
  }
  if (typeof value === 'bigint') {
    if (!Number.isSafeInteger(Number(value))) throw new RangeError(`${value} is too large for an exact integer`)
    return Number(value)
  }
  if (Array.isArray(value)) return value.map(fromCel).filter((item) => item !== ABSENT)
  if (typeof value !== 'object') throw new RangeError('the value cannot be passed on')
  if (value instanceof Date) return instantText(value)
  if (Object.prototype.toString.call(value) === '[object google.protobuf.Duration]') return spanText(value)
  if (isOptional(value)) return value.hasValue() && value.value() !== null ? fromCel(value.value()) : ABSENT
  const prototype: unknown = Object.getPrototypeOf(value)
  if (value instanceof Map || prototype === null || prototype === Object.prototype) return fromMap(value)
  throw new RangeError('the value is neither text, number, true or false, list nor map')
}

function fromMap(value: object): Json {
  const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value)
  const result: Record<string, Json> = {}
  for (const [key, item] of entries) {
    const json = fromCel(item)
    if (json === ABSENT) continue
    Object.defineProperty(result, String(key), { value: json, enumerable: true, configurable: true, writable: true })
  }
  return result
}
