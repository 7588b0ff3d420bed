/** Resources as clients send them → as they are kept; and as they are kept → as clients see them. */
import { isObject, type Json, type JsonObject } from '../../model.ts'
import { ScimError } from './error.ts'
import { asBoolean, isPresent } from './filter/evaluate.ts'
import { type Attribute, named, type ResourceType } from './schema.ts'

/** Longer lists and deeper or longer values are refused before anything looks at them. */
const MOST_ELEMENTS = 1_000
const LONGEST_TEXT = 32_768
const DEEPEST = 6
/** Names that stand for something in JavaScript and in no schema. */
const UNSAFE: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * A resource as it was sent → with the names of the schema, of the attributes that may be written; null and empty
 * values left out, which is the same as not having them (RFC 7643 §2.5). Attributes that the schema does not know are
 * left out, because directories send them. Throws ScimError 400 invalidValue or invalidSyntax.
 */
export function written(type: ResourceType, sent: Json): JsonObject {
  if (!isObject(sent)) throw new ScimError(400, 'invalidSyntax', 'the body is no JSON object')
  bounded(sent, 0)
  const kept: Record<string, Json> = {}
  for (const [name, value] of Object.entries(sent)) {
    const urn = [...type.extensions.keys()].find((one) => one.toLowerCase() === name.toLowerCase())
    if (urn !== undefined) {
      const own = isObject(value) ? attributesOf(type.extensions.get(urn) ?? [], value, `${urn}:`) : {}
      if (Object.keys(own).length > 0) kept[urn] = own
      continue
    }
    const attribute = named(type.attributes, name)
    if (attribute === undefined || attribute.mutability === 'readOnly' || attribute.name === 'schemas') continue
    const found = valueOf(attribute, value, attribute.name)
    if (found !== undefined) kept[attribute.name] = found
  }
  return kept
}

/** What must be there is there. Throws ScimError 400 invalidValue. */
export function complete(type: ResourceType, resource: JsonObject): void {
  for (const { name, required } of type.attributes) {
    if (required && !isPresent(resource[name])) throw new ScimError(400, 'invalidValue', `${name} is missing`)
  }
}

function attributesOf(attributes: readonly Attribute[], value: JsonObject, where: string): JsonObject {
  const kept: Record<string, Json> = {}
  for (const [name, inner] of Object.entries(value)) {
    const attribute = named(attributes, name)
    if (attribute === undefined || attribute.mutability === 'readOnly') continue
    const found = valueOf(attribute, inner, `${where}${attribute.name}`)
    if (found !== undefined) kept[attribute.name] = found
  }
  return kept
}

/** A value of an attribute, as its type has it; undefined: none. Throws ScimError 400 invalidValue. */
export function valueOf(attribute: Attribute, value: Json, where: string): Json | undefined {
  if (value === null || value === '') return undefined
  if (!attribute.multiValued) return oneOf(attribute, value, where)
  const elements = (Array.isArray(value) ? (value as readonly Json[]) : [value]).flatMap(
    (one) => oneOf(attribute, one, where) ?? [],
  )
  if (elements.length === 0) return undefined
  return singlePrimary(elements)
}

function oneOf(attribute: Attribute, value: Json, where: string): Json | undefined {
  if (value === null || value === '') return undefined
  // What is never returned, such as a password, is not returned in an error either.
  const shown = attribute.returned === 'never' ? 'something' : JSON.stringify(value).slice(0, 60)
  const wrong = (what: string) => new ScimError(400, 'invalidValue', `${where} is ${shown}, not ${what}`)
  switch (attribute.type) {
    case 'boolean':
      // Entra ID sends "True" and "False".
      return asBoolean(value) ?? thrown(wrong('true or false'))
    case 'complex': {
      // A list's element may be its value alone; Entra ID sends a manager so.
      const simple = typeof value === 'string' && named(attribute.sub, 'value') !== undefined
      if (!simple && !isObject(value)) throw wrong('an object')
      const inner = attributesOf(attribute.sub, simple ? { value } : (value as JsonObject), `${where}.`)
      return Object.keys(inner).length === 0 ? undefined : inner
    }
    default:
      if (typeof value === 'number' || typeof value === 'boolean') return String(value)
      if (typeof value !== 'string') throw wrong('a text')
      return value
  }
}

/** Of several that say they are primary the last one is: it was sent last (RFC 7643 §2.4 allows one). */
export function singlePrimary(elements: readonly Json[]): readonly Json[] {
  const last = elements.findLastIndex((one) => isObject(one) && one['primary'] === true)
  return elements.map((one, at) =>
    at !== last && isObject(one) && one['primary'] === true ? { ...one, primary: false } : one,
  )
}

function bounded(value: Json, depth: number): void {
  if (depth > DEEPEST) throw new ScimError(400, 'invalidValue', `the body is nested deeper than ${DEEPEST}`)
  if (typeof value === 'string' && value.length > LONGEST_TEXT)
    throw new ScimError(400, 'invalidValue', `a text is longer than ${LONGEST_TEXT}`)
  if (typeof value === 'string' && !value.isWellFormed())
    throw new ScimError(400, 'invalidValue', 'a text has half a character in it')
  if (value === null || typeof value !== 'object') return
  if (Array.isArray(value) && depth > 1 && value.length > MOST_ELEMENTS)
    throw new ScimError(400, 'tooMany', `a list has more than ${MOST_ELEMENTS} elements`)
  for (const [name, inner] of Object.entries(value)) {
    if (UNSAFE.has(name)) throw new ScimError(400, 'invalidSyntax', `${name} is no attribute`)
    bounded(inner as Json, depth + 1)
  }
}

function thrown(error: Error): never {
  throw error
}
