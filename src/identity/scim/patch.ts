import { isObject, type Json, type JsonObject } from '../../model.ts'
import { ScimError } from './error.ts'
import { matchesElement } from './filter/evaluate.ts'
import type { Filter } from './filter/filter.ts'
import { parsePath } from './filter/parse.ts'
import type { Operation } from './operations.ts'
import { singlePrimary, valueOf } from './resource.ts'
import { type Attribute, named, type Place, placeOf, type ResourceType } from './schema.ts'

/**
 * A resource as it is kept, after the operations; all of them or none (RFC 7644 §3.5.2). Pure.
 * What directories bend is understood: dotted and URN keys in a value without a path, elements that are added to by a
 * filter which none matches, a removal that names elements by value.
 */
export function patched(type: ResourceType, resource: JsonObject, operations: readonly Operation[]): JsonObject {
  return operations.reduce((now, operation) => applied(type, now, operation), resource)
}

function applied(type: ResourceType, resource: JsonObject, { op, path, value }: Operation): JsonObject {
  if (path !== null) return at(type, resource, op, path, value)
  if (!isObject(value)) throw new ScimError(400, 'invalidValue', `${op} without a path needs an object`)
  return Object.entries(value).reduce((now, [name, inner]) => {
    const urn = [...type.extensions.keys()].find((one) => one.toLowerCase() === name.toLowerCase())
    if (urn !== undefined && isObject(inner)) {
      return Object.entries(inner).reduce((own, [sub, one]) => at(type, own, op, `${urn}:${sub}`, one), now)
    }
    // What a resource carries along and cannot be written is passed over, as in PUT; unknown attributes too.
    const place = placeOf(type, parsePath(name).path)
    if (place === undefined || place.attribute.mutability === 'readOnly' || place.attribute.name === 'schemas')
      return now
    return at(type, now, op, name, inner)
  }, resource)
}

function at(
  type: ResourceType,
  resource: JsonObject,
  op: Operation['op'],
  text: string,
  value: Json | undefined,
): JsonObject {
  const { path, where, sub: after } = parsePath(text)
  const urn = [...type.extensions.keys()].find((one) => one.toLowerCase() === path.toLowerCase())
  if (urn !== undefined && where === null) return wholeExtension(type, resource, op, urn, value)
  const place =
    placeOf(type, path) ?? thrown(new ScimError(400, 'invalidPath', `${type.name} has no attribute ${path}`))
  const { attribute } = place
  if (attribute.mutability === 'readOnly' || place.sub?.mutability === 'readOnly' || attribute.name === 'schemas') {
    throw new ScimError(400, 'mutability', `${path} cannot be written`)
  }
  const sub =
    after === null
      ? place.sub
      : (named(attribute.sub, after) ?? thrown(new ScimError(400, 'invalidPath', `${attribute.name} has no ${after}`)))
  const own = place.extension === null ? resource : objectAt(resource, place.extension)
  const before = own[attribute.name]
  const next = changed({ ...place, sub }, before, op, where, value, text)
  return put(resource, place, next)
}

/** The new value of an attribute; undefined: none. */
function changed(
  place: Place,
  before: Json | undefined,
  op: Operation['op'],
  where: Filter | null,
  value: Json | undefined,
  path: string,
): Json | undefined {
  const { attribute, sub } = place
  if (attribute.multiValued) return inList(attribute, sub, before, op, where, value, path)
  if (where !== null) throw new ScimError(400, 'invalidPath', `${attribute.name} is no list`)
  if (sub !== null) return part(attribute, sub, before, op, value, path)
  if (op === 'remove') return undefined
  const given = valueOf(attribute, value ?? null, path)
  if (given === undefined) return undefined
  return attribute.type === 'complex' && isObject(before) && isObject(given) ? { ...before, ...given } : given
}

/** One part of a complex attribute, or of an element of a list. */
function part(
  attribute: Attribute,
  sub: Attribute,
  before: Json | undefined,
  op: Operation['op'],
  value: Json | undefined,
  path: string,
): Json | undefined {
  const whole: Record<string, Json> = isObject(before) ? { ...before } : {}
  const given = op === 'remove' ? undefined : valueOf(sub, value ?? null, path)
  if (given === undefined) delete whole[sub.name]
  else whole[sub.name] = given
  return Object.keys(whole).length === 0 ? undefined : whole
}

