/** Users as SCIM sees them, in the reference product's table. */
import { isObject, type Json, type JsonObject } from '../../model.ts'
import { wouldLoseAdmins } from './admins.ts'
import { type Call, mayChangeUser, mayMakeUser } from './call.ts'
import { leavesOut } from './chosen.ts'
import { notFound, ScimError } from './error.ts'
import type { Columns } from './filter/sql.ts'
import { type Listed, pageOf, type Wish } from './list.ts'
import { type Operation, patched } from './patch.ts'
import { complete, written } from './resource.ts'
import { type Attribute, ENTERPRISE, RESOURCE_TYPES, USER } from './schema.ts'
import { type Database, type Query, sqlState, type Tables } from '../sql.ts'

interface Row {
  readonly id: string
  readonly user_name: string
  readonly email: string
  readonly full_name: string
  readonly active: boolean
  readonly external_id: string | null
  readonly document: JsonObject | null
  readonly version: string
  readonly created: string
  readonly modified: string
  /** An account for emergencies. */
  readonly break_glass: boolean
  readonly role: string
  readonly groups?: readonly { readonly value: string; readonly display: string }[] | null
}

const TYPE = RESOURCE_TYPES.User
const NAME = 'coalesce(u.user_name, u.email)'
/** To the millisecond, as it is returned: what is read can be compared with. */
const MADE = `date_trunc('milliseconds', u.created_at)`
const CHANGED = `date_trunc('milliseconds', u.updated_at)`
/** Kept in columns of their own, and not in the document. */
const OWN: ReadonlySet<string> = new Set(['userName', 'externalId', 'active', 'displayName', 'password'])
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export const isId = (id: string): boolean => UUID.test(id)

/** Addresses of one whom no directory has described: the one that is known. */
const EMAILS = `CASE WHEN u.document IS NULL THEN jsonb_build_array(jsonb_build_object('value', u.email, 'type', 'work', 'primary', true))
  ELSE coalesce(u.document -> 'emails', '[]') END`

/** As the index users_emails has them: names and values in lower case. */
const HAS_ADDRESS = (text: string): string => `(u.document IS NULL AND lower(u.email) = lower(${text})
  OR lower((u.document -> 'emails')::text)::jsonb @> jsonb_build_array(jsonb_build_object('value', lower(${text}))))`

function columnsOf({ members, groups }: Tables): Columns {
  const direct: Readonly<Record<string, { sql: string; sure?: boolean }>> = {
    id: { sql: 'u.id::text', sure: true },
    userName: { sql: NAME, sure: true },
    displayName: { sql: 'u.full_name', sure: true },
    active: { sql: 'u.active', sure: true },
    externalId: { sql: 'u.external_id' },
    'meta.created': { sql: MADE, sure: true },
    'meta.lastModified': { sql: CHANGED, sure: true },
    'meta.resourceType': { sql: `'User'`, sure: true },
  }
  return {
    one({ extension, attribute, sub }) {
      if (attribute.multiValued) return undefined
      const name = sub === null ? attribute.name : `${attribute.name}.${sub.name}`
      if (extension === null && Object.hasOwn(direct, name)) return direct[name]
      if (attribute.mutability === 'readOnly' || (attribute.type === 'complex' && sub === null)) return undefined
      const path = [...(extension === null ? [] : [extension]), attribute.name, ...(sub === null ? [] : [sub.name])]
      return { sql: `(u.document #>> '{${path.map((one) => `"${one}"`).join(',')}}')` }
    },
    list({ attribute }) {
      if (!attribute.multiValued) return undefined
      if (attribute.name === 'schemas') {
        const from = `(SELECT '${USER}' AS urn UNION ALL SELECT '${ENTERPRISE}' WHERE u.document ? '${ENTERPRISE}') e`
        return { from, value: 'e.urn', sub: () => 'NULL' }
      }
      if (attribute.name === 'groups') {
        const parts: Readonly<Record<string, string>> = {
          value: 'e.id::text', display: 'e.display_name', type: `'direct'`,
        }
        const from = `(SELECT g.id, g.display_name FROM ${members} m JOIN ${groups} g ON g.id = m.group_id WHERE m.user_id = u.id) e`
        return { from, sub: (one) => parts[one.name] ?? 'NULL' }
      }
      const list = attribute.name === 'emails' ? EMAILS : `coalesce(u.document -> '${attribute.name}', '[]')`
      return {
        from: `jsonb_array_elements(${list}) e`,
        sub: (one: Attribute) => (one.type === 'boolean' ? `(e ->> '${one.name}')::boolean` : `(e ->> '${one.name}')`),
        narrow: (one, text) => (attribute.name === 'emails' && one.name === 'value' ? HAS_ADDRESS(text) : undefined),
      }
    },
  }
}

