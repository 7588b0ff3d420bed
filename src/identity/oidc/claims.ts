/** Claims of a provider → attributes that a mapping reads: names with lists of text. */
import type { Proof } from '../login/types.ts'

/** Of the protocol, not of the person. */
const PROTOCOL = new Set(
  [
    'iss', 'aud', 'exp', 'iat', 'nbf', 'nonce', 'at_hash', 'c_hash', 's_hash', 'azp', 'sid', 'jti', 'auth_time', 'rh',
    'uti', 'ver',
  ],
)
/** An object in an object in an object: `realm_access.roles` and one more. */
const DEEPEST = 3
const MOST = 200

/** What is in objects gets a name with dots: `realm_access.roles`. */
export function attributesOf(claims: Readonly<Record<string, unknown>>): Proof['attributes'] {
  const found = new Map<string, string[]>()
  const walk = (value: unknown, name: string, depth: number): void => {
    if (found.size >= MOST) return
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      if (depth < DEEPEST) for (const [key, one] of Object.entries(value)) walk(one, `${name}.${key}`, depth + 1)
      return
    }
    const texts = [value].flat().flatMap(
      (one) => (['string', 'number', 'boolean'].includes(typeof one) ? [String(one)] : []),
    )
    if (texts.length > 0) found.set(name, texts)
  }
  for (const [name, value] of Object.entries(claims)) if (!PROTOCOL.has(name)) walk(value, name, 0)
  return Object.fromEntries(found)
}
