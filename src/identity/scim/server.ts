/** The SCIM protocol over its stores: a request of one tenant → an answer. Knows no HTTP server. */
import { isObject, type Json, type JsonObject } from '../../model.ts'
import { bulk } from './bulk.ts'
import type { Call } from './call.ts'
import { type Chosen, chosenBy, chosenOf } from './chosen.ts'
import { resourceTypes, schemas, serviceProviderConfig } from './discovery.ts'
import { notFound, ScimError } from './error.ts'
import { createGroups } from './groups.ts'
import { type Wish, wishOf } from './list.ts'
import { type Operation, operationsOf } from './operations.ts'
import { searchAll } from './search.ts'
import { RESOURCE_TYPES, type ResourceType } from './schema.ts'
import { type Database, type Query, sqlState, type Tables } from '../sql.ts'
import { createUsers, type Match } from './users.ts'

export interface ScimAsked {
  readonly method: string
  /** Below the tenant's endpoint, without a query: `/Users/…`. */
  readonly path: string
  readonly query: Readonly<Record<string, unknown>>
  readonly body: Json | undefined
  readonly ifMatch?: string | undefined
  readonly ifNoneMatch?: string | undefined
}

export interface ScimAnswer {
  readonly status: number
  readonly body: JsonObject | undefined
  readonly location?: string
  readonly etag?: string
}

export interface ScimServer {
  answer(call: Call, asked: ScimAsked): Promise<ScimAnswer>
}

const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'

export function createScimServer(database: Database, tables: Tables): ScimServer {
  const users = createUsers(tables)
  const groups = createGroups(tables)

  const answer = async (call: Call, asked: ScimAsked): Promise<ScimAnswer> => {
    const [name = '', id, ...more] = asked.path
      .replace(/^\/+|\/+$/g, '')
      .split('/')
      .map(decoded)
    const where = name.toLowerCase()
    const about = described(call.base, where, id)
    if (about !== undefined && more.length === 0) {
      only(asked, 'GET')
      if (asked.query['filter'] !== undefined)
        throw new ScimError(403, null, 'what the server says of itself is not filtered')
      return { status: 200, body: about }
    }
    if (where === 'bulk' && id === undefined) {
      only(asked, 'POST')
      return bulk((one) => answered(() => answer(call, one)), call.base, asked.body)
    }
    if (where === '.search' && id === undefined) {
      only(asked, 'POST')
      const pages = [userStore, groupStore].map((store) => (wish: Wish) => store.list(database.query, call, wish))
      return { status: 200, body: await searchAll(searchOf(asked.body), pages) }
    }
    if (where === 'me') throw new ScimError(501, null, `/${name} is not there: a directory's token is nobody's own`)
    const type = Object.values(RESOURCE_TYPES).find(({ endpoint }) => endpoint.slice(1).toLowerCase() === where)
    if (type === undefined || more.length > 0) throw new ScimError(404, null, `there is no ${asked.path}`)
    return type.name === 'User'
      ? ofResource(call, asked, type, id, userStore)
      : ofResource(call, asked, type, id, groupStore)
  }

  const userStore: Store = users
  const groupStore: Store = {
    ...groups,
    patch: async (to, call, id, operations, match, chosen) => {
      await groups.patch(to, call, id, operations, match)
      return chosen.attributes === null ? undefined : groups.get(to.query, call, id, chosen)
    },
  }

  async function ofResource(
    call: Call,
    asked: ScimAsked,
    type: ResourceType,
    id: string | undefined,
    store: Store,
  ): Promise<ScimAnswer> {
    const { query } = database
    const chosen = chosenBy(asked.query['attributes'], asked.query['excludedAttributes'])
    if (id === undefined) {
      only(asked, 'GET', 'POST')
      if (asked.method === 'GET')
        return { status: 200, body: await store.list(query, call, wishOf(asked.query, chosen)) }
      const made = await store.create(database, call, asked.body ?? null)
      return { ...shown(201, type, made, chosen), location: String((made['meta'] as JsonObject)['location']) }
    }
    if (id.toLowerCase() === '.search') {
      only(asked, 'POST')
      return { status: 200, body: await store.list(query, call, searchOf(asked.body)) }
    }
    only(asked, 'GET', 'PUT', 'PATCH', 'DELETE')
    if (asked.method === 'GET') {
      const found = shown(200, type, await store.get(query, call, id, chosen), chosen)
      return versionsIn(asked.ifNoneMatch).some((one) => one === '*' || one === found.etag)
        ? { status: 304, body: undefined, ...(found.etag === undefined ? {} : { etag: found.etag }) }
        : found
    }
    const match = matchOf(asked.ifMatch)
    if (asked.method === 'DELETE') {
      await store.remove(database, call, id, match)
      return { status: 204, body: undefined }
    }
    if (asked.method === 'PUT')
      return shown(200, type, await store.replace(database, call, id, asked.body ?? null, match), chosen)
    const changed = await store.patch(database, call, id, operationsOf(asked.body ?? null), match, chosen)
    return changed === undefined ? { status: 204, body: undefined } : shown(200, type, changed, chosen)
  }

  return { answer: (call, asked) => answered(() => answer(call, asked)) }
}