/** Users of one product. */
export function createUsers(tables: Tables) {
  const { users, members, groups, mappings, events, sessions } = tables
  const columns = `u.id::text, ${NAME} AS user_name, u.email, u.full_name, u.active, u.external_id, u.document, u.version::text,
    to_char(${MADE}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created, to_char(${CHANGED}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS modified, u.break_glass, u.role`
  const select = (withGroups: boolean): string => `SELECT ${columns}${withGroups ? `,
    (SELECT jsonb_agg(jsonb_build_object('value', g.id::text, 'display', g.display_name) ORDER BY g.display_name, g.id)
       FROM ${members} m JOIN ${groups} g ON g.id = m.group_id WHERE m.user_id = u.id) AS groups` : ''}
    FROM ${users} u`

  const read = async (query: Query, tenant: string, id: string, lock = ''): Promise<Row> => {
    const [row] = isId(id) ? await query<Row>(`${select(true)} WHERE u.tenant_id = $1 AND u.id = $2 ${lock}`, [tenant, id]) : []
    return row ?? thrown(notFound('User', id))
  }

  /** Throws ScimError where a directory must not change this user, or asked for another version of it. */
  const mayChange = (call: Call, before: Row, match: Match): void => {
    match(versionOf(before))
    mayChangeUser(call, before.document !== null)
    if (before.break_glass) throw new ScimError(403, null, `${before.user_name} is an account for emergencies, which no directory changes`)
  }

  /** Nobody leaves who is the last that can administer the tenant. */
  const mayLeave = async (query: Query, { tenant }: Call, { id, role, user_name }: Row): Promise<void> => {
    if (role !== 'admin' || !(await wouldLoseAdmins(query, tables, tenant, [id]))) return
    throw new ScimError(403, null, `${user_name} is the last administrator who can sign in: make somebody else one first`)
  }

  /**
   * Writes the row, what is told of it and the end of its sessions in one statement; undefined where it has another
   * version by now. A session that begins at that very moment opens nothing, and is ended when the user comes back.
   */
  const save = async (query: Query, call: Call, before: Row, was: JsonObject, resource: JsonObject): Promise<Row | undefined> => {
    const kept = keptOf(resource)
    const isActive = resource['active'] === true
    const isSwitched = before.active !== isActive
    const what = isSwitched ? (isActive ? 'reactivated' : 'deactivated') : 'updated'
    const [row] = await refusingDuplicates(() => query<Row>(
      `WITH u AS (
         UPDATE ${users} u SET user_name = $3, email = $4, full_name = $5, active = $6, external_id = $7, document = $8,
                version = version + 1, updated_at = onboard.now()${isActive ? '' : ', set_password_token_hash = NULL, set_password_expires_at = NULL'}
          WHERE tenant_id = $1 AND id = $2 AND version = $12 RETURNING *
       ), ended AS (
         UPDATE ${sessions} s SET ended_at = onboard.now(), ended_why = 'deactivated' FROM u
          WHERE s.user_id = u.id AND s.ended_at IS NULL AND $13 RETURNING s.id, s.user_id
       ), told AS (
         INSERT INTO ${events} (tenant_id, event, user_id, ip, detail)
         SELECT $1, event, user_id, $10, detail FROM (
           SELECT 1 AS turn, $9 AS event, u.id AS user_id, $11::jsonb AS detail FROM u UNION ALL
           SELECT 2, 'session.ended', user_id, jsonb_build_object('session', id, 'why', 'deactivated') FROM ended) one ORDER BY turn
       ) SELECT ${columns} FROM u`,
      [call.tenant, before.id, ...kept, `scim.user.${what}`, call.ip, JSON.stringify({ user_name: kept[0], changed: changedOf(was, resource) }), before.version, isSwitched],
    ))
    return row && { ...row, groups: before.groups ?? null }
  }

  /** Reads, changes and writes; where somebody else was faster, again, and in the end with the row held. */
  const change = async (
    database: Database, call: Call, id: string, match: Match, next: (before: Row, was: JsonObject) => JsonObject | null,
  ): Promise<JsonObject> => {
    const once = async (query: Query, lock: string): Promise<Row | undefined> => {
      const before = await read(query, call.tenant, id, lock)
      mayChange(call, before, match)
      const was = written(TYPE, resourceOf(before, call.base))
      const now = next(before, was)
      if (now === null) return before
      if (before.active && now['active'] !== true && before.role === 'admin') {
        // The check holds the tenant, for which the row must be held first.
        if (lock === '') return undefined
        await mayLeave(query, call, before)
      }
      return save(query, call, before, was, now)
    }
    for (let attempt = 0; attempt < 2; attempt++) {
      const done = await once(database.query, '')
      if (done !== undefined) return resourceOf(done, call.base)
    }
    const done = await database.transaction((query) => once(query, 'FOR UPDATE OF u'))
    return resourceOf(done ?? thrown(new Error('a row that was held has moved')), call.base)
  }

  const listed = ({ base }: Call): Listed => ({
    type: TYPE, columns: columnsOf(tables), from: `${users} u`, where: 'u.tenant_id = $1', key: 'u.id',
    async resources(query, tenant, keys, { chosen }) {
      const rows = await query<Row>(
        `${select(!leavesOut(TYPE, chosen, 'groups'))} WHERE u.tenant_id = $1 AND u.id = ANY ($2::uuid[])`,
        [tenant, keys],
      )
      const byId = new Map(rows.map((row) => [row.id, row]))
      return keys.flatMap((key) => byId.get(key) ?? []).map((row) => resourceOf(row, base))
    },
  })

  return {
    list: (query: Query, call: Call, wish: Wish): Promise<JsonObject> => pageOf(query, call.tenant, wish, listed(call)),

    async get(query: Query, { tenant, base }: Call, id: string): Promise<JsonObject> {
      return resourceOf(await read(query, tenant, id), base)
    },

    /** Throws ScimError 409 uniqueness where the name or the address is taken. */
    async create(database: Database, call: Call, sent: Json): Promise<JsonObject> {
      const resource = written(TYPE, sent)
      complete(TYPE, resource)
      const kept = keptOf({ active: true, ...resource })
      await mayMakeUser(database.query, tables, call)
      const [row] = await refusingDuplicates(() => database.query<Row>(
        `WITH said AS (SELECT role_default FROM ${mappings} WHERE tenant_id = $1),
              u AS (INSERT INTO ${users} AS u (tenant_id, user_name, email, full_name, active, external_id, document, role, role_mapped, role_given)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce((SELECT role_default FROM said), 'member'),
                            EXISTS (SELECT FROM said), CASE WHEN EXISTS (SELECT FROM said) THEN 'member' END) RETURNING *),
              told AS (INSERT INTO ${events} (tenant_id, event, user_id, ip, detail)
                       SELECT $1, 'scim.user.created', u.id, $8, jsonb_build_object('user_name', $2::text) FROM u)
         SELECT ${columns} FROM u`,
        [call.tenant, ...kept, call.ip],
      ))
      return resourceOf(row ?? thrown(new Error('nothing was added')), call.base)
    },

    /** All that may be written becomes as it is sent (RFC 7644 §3.5.1). */
    async replace(database: Database, call: Call, id: string, sent: Json, match: Match): Promise<JsonObject> {
      const resource = written(TYPE, sent)
      complete(TYPE, resource)
      // Who does not say whether it is active leaves it as it is: Okta's PUT does.
      return change(database, call, id, match, (before) => ({ active: before.active, ...resource }))
    },

    async patch(database: Database, call: Call, id: string, operations: readonly Operation[], match: Match): Promise<JsonObject> {
      return change(database, call, id, match, (before, was) => {
        const now = patched(TYPE, was, operations)
        complete(TYPE, now)
        return before.document !== null && JSON.stringify(now) === JSON.stringify(was) ? null : { active: true, ...now }
      })
    },

    remove: (database: Database, call: Call, id: string, match: Match): Promise<void> => database.transaction(async (query) => {
      const before = await read(query, call.tenant, id, 'FOR UPDATE OF u')
      mayChange(call, before, match)
      await mayLeave(query, call, before)
      await query(
        `WITH told AS (INSERT INTO ${events} (tenant_id, event, user_id, ip, detail) VALUES ($1, 'scim.user.deleted', $2, $3, $4))
         DELETE FROM ${users} WHERE tenant_id = $1 AND id = $2`,
        [call.tenant, before.id, call.ip, JSON.stringify({ user_name: before.user_name })],
      )
    }),
  }
}

