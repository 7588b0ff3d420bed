/** Several requests in one (RFC 7644 §3.7). Each is done by itself; one may name by its bulkId what another made. */
import { isObject, type Json, type JsonObject } from '../../model.ts'
import { MOST_BULK_OPERATIONS } from './discovery.ts'
import { ScimError } from './error.ts'
import type { ScimAnswer, ScimAsked } from './server.ts'

const REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
const RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse'
const METHODS: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

interface One {
  readonly method: string
  readonly path: string
  readonly bulkId: string | null
  readonly data: Json | undefined
  readonly version: string | undefined
}

/**
 * Does the operations, those first that others refer to. Stops after `failOnErrors` errors.
 * Throws ScimError 400 for a body that is none, 413 for too many operations.
 */
export async function bulk(
  answer: (asked: ScimAsked) => Promise<ScimAnswer>,
  base: string,
  body: Json | undefined,
): Promise<ScimAnswer> {
  const { operations, most } = requestOf(body)
  const made = new Map<string, string>()
  const results: JsonObject[] = []
  let errors = 0
  for (const one of inOrder(operations)) {
    if (most !== null && errors >= most) break
    const done = await answer({
      method: one.method,
      path: resolved(one.path, made),
      query: {},
      body: one.data === undefined ? undefined : withIds(one.data, made),
      ifMatch: one.version,
    })
    if (done.status >= 400) errors++
    const id = done.body?.['id']
    if (one.bulkId !== null && typeof id === 'string') made.set(one.bulkId, id)
    const location =
      done.location ?? (one.method === 'POST' || done.status === 404 ? undefined : `${base}${resolved(one.path, made)}`)
    results.push({
      method: one.method,
      ...(one.bulkId === null ? {} : { bulkId: one.bulkId }),
      ...(location === undefined ? {} : { location }),
      ...(done.etag === undefined ? {} : { version: done.etag }),
      status: String(done.status),
      ...(done.status >= 400 && done.body !== undefined ? { response: done.body } : {}),
    })
  }
  return { status: 200, body: { schemas: [RESPONSE], Operations: results } }
}

function requestOf(body: Json | undefined): { operations: readonly One[]; most: number | null } {
  const wrong = (why: string) => new ScimError(400, 'invalidSyntax', why)
  if (!isObject(body) || !Array.isArray(body['schemas']) || !body['schemas'].includes(REQUEST))
    throw wrong(`schemas does not name ${REQUEST}`)
  const { Operations: given, failOnErrors = null } = body
  if (!Array.isArray(given)) throw wrong('Operations is no list')
  if (given.length > MOST_BULK_OPERATIONS)
    throw new ScimError(413, 'tooMany', `there are more than ${MOST_BULK_OPERATIONS} operations`)
  if (failOnErrors !== null && (!Number.isInteger(failOnErrors) || Number(failOnErrors) < 1))
    throw wrong('failOnErrors is no whole number from 1')
  const operations = given.map((one: Json): One => {
    if (!isObject(one)) throw wrong('an operation is no object')
    const { method, path, bulkId = null, data, version } = one
    const verb = typeof method === 'string' ? method.toUpperCase() : ''
    if (!METHODS.has(verb)) throw wrong(`an operation's method is ${JSON.stringify(method ?? null)}`)
    if (typeof path !== 'string' || !/^\/(Users|Groups)(\/[^/]+)?$/i.test(path))
      throw wrong(`an operation's path is ${JSON.stringify(path ?? null)}`)
    if (verb === 'POST' && typeof bulkId !== 'string') throw wrong('an operation with POST needs a bulkId')
    return {
      method: verb,
      path,
      bulkId: typeof bulkId === 'string' ? bulkId : null,
      data,
      version: typeof version === 'string' ? version : undefined,
    }
  })
  return { operations, most: failOnErrors === null ? null : Number(failOnErrors) }
}

/** Operations that name another's bulkId come after it; two that name each other are refused (RFC 7644 §3.7.1). */
function inOrder(operations: readonly One[]): readonly One[] {
  const byId = new Map(operations.flatMap((one) => (one.bulkId === null ? [] : [[one.bulkId, one] as const])))
  const placed = new Set<One>()
  const path = new Set<One>()
  const ordered: One[] = []
  const place = (one: One): void => {
    if (placed.has(one)) return
    if (path.has(one)) throw new ScimError(409, null, `operations refer to each other: bulkId ${one.bulkId}`)
    path.add(one)
    for (const id of referencesOf([one.path, one.data ?? null])) {
      const other = byId.get(id)
      if (other !== undefined && other !== one) place(other)
    }
    path.delete(one)
    placed.add(one)
    ordered.push(one)
  }
  operations.forEach(place)
  return ordered
}

const REFERENCE = /^(?:.*\/)?bulkId:(.+)$/

function referencesOf(value: Json): readonly string[] {
  if (typeof value === 'string')
    return REFERENCE.exec(value)?.[1] === undefined ? [] : [REFERENCE.exec(value)?.[1] as string]
  return value !== null && typeof value === 'object'
    ? Object.values(value).flatMap((one) => referencesOf(one as Json))
    : []
}

function resolved(path: string, made: ReadonlyMap<string, string>): string {
  return path.replace(/bulkId:(.+)$/, (whole, id: string) => made.get(id) ?? whole)
}

function withIds(value: Json, made: ReadonlyMap<string, string>): Json {
  if (typeof value === 'string') return value.startsWith('bulkId:') ? (made.get(value.slice(7)) ?? value) : value
  if (Array.isArray(value)) return (value as readonly Json[]).map((one) => withIds(one, made))
  return value !== null && typeof value === 'object'
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withIds(one, made)]))
    : value
}
