import { isObject, type Json, type Schema } from '../../model.ts'

/**
 * A value that fits a schema, always the same: what an action that is not run is taken to have given. A text takes the
 * value of the input of its name, where there is one; a map of which no field is declared has those of the inputs'
 * maps, as the row of a table has the columns that find it and that are set.
 */
export function sample(schema: Schema, name: string, input: Readonly<Record<string, unknown>>): Json {
  if ('const' in schema) return schema['const'] as Json
  if ('default' in schema && schema['default'] !== null) return schema['default'] as Json
  const choices = schema['enum']
  const given = input[name]
  if (Array.isArray(choices)) {
    return (choices.includes(given) ? given : (choices.find((one) => one !== null) ?? null)) as Json
  }
  const [first] = [schema['anyOf'] ?? schema['oneOf'] ?? []].flat() as Schema[]
  const declared = schema['type'] ?? (schema['properties'] === undefined ? undefined : 'object')
  const type = [declared].flat().find((one) => one !== 'null')
  switch (type) {
    case 'string':
      if (typeof given === 'string') return given
      if (schema['format'] === 'date') return '2026-01-05'
      return schema['format'] === 'date-time' ? '2026-01-05T09:00:00Z' : `sample-${name}`
    case 'integer':
    case 'number':
      return typeof given === 'number' ? given : Number(schema['minimum'] ?? 1)
    case 'boolean':
      return typeof given === 'boolean' ? given : true
    case 'array':
      if (Array.isArray(given)) return given as Json[]
      return Array.from({ length: Number(schema['minItems'] ?? 0) }, () => (
        sample((schema['items'] ?? {}) as Schema, name, input)
      ))
    case 'object': {
      if (schema['properties'] === undefined) {
        const maps = Object.values(input).map((one) => (isObject(one as Json) ? one : {}))
        return Object.assign({}, ...maps) as Json
      }
      const properties = Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Schema>>)
      const inside = typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : input
      return Object.fromEntries(properties.map(([key, one]) => [key, sample(one, key, inside)]))
    }
    default:
      return first === undefined ? null : sample(first, name, input)
  }
}