/** Names of the attributes that are others now; what was sent as it is, is none. */
function changedOf(was: JsonObject, now: JsonObject): readonly string[] {
  const names = new Set([...Object.keys(was), ...Object.keys(now)])
  return [...names].filter((name) => name !== 'password' && JSON.stringify(was[name]) !== JSON.stringify(now[name]))
}

/** Is given the version that there is; throws where another one was asked for. */
export type Match = (version: string) => void

export const versionOf = ({ version }: { readonly version: string }): string => `W/"${version}"`

/** user_name, email, full_name, active, external_id, document. */
function keptOf(resource: JsonObject): readonly unknown[] {
  const text = (name: string): string | null => (typeof resource[name] === 'string' ? resource[name] : null)
  const document = Object.fromEntries(Object.entries(resource).filter(([name]) => !OWN.has(name)))
  const userName = text('userName') ?? ''
  return [
    userName, addressOf(resource) ?? userName, text('displayName') ?? fullName(resource) ?? userName,
    resource['active'] === true, text('externalId'), JSON.stringify(document),
  ]
}

/** The address that is preferred, or the first one. */
function addressOf(resource: JsonObject): string | null {
  const all = Array.isArray(resource['emails']) ? (resource['emails'] as readonly Json[]).filter(isObject) : []
  const value = (all.find((one) => one['primary'] === true) ?? all[0])?.['value']
  return typeof value === 'string' ? value : null
}

