/** What the checker reads out of a JSON Schema: which kinds of value it allows, and which fields they have. */
import type { Schema } from '../../model.ts'

/** Instants and durations are inside expressions alone: outside they are texts. */
export type Kind = 'string' | 'int' | 'double' | 'bool' | 'list' | 'map' | 'null' | 'timestamp' | 'duration'

/** The type of a value as far as it is known. */
export interface Shape {
  /** undefined: nothing is known of it. */
  readonly schema: Schema | undefined
  /** A CEL optional: it may hold no value at all. */
  readonly optional?: boolean
  /** The path that it was read by, `handoff.technical.sso`; facts about paths are kept by this. */
  readonly path?: string
}

export const ANY: Shape = { schema: undefined }

const KIND_OF_TYPE: Readonly<Record<string, Kind>> = {
  string: 'string', integer: 'int', number: 'double', boolean: 'bool', array: 'list', object: 'map', null: 'null',
  timestamp: 'timestamp', duration: 'duration',
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A schema as a value of another schema's keyword, or undefined. */
export function subschema(value: unknown): Schema | undefined {
  return isSchema(value) ? value : undefined
}

/** Kinds of value that a schema allows, null included; undefined where it does not say. */
export function kindsOf(schema: Schema | undefined): ReadonlySet<Kind> | undefined {
  if (schema === undefined) return undefined
  if ('const' in schema) return new Set([kindOfValue(schema['const'])])
  const listed = schema['type']
  if (typeof listed === 'string' || Array.isArray(listed)) {
    const names = typeof listed === 'string' ? [listed] : listed
    return new Set(names.flatMap((name) => KIND_OF_TYPE[String(name)] ?? []))
  }
  if (Array.isArray(schema['enum'])) return new Set(schema['enum'].map(kindOfValue))
  const alternatives = alternativesOf(schema)
  if (alternatives === undefined) return schema['properties'] === undefined ? undefined : new Set<Kind>(['map'])
  const union = new Set<Kind>()
  for (const one of alternatives) {
    const kinds = kindsOf(one)
    if (kinds === undefined) return undefined
    for (const kind of kinds) union.add(kind)
  }
  return union
}

/** Whether a value of these kinds is surely one of those; what is not known is taken to be. */
export function only(kinds: ReadonlySet<Kind> | undefined, ...wanted: readonly Kind[]): boolean {
  return kinds === undefined || [...kinds].every((kind) => wanted.includes(kind))
}

/** The kind of a value of JSON or of CEL. */
export function kindOfValue(value: unknown): Kind {
  if (value === null) return 'null'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'double'
  if (value instanceof Date) return 'timestamp'
  return Array.isArray(value) ? 'list' : 'map'
}

/** The schemas of `anyOf` or `oneOf`, or undefined where there are none. */
export function alternativesOf(schema: Schema): readonly Schema[] | undefined {
  const listed = schema['anyOf'] ?? schema['oneOf']
  return Array.isArray(listed) ? listed.filter(isSchema) : undefined
}

export function mayBeNull(schema: Schema | undefined): boolean {
  return kindsOf(schema)?.has('null') ?? false
}

/** The schema without its null: of `anyOf: [X, null]` it is X. */
export function withoutNull(schema: Schema): Schema {
  const rest = alternativesOf(schema)
    ?.filter((one) => !(kindsOf(one)?.size === 1 && kindsOf(one)?.has('null')))
    .map(withoutNull)
  if (rest?.length === 1 && rest[0] !== undefined) return rest[0]
  if (rest !== undefined && schema['type'] === undefined) return { anyOf: rest }
  const type = schema['type']
  if (!Array.isArray(type) || !type.includes('null')) return schema
  const types = type.filter((name) => name !== 'null')
  return { ...schema, type: types.length === 1 ? types[0] : types }
}

export function nullable(schema: Schema): Schema {
  if (mayBeNull(schema)) return schema
  const type = schema['type']
  if (typeof type === 'string') return { ...schema, type: [type, 'null'] }
  return { anyOf: [schema, { type: 'null' }] }
}

/** What the items of a list may be; of one of several lists, any of their items. undefined where it is not known. */
export function itemsOf(schema: Schema | undefined): Schema | undefined {
  if (schema === undefined) return undefined
  const alternatives = schema['type'] === undefined ? alternativesOf(schema) : undefined
  if (alternatives === undefined) return subschema(schema['items'])
  const items = alternatives.map(itemsOf)
  return items.includes(undefined) ? undefined : { anyOf: items }
}

/** Declared fields of an object schema; undefined where it declares none. */
export function propertiesOf(schema: Schema): Readonly<Record<string, Schema>> | undefined {
  const properties = schema['properties']
  return isSchema(properties) ? (properties as Record<string, Schema>) : undefined
}

/** Whether a field is there in every valid object, because it is required or has a default. */
export function isSure(schema: Schema, key: string): boolean {
  const required = schema['required']
  if (Array.isArray(required) && required.includes(key)) return true
  const field = propertiesOf(schema)?.[key]
  return field !== undefined && 'default' in field
}

/** Values that an `enum` or `const` allows; undefined where there is neither. */
export function enumOf(schema: Schema | undefined): readonly unknown[] | undefined {
  if (schema === undefined) return undefined
  if ('const' in schema) return [schema['const']]
  return Array.isArray(schema['enum']) ? schema['enum'] : undefined
}

/** The schema with every `$ref` into itself replaced by what it names; a recursive one becomes unknown. */
export function inlined(schema: Schema): Schema {
  const visit = (value: unknown, open: readonly string[]): unknown => {
    if (Array.isArray(value)) return value.map((item) => visit(item, open))
    if (!isSchema(value)) return value
    const reference = value['$ref']
    if (typeof reference === 'string') {
      if (!reference.startsWith('#') || open.includes(reference)) return {}
      return visit(at(schema, reference), [...open, reference])
    }
    const entries = Object.entries(value).filter(([key]) => key !== 'definitions' && key !== '$defs')
    return Object.fromEntries(entries.map(([key, item]) => [key, visit(item, open)]))
  }
  return visit(schema, []) as Schema
}

function at(schema: Schema, pointer: string): unknown {
  const keys = pointer.slice(1).split('/').filter((key) => key !== '')
  return keys.reduce<unknown>((value, key) => {
    const name = decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~')
    return isSchema(value) ? value[name] : undefined
  }, schema) ?? {}
}
