import type { Schema } from '../model.ts'

/**
 * The schema of a document as expressions see it after intake: what has a default or is derived (`x-derived`) is always
 * there, `x-seen` replaces a property's schema, and rules about how to write it (if/then) are gone.
 */
export function seenSchema(schema: Schema): Schema {
  const replaced = schema['x-seen']
  if (isSchema(replaced)) return seenSchema(replaced)
  const { allOf: _all, if: _if, then: _then, else: _else, 'x-derived': _derived, ...kept } = schema
  const properties = isSchema(kept['properties']) ? kept['properties'] : undefined
  const result: Record<string, unknown> = { ...kept }
  if (properties !== undefined) {
    const always = Object.keys(properties).filter((name) => {
      const property = properties[name]
      return isSchema(property) && ('default' in property || property['x-derived'] === true)
    })
    const required = new Set([...((kept['required'] as string[] | undefined) ?? []), ...always])
    if (required.size > 0) result['required'] = [...required]
    result['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, one]) => [name, isSchema(one) ? seenSchema(one) : one]),
    )
  }
  if (isSchema(kept['items'])) result['items'] = seenSchema(kept['items'])
  if (isSchema(kept['additionalProperties'])) result['additionalProperties'] = seenSchema(kept['additionalProperties'])
  return result
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