function fullName(resource: JsonObject): string | null {
  const name = resource['name']
  if (!isObject(name)) return null
  if (typeof name['formatted'] === 'string') return name['formatted']
  const parts = [name['givenName'], name['familyName']].filter((one) => typeof one === 'string')
  return parts.length === 0 ? null : parts.join(' ')
}

function resourceOf(row: Row, base: string): JsonObject {
  const { id, user_name, email, full_name, active, external_id, document, created, modified, groups } = row
  const rest: JsonObject = document ?? { emails: [{ value: email, type: 'work', primary: true }] }
  const location = `${base}/Users/${id}`
  return {
    schemas: [USER, ...(isObject(rest[ENTERPRISE]) ? [ENTERPRISE] : [])],
    id,
    ...(external_id === null ? {} : { externalId: external_id }),
    userName: user_name, displayName: full_name, active, ...rest,
    ...(groups ? { groups: groups.map((one) => ({ ...one, $ref: `${base}/Groups/${one.value}`, type: 'direct' })) } : {}),
    meta: { resourceType: 'User', created, lastModified: modified, location, version: versionOf(row) },
  }
}

/** A unique value that is taken, said in words. */
export async function refusingDuplicates<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (sqlState(error) === '23505') throw new ScimError(409, 'uniqueness', 'another resource of this tenant has that name or address')
    throw error
  }
}

function thrown(error: Error): never {
  throw error
}
