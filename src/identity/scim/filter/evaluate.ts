import { isObject, type Json, type JsonObject } from '../../../model.ts'
import { type Attribute, named, placeOf, type ResourceType } from '../schema.ts'
import type { Comparison, Filter, Literal } from './filter.ts'

/** Does a resource, as it is returned, match the filter? The plain meaning that the SQL of a filter must agree with. */
export function matches(type: ResourceType, resource: JsonObject, filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.of.every((one) => matches(type, resource, one))
    case 'or':
      return filter.of.some((one) => matches(type, resource, one))
    case 'not':
      return !matches(type, resource, filter.of)
    case 'present':
      return valuesAt(type, resource, filter.path).values.some(isPresent)
    case 'compare': {
      const { values, attribute } = valuesAt(type, resource, filter.path)
      return compareAny(values, attribute, filter.op, filter.value)
    }
    case 'element': {
      const place = placeOf(type, filter.path)
      if (place === undefined) return false
      const whole = within(resource, place.extension)?.[place.attribute.name]
      return list(whole).some((one) => isObject(one) && matchesElement(place.attribute, one, filter.of))
    }
  }
}

/** The same of one element of a list, whose attributes the filter names directly: `type eq "work"`. */
export function matchesElement(attribute: Attribute, element: JsonObject, filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.of.every((one) => matchesElement(attribute, element, one))
    case 'or':
      return filter.of.some((one) => matchesElement(attribute, element, one))
    case 'not':
      return !matchesElement(attribute, element, filter.of)
    case 'element':
      return false
    default: {
      const sub = named(attribute.sub, filter.path)
      const value = sub === undefined ? undefined : element[sub.name]
      if (filter.kind === 'present') return isPresent(value)
      return compareAny(value === undefined ? [] : [value], sub, filter.op, filter.value)
    }
  }
}

/**
 * A list matches where one of its values does; ne is the opposite of eq, so that it holds where no value is the one
 * named, and where there is none.
 */
function compareAny(
  values: readonly (Json | undefined)[],
  attribute: Attribute | undefined,
  op: Comparison,
  wanted: Literal,
): boolean {
  if (op === 'ne') return !compareAny(values, attribute, 'eq', wanted)
  if (wanted === null) return op === 'eq' && !values.some(isPresent)
  return values.some((value) => value !== undefined && value !== null && compare(value, attribute, op, wanted))
}

function compare(
  value: Json,
  attribute: Attribute | undefined,
  op: Comparison,
  wanted: Exclude<Literal, null>,
): boolean {
  if (attribute?.type === 'boolean') return op === 'eq' && value === asBoolean(wanted)
  if (attribute?.type === 'dateTime') return ordered(Date.parse(String(value)) - Date.parse(String(wanted)), op)
  if (typeof value === 'object') return false
  const [a, b] = [String(value), String(wanted)].map((text) => (attribute?.caseExact ? text : text.toLowerCase())) as [
    string,
    string,
  ]
  switch (op) {
    case 'co':
      return a.includes(b)
    case 'sw':
      return a.startsWith(b)
    case 'ew':
      return a.endsWith(b)
    default:
      return ordered(Buffer.compare(Buffer.from(a), Buffer.from(b)), op)
  }
}

function ordered(difference: number, op: Comparison): boolean {
  if (Number.isNaN(difference)) return false
  return (
    { eq: difference === 0, gt: difference > 0, ge: difference >= 0, lt: difference < 0, le: difference <= 0 }[
      op as 'eq'
    ] ?? false
  )
}

/** true and false, also as the texts that Entra ID sends; undefined: neither. */
export function asBoolean(value: Json): boolean | undefined {
  if (typeof value === 'boolean') return value
  const lower = typeof value === 'string' ? value.toLowerCase() : ''
  return lower === 'true' ? true : lower === 'false' ? false : undefined
}

/**
 * Values of a path in a resource: of a list's sub-attribute one for each element;
 * of a list itself those of its elements.
 */
function valuesAt(
  type: ResourceType,
  resource: JsonObject,
  path: string,
): { values: readonly (Json | undefined)[]; attribute: Attribute | undefined } {
  const place = placeOf(type, path)
  if (place === undefined) return { values: [], attribute: undefined }
  const { attribute, sub } = place
  const whole = within(resource, place.extension)?.[attribute.name]
  // `emails co "x"` asks for the values of the list (RFC 7644 §3.4.2.2).
  const below =
    sub ?? (attribute.multiValued && attribute.type === 'complex' ? named(attribute.sub, 'value') : undefined)
  if (below === undefined) return { values: attribute.multiValued ? list(whole) : [whole], attribute }
  return { values: list(whole).map((one) => (isObject(one) ? one[below.name] : undefined)), attribute: below }
}

function within(resource: JsonObject, extension: string | null): JsonObject | undefined {
  if (extension === null) return resource
  const own = resource[extension]
  return isObject(own) ? own : undefined
}

function list(value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return []
  return Array.isArray(value) ? (value as readonly Json[]) : [value]
}

/** Has a value, or a part that has one (RFC 7644 §3.4.2.2, pr). */
export function isPresent(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return false
  if (typeof value !== 'object') return true
  return Object.values(value).some(isPresent)
}