interface Store {
  list(query: Query, call: Call, wish: Wish): Promise<JsonObject>
  get(query: Query, call: Call, id: string, chosen: Chosen): Promise<JsonObject>
  create(database: Database, call: Call, sent: Json): Promise<JsonObject>
  replace(database: Database, call: Call, id: string, sent: Json, match: Match): Promise<JsonObject>
  patch(
    database: Database,
    call: Call,
    id: string,
    operations: readonly Operation[],
    match: Match,
    chosen: Chosen,
  ): Promise<JsonObject | undefined>
  remove(database: Database, call: Call, id: string, match: Match): Promise<void>
}

/** Errors as the RFC says them; a value that PostgreSQL cannot hold is the client's. */
async function answered(work: () => Promise<ScimAnswer>): Promise<ScimAnswer> {
  try {
    return await work()
  } catch (error) {
    const told =
      error instanceof ScimError
        ? error
        : sqlState(error)?.startsWith('22')
          ? new ScimError(400, 'invalidValue', 'a value cannot be kept')
          : undefined
    if (told === undefined) throw error
    return { status: told.status, body: told.body() as unknown as JsonObject }
  }
}

function shown(status: number, type: ResourceType, resource: JsonObject, chosen: Chosen): ScimAnswer {
  const version = (resource['meta'] as JsonObject)['version']
  return { status, body: chosenOf(type, resource, chosen), ...(typeof version === 'string' ? { etag: version } : {}) }
}

function described(base: string, where: string, id: string | undefined): JsonObject | undefined {
  if (where === 'serviceproviderconfig' && id === undefined) return serviceProviderConfig(base)
  const all = where === 'resourcetypes' ? resourceTypes(base) : where === 'schemas' ? schemas(base) : undefined
  if (all === undefined) return undefined
  if (id !== undefined) {
    const found = all.find((one) => String(one['id']).toLowerCase() === id.toLowerCase())
    if (found === undefined) throw notFound(where === 'schemas' ? 'Schema' : 'ResourceType', id)
    return found
  }
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: all.length,
    startIndex: 1,
    itemsPerPage: all.length,
    Resources: all,
  }
}

function searchOf(body: Json | undefined): Wish {
  if (!isObject(body) || !Array.isArray(body['schemas']) || !body['schemas'].includes(SEARCH)) {
    throw new ScimError(400, 'invalidSyntax', `schemas does not name ${SEARCH}`)
  }
  return wishOf(body, chosenBy(body['attributes'], body['excludedAttributes']))
}

function only({ method, path }: ScimAsked, ...methods: readonly string[]): void {
  if (!methods.includes(method)) throw new ScimError(405, null, `${path} takes ${methods.join(', ')}, not ${method}`)
}

/** If-Match (RFC 7644 §3.14, RFC 9110 §13.1.1): weak tags are all that there are, so they are compared as such. */
function matchOf(header: string | undefined): Match {
  const wanted = versionsIn(header)
  return (version) => {
    if (header === undefined || wanted.includes('*') || wanted.includes(version)) return
    throw new ScimError(412, 'invalidVers', `the version is ${version}, not ${header}`)
  }
}

function versionsIn(header: string | undefined): readonly string[] {
  return (header ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map((one) => (one === '*' || one.startsWith('W/') ? one : `W/${one}`))
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new ScimError(400, 'invalidSyntax', 'the address is not encoded as an address must be')
  }
}
