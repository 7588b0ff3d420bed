import { shippedSchema } from '../input/shipped.ts'
import type { Json, JsonObject, Schema } from '../model.ts'

/** From here on a comment stands in a line of its own width. */
const COLUMN = 44

/**
 * A handoff as a YAML file for people: every field of the schema in its order with what it is; those that were left out
 * are commented.
 */
export function writeHandoff(handoff: JsonObject): string {
  const schema = shippedSchema('handoff')
  const head = '# Sales handoff. Check it with: onboard handoff check --file FILE\n'
  return `${head}${lines(schema, schema, handoff, 0, true).join('\n')}\n`
}

function lines(root: Schema, schema: Schema, value: JsonObject, depth: number, given: boolean): string[] {
  const properties = (schema['properties'] ?? {}) as Record<string, Schema>
  return Object.entries(properties).flatMap(([key, part]) => {
    const own = value[key]
    const there = given && own !== undefined
    const about = String(part['description'] ?? referred(root, part)['description'] ?? '')
    const start = `${'  '.repeat(depth)}${there ? '' : '# '}${key}:`
    const gap = depth === 0 ? [''] : []
    if (part['properties'] !== undefined && there) {
      return [...gap, commented(start, about), ...lines(root, part, own as JsonObject, depth + 1, true)]
    }
    return [...gap, commented(there ? `${start} ${flow(own)}` : start, about)]
  })
}

function commented(line: string, about: string): string {
  return about === '' ? line : `${line.padEnd(COLUMN)} # ${about}`
}

function referred(root: Schema, schema: Schema): Schema {
  const name = /^#\/definitions\/(\w+)$/.exec(String(schema['$ref']))?.[1]
  return name === undefined ? schema : ((root['definitions'] as Record<string, Schema>)[name] ?? schema)
}

/** A value on one line; texts in quotes unless every reader of YAML takes them for a text. */
function flow(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((one) => flow(one as Json)).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value).map(([key, one]) => `${key}: ${flow(one as Json)}`).join(', ')} }`
  }
  return typeof value === 'string' && !isPlain(value) ? JSON.stringify(value) : String(value)
}

function isPlain(text: string): boolean {
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return true
  return /^[A-Za-z][A-Za-z0-9 ._@/-]*[A-Za-z0-9.]$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
}
