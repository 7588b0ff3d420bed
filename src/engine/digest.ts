import { hash } from 'node:crypto'
import { UNKNOWN } from '../model.ts'

/** RFC 8785 canonical JSON of a value; what is known after apply stands as `{"$unknown":true}`. */
export function canonical(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  switch (typeof value) {
    case 'string':
      if (value.isWellFormed()) return JSON.stringify(value)
      break
    case 'boolean':
      return JSON.stringify(value)
    case 'number':
      if (Number.isFinite(value)) return JSON.stringify(value)
      break
    case 'bigint':
      return JSON.stringify(value.toString())
    case 'object':
      return Array.isArray(value) ? `[${value.map(canonical).join(',')}]` : ofMembers(value)
    default:
      if (value === UNKNOWN) return '{"$unknown":true}'
  }
  throw new TypeError('a value that JSON cannot hold')
}

/** Sorted by their names, as UTF-16; what is undefined is left out. */
function ofMembers(value: object): string {
  const { toJSON } = value as { toJSON?: () => unknown }
  if (typeof toJSON === 'function') return canonical(toJSON.call(value))
  const members = value as Readonly<Record<string, unknown>>
  const names = Object.keys(members).toSorted()
  const written = names.filter((name) => members[name] !== undefined)
  return `{${written.map((name) => `${canonical(name)}:${canonical(members[name])}`).join(',')}}`
}

/** sha256 (hex) of the canonical JSON. */
export function digest(value: unknown): string {
  return digestOfText(canonical(value))
}

/** sha256 (hex) of what is canonical JSON already. */
export function digestOfText(text: string): string {
  return hash('sha256', text)
}

/** Does UNKNOWN stand anywhere in it? */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true
  return value !== null && typeof value === 'object' && Object.values(value).some(hasUnknown)
}
