import { createHash } from 'node:crypto'
import { canonical as canonicalJson } from '../digest.ts'
import { UNKNOWN } from '../model.ts'

/** RFC 8785 canonical JSON of a value; what is known after apply stands as `{"$unknown":true}`. */
export function canonical(value: unknown): string {
  return canonicalJson(plain(value))
}

/** sha256 (hex) of the canonical JSON. */
export function digest(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex')
}

/** The value as JSON holds it: no undefined members, no symbols, no Dates. */
function plain(value: unknown): unknown {
  if (value === UNKNOWN) return { $unknown: true }
  if (value === undefined) return null
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'bigint') return value.toString()
  if (value !== null && typeof value === 'object') {
    const toJSON = (value as { toJSON?: () => unknown }).toJSON
    if (typeof toJSON === 'function') return plain(toJSON.call(value))
    return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined).map(([k, v]) => [k, plain(v)]))
  }
  return value
}

/** Does UNKNOWN stand anywhere in it? */
export function hasUnknown(value: unknown): boolean {
  if (value === UNKNOWN) return true
  return value !== null && typeof value === 'object' && Object.values(value).some(hasUnknown)
}
