import { isObject, type Json, type JsonObject } from '../../model.ts'
import { named, type ResourceType } from './schema.ts'

/** What a client asked to see (RFC 7644 §3.9). */
export interface Chosen {
  /** null: what is returned by default. */
  readonly attributes: readonly string[] | null
  readonly excluded: readonly string[]
}

export const EVERYTHING: Chosen = { attributes: null, excluded: [] }

/** `?attributes=` and `?excludedAttributes=`, or the same of a search. */
export function chosenBy(attributes: unknown, excluded: unknown): Chosen {
  const names = (given: unknown): string[] => {
    const all = Array.isArray(given) ? given.map(String) : typeof given === 'string' ? given.split(',') : []
    return all.map((one) => one.trim()).filter((one) => one !== '')
  }
  const wanted = names(attributes)
  return { attributes: wanted.length === 0 ? null : wanted, excluded: names(excluded) }
}

/** Does this choice leave out all of a list such as `members`, so that it need not be read? */
export function leavesOut(type: ResourceType, { attributes, excluded }: Chosen, name: string): boolean {
  const normal = normalOf(type)
  if (excluded.map(normal).includes(name.toLowerCase())) return true
  return (
    attributes !== null &&
    !attributes.map(normal).some((one) => one === name.toLowerCase() || one.startsWith(`${name.toLowerCase()}.`))
  )
}

/** Of a resource the attributes that were chosen; what is always returned stays. */
export function chosenOf(type: ResourceType, resource: JsonObject, { attributes, excluded }: Chosen): JsonObject {
  if (attributes === null && excluded.length === 0) return resource
  const normal = normalOf(type)
  const wanted = attributes?.map(normal) ?? null
  const unwanted = new Set(excluded.map(normal))

  const keep = (value: JsonObject, pathOf: (name: string) => string, isWanted: boolean): JsonObject => {
    const kept: Record<string, Json> = {}
    for (const [name, inner] of Object.entries(value)) {
      const path = pathOf(name.toLowerCase())
      const isExtension = type.extensions.has(name)
      const below = (child: string) => `${path}${isExtension ? ':' : '.'}${child}`
      if (pathOf('') === '' && named(type.attributes, name)?.returned === 'always') kept[name] = inner
      else if (!unwanted.has(path)) {
        const whole = isWanted || wanted?.includes(path) === true
        if (whole || wanted?.some((one) => one.startsWith(below('')))) {
          const part = each(inner, (one) => keep(one, below, whole))
          if (whole || !isEmpty(part)) kept[name] = part
        }
      }
    }
    return kept
  }
  return keep(resource, (name) => name, wanted === null)
}

/** Does something with an object, or with each object of a list. */
function each(value: Json, change: (one: JsonObject) => JsonObject): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((one) => (isObject(one) ? change(one) : one))
  return isObject(value) ? change(value) : value
}

function isEmpty(value: Json): boolean {
  return isObject(value) && Object.keys(value).length === 0
}

/** Names without regard to case; the URN of the resource type itself may be left out, so it is taken off. */
function normalOf(type: ResourceType): (name: string) => string {
  const prefix = `${type.schema.toLowerCase()}:`
  return (name) => {
    const lower = name.toLowerCase()
    return lower.startsWith(prefix) ? lower.slice(prefix.length) : lower
  }
}