function inList(
  attribute: Attribute,
  sub: Attribute | null,
  before: Json | undefined,
  op: Operation['op'],
  where: Filter | null,
  value: Json | undefined,
  path: string,
): Json | undefined {
  const elements = Array.isArray(before) ? (before as readonly Json[]) : []
  const meets = (one: Json): boolean => where === null || (isObject(one) && matchesElement(attribute, one, where))
  if (sub === null && where === null) return wholeList(attribute, elements, op, value, path)
  if (op === 'remove') {
    if (sub === null) return orNone(elements.filter((one) => !meets(one)))
    return orNone(
      elements.flatMap((one) => (meets(one) ? (part(attribute, sub, one, 'remove', undefined, path) ?? []) : [one])),
    )
  }
  if (!elements.some(meets)) {
    // Entra ID adds to emails[type eq "work"].value where there is none yet, and replaces it, too: the element is made.
    const made = where === null ? {} : impliedBy(attribute, where)
    if (made === null) throw new ScimError(400, 'noTarget', `no element of ${attribute.name} matches ${path}`)
    return singlePrimary([...elements, merged(attribute, sub, made, value, path)])
  }
  const touched = elements.map((one) =>
    meets(one) ? merged(attribute, sub, isObject(one) ? one : {}, value, path) : one,
  )
  const latest = touched.findLastIndex(
    (one, index) => one !== elements[index] && isObject(one) && one['primary'] === true,
  )
  return latest === -1
    ? touched
    : touched.map((one, index) =>
        index !== latest && isObject(one) && one['primary'] === true ? { ...one, primary: false } : one,
      )
}

function merged(
  attribute: Attribute,
  sub: Attribute | null,
  before: JsonObject,
  value: Json | undefined,
  path: string,
): Json {
  if (sub !== null) return part(attribute, sub, before, 'replace', value, path) ?? {}
  const given = valueOf({ ...attribute, multiValued: false }, value ?? null, path)
  return isObject(given) ? { ...before, ...given } : before
}

function wholeList(
  attribute: Attribute,
  elements: readonly Json[],
  op: Operation['op'],
  value: Json | undefined,
  path: string,
): Json | undefined {
  if (op === 'remove' && value === undefined) return undefined
  const given = valueOf(attribute, value ?? null, path)
  const listed = Array.isArray(given) ? (given as readonly Json[]) : []
  if (op === 'replace') return orNone(listed)
  // Elements are the same where their value is; where they have none, where all of it is.
  const key = (one: Json): string =>
    isObject(one)
      ? JSON.stringify(
          one['value'] !== undefined ? [one['value'], one['type'] ?? null] : Object.entries(one).toSorted(),
        )
      : JSON.stringify(one)
  if (op === 'remove') {
    const gone = new Set(
      listed.map((one) => (isObject(one) ? JSON.stringify(one['value'] ?? null) : JSON.stringify(one))),
    )
    return orNone(elements.filter((one) => !gone.has(JSON.stringify(isObject(one) ? (one['value'] ?? null) : one))))
  }
  const known = new Set(elements.map(key))
  return orNone(singlePrimary([...elements, ...listed.filter((one) => !known.has(key(one)))]))
}

/** The element that a filter of equalities describes: `type eq "work"` → { type: work }; null: it describes none. */
function impliedBy(attribute: Attribute, where: Filter): JsonObject | null {
  if (where.kind === 'and') {
    const parts = where.of.map((one) => impliedBy(attribute, one))
    return parts.includes(null) ? null : Object.assign({}, ...(parts as JsonObject[]))
  }
  if (where.kind !== 'compare' || where.op !== 'eq' || where.value === null) return null
  const sub = named(attribute.sub, where.path)
  const value = sub === undefined ? undefined : valueOf(sub, where.value, where.path)
  return sub === undefined || value === undefined ? null : { [sub.name]: value }
}

function wholeExtension(
  type: ResourceType,
  resource: JsonObject,
  op: Operation['op'],
  urn: string,
  value: Json | undefined,
): JsonObject {
  const { [urn]: _before, ...rest } = resource
  if (op === 'remove') return rest
  if (!isObject(value)) throw new ScimError(400, 'invalidValue', `${urn} needs an object`)
  const from = op === 'replace' ? rest : resource
  return Object.entries(value).reduce(
    (now, [name, one]) => at(type, now, op, `${urn}:${name}`, one),
    from as JsonObject,
  )
}

function put(resource: JsonObject, { extension, attribute }: Place, value: Json | undefined): JsonObject {
  const into = extension === null ? resource : objectAt(resource, extension)
  const { [attribute.name]: _before, ...rest } = into
  const next: JsonObject = value === undefined ? rest : { ...rest, [attribute.name]: value }
  if (extension === null) return next
  const { [extension]: _own, ...others } = resource
  return Object.keys(next).length === 0 ? others : { ...others, [extension]: next }
}

function objectAt(resource: JsonObject, name: string): JsonObject {
  const value = resource[name]
  return isObject(value) ? value : {}
}

function orNone(elements: readonly Json[]): Json | undefined {
  return elements.length === 0 ? undefined : elements
}

function thrown(error: Error): never {
  throw error
}
