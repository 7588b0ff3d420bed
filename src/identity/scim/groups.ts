/** Groups as SCIM sees them. Members change row by row under the group's lock, never by rewriting a list. */
import type { Json, JsonObject } from '../../model.ts'
import { type Chosen, EVERYTHING, leavesOut } from './chosen.ts'
import { notFound, ScimError } from './error.ts'
import { isObject, matchesElement } from './filter/evaluate.ts'
import type { Filter } from './filter/filter.ts'
import { parsePath } from './filter/parse.ts'
import type { Columns } from './filter/sql.ts'
import { type Listed, pageOf, type Wish } from './list.ts'
import type { Operation } from './patch.ts'
import { complete, written } from './resource.ts'
import { GROUP, named, placeOf, RESOURCE_TYPES } from './schema.ts'
import type { Query, Tables } from '../sql.ts'
import { isId, type Match, refusingDuplicates, versionOf } from './users.ts'

interface Row {
  readonly id: string
  readonly display_name: string
  readonly external_id: string | null
  readonly version: string
  readonly created: string
  readonly modified: string
  readonly members?: readonly { readonly value: string; readonly display: string }[] | null
}

const TYPE = RESOURCE_TYPES.Group
const MADE = `date_trunc('milliseconds', g.created_at)`
const CHANGED = `date_trunc('milliseconds', g.updated_at)`
const MEMBERS = named(TYPE.attributes, 'members')

function columnsOf({ members, users }: Tables): Columns {
  const direct: Readonly<Record<string, { sql: string; sure?: boolean }>> = {
    id: { sql: 'g.id::text', sure: true },
    displayName: { sql: 'g.display_name', sure: true },
    externalId: { sql: 'g.external_id' },
    'meta.created': { sql: MADE, sure: true },
    'meta.lastModified': { sql: CHANGED, sure: true },
    'meta.resourceType': { sql: `'Group'`, sure: true },
  }
  const parts: Readonly<Record<string, string>> = {
    value: 'e.user_id::text', display: `(SELECT u.full_name FROM ${users} u WHERE u.id = e.user_id)`, type: `'User'`,
  }
  return {
    one: ({ attribute, sub }) => direct[sub === null ? attribute.name : `${attribute.name}.${sub.name}`],
    list({ attribute }) {
      if (attribute.name !== 'members') return undefined
      return {
        from: `(SELECT m.user_id FROM ${members} m WHERE m.group_id = g.id) e`, sub: (one) => parts[one.name] ?? 'NULL',
      }
    },
  }
}

export function createGroups(tables: Tables) {
  const { groups, members, users } = tables
  const select = (withMembers: boolean): string => `SELECT g.id::text, g.display_name, g.external_id, g.version::text,
    to_char(${MADE}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created, to_char(${CHANGED}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS modified${withMembers ? `,
    (SELECT jsonb_agg(jsonb_build_object('value', u.id::text, 'display', u.full_name) ORDER BY u.id)
       FROM ${members} m JOIN ${users} u ON u.id = m.user_id WHERE m.group_id = g.id) AS members` : ''}
    FROM ${groups} g`

  const read = async (query: Query, tenant: string, id: string, chosen: Chosen): Promise<Row> => {
    const sql = `${select(!leavesOut(TYPE, chosen, 'members'))} WHERE g.tenant_id = $1 AND g.id = $2`
    const [row] = isId(id) ? await query<Row>(sql, [tenant, id]) : []
    return row ?? thrown(notFound('Group', id))
  }

  /** Holds the group until the transaction ends. */
  const hold = async (query: Query, tenant: string, id: string, match: Match): Promise<void> => {
    const sql = `SELECT version::text FROM ${groups} WHERE tenant_id = $1 AND id = $2 FOR UPDATE`
    const [row] = isId(id) ? await query<{ version: string }>(sql, [tenant, id]) : []
    match(versionOf(row ?? thrown(notFound('Group', id))))
  }

  const touch = (query: Query, tenant: string, id: string) =>
    query(
      `UPDATE ${groups} SET version = version + 1, updated_at = onboard.now() WHERE tenant_id = $1 AND id = $2`,
      [tenant, id],
    )

  const rename = (query: Query, tenant: string, id: string, name: string, value: string | null) =>
    refusingDuplicates(() => query(`UPDATE ${groups} SET ${name} = $3 WHERE tenant_id = $1 AND id = $2`, [tenant, id, value]))

  /** Adds these users, each of whom must be the tenant's. Throws ScimError 400 invalidValue. */
  const add = async (query: Query, tenant: string, id: string, ids: readonly string[]): Promise<void> => {
    if (ids.length === 0) return
    const found = await query<{ id: string }>(
      `SELECT id::text FROM ${users} WHERE tenant_id = $1 AND id = ANY ($2::uuid[])`, [tenant, ids.filter(isId)],
    )
    const known = new Set(found.map((one) => one.id))
    const missing = ids.find((one) => !known.has(one.toLowerCase()))
    if (missing !== undefined) throw new ScimError(400, 'invalidValue', `members: there is no user ${missing}`)
    await query(
      `INSERT INTO ${members} (tenant_id, group_id, user_id) SELECT $1, $2, one FROM unnest($3::uuid[]) one ON CONFLICT DO NOTHING`,
      [tenant, id, [...known]],
    )
  }

  const remove = (query: Query, id: string, ids: readonly string[]) =>
    query(`DELETE FROM ${members} WHERE group_id = $1 AND user_id = ANY ($2::uuid[])`, [id, ids.filter(isId)])

  const clear = (query: Query, id: string) => query(`DELETE FROM ${members} WHERE group_id = $1`, [id])

  const matching = async (query: Query, id: string, where: Filter): Promise<readonly string[]> => {
    if (where.kind === 'compare' && where.op === 'eq' && where.path.toLowerCase() === 'value') return [String(where.value)]
    const sql = `SELECT u.id::text AS value, u.full_name AS display FROM ${members} m JOIN ${users} u ON u.id = m.user_id WHERE m.group_id = $1`
    const all = await query<{ value: string; display: string }>(sql, [id])
    return all.filter((one) => MEMBERS !== undefined && matchesElement(MEMBERS, { ...one, type: 'User' }, where)).map((one) => one.value)
  }

  /** One operation of a PATCH on the group's rows. */
  const apply = async (query: Query, tenant: string, id: string, { op, path, value }: Operation): Promise<void> => {
    if (path === null) {
      if (!isObject(value)) throw new ScimError(400, 'invalidValue', `${op} without a path needs an object`)
      for (const [name, inner] of Object.entries(value)) {
        // Okta sends the id along; what cannot be written or is not known is passed over, as in PUT.
        const attribute = placeOf(TYPE, name)?.attribute
        if (attribute !== undefined && attribute.mutability !== 'readOnly' && attribute.name !== 'schemas') await apply(query, tenant, id, { op, path: name, value: inner })
      }
      return
    }
    const { path: attributePath, where } = parsePath(path)
    const place = placeOf(TYPE, attributePath) ?? thrown(new ScimError(400, 'invalidPath', `Group has no attribute ${attributePath}`))
    const { attribute } = place
    if (attribute.mutability === 'readOnly' || attribute.name === 'schemas') throw new ScimError(400, 'mutability', `${attributePath} cannot be written`)
    if (attribute.name === 'members') {
      const given = value === undefined || value === null ? null : idsOf(value)
      if (where !== null) {
        const ids = await matching(query, id, where)
        return void (op === 'remove' ? await remove(query, id, ids) : await add(query, tenant, id, ids))
      }
      if (op === 'add') return add(query, tenant, id, given ?? [])
      // A removal that names members, as Entra ID sends it, removes those and nobody else.
      if (op === 'remove' && given !== null) return void (await remove(query, id, given))
      await clear(query, id)
      return add(query, tenant, id, op === 'replace' ? (given ?? []) : [])
    }
    if (where !== null) throw new ScimError(400, 'invalidPath', `${attribute.name} is no list`)
    if (op !== 'remove' && typeof value !== 'string') throw new ScimError(400, 'invalidValue', `${attribute.name} is ${JSON.stringify(value).slice(0, 60)}, not a text`)
    const text = op === 'remove' || value === '' ? null : (value as string)
    if (attribute.name === 'displayName' && text === null) throw new ScimError(400, 'invalidValue', 'displayName cannot be empty')
    await rename(query, tenant, id, attribute.name === 'displayName' ? 'display_name' : 'external_id', text)
  }

  const listed = (base: string): Listed => ({
    type: TYPE, columns: columnsOf(tables), from: `${groups} g`, where: 'g.tenant_id = $1', key: 'g.id',
    async resources(query, tenant, keys, { chosen }) {
      const rows = await query<Row>(
        `${select(!leavesOut(TYPE, chosen, 'members'))} WHERE g.tenant_id = $1 AND g.id = ANY ($2::uuid[])`,
        [tenant, keys],
      )
      const byId = new Map(rows.map((row) => [row.id, row]))
      return keys.flatMap((key) => byId.get(key) ?? []).map((row) => resourceOf(row, base))
    },
  })

  return {
    list: (query: Query, tenant: string, base: string, wish: Wish): Promise<JsonObject> => pageOf(query, tenant, wish, listed(base)),

    async get(
      query: Query, tenant: string, base: string, id: string, chosen: Chosen = EVERYTHING,
    ): Promise<JsonObject> {
      return resourceOf(await read(query, tenant, id, chosen), base)
    },

    async create(query: Query, tenant: string, base: string, sent: Json): Promise<JsonObject> {
      const group = written(TYPE, sent)
      complete(TYPE, group)
      const insert = `INSERT INTO ${groups} (tenant_id, display_name, external_id) VALUES ($1, $2, $3) RETURNING id::text`
      const [row] = await refusingDuplicates(() => query<{ id: string }>(insert, [tenant, group['displayName'], group['externalId'] ?? null]))
      const id = row?.id ?? ''
      await add(query, tenant, id, idsOf(group['members'] ?? []))
      return resourceOf(await read(query, tenant, id, EVERYTHING), base)
    },

    async replace(
      query: Query, tenant: string, base: string, id: string, sent: Json, match: Match,
    ): Promise<JsonObject> {
      await hold(query, tenant, id, match)
      const group = written(TYPE, sent)
      complete(TYPE, group)
      await rename(query, tenant, id, 'display_name', group['displayName'] as string)
      await rename(query, tenant, id, 'external_id', (group['externalId'] as string | undefined) ?? null)
      await clear(query, id)
      await add(query, tenant, id, idsOf(group['members'] ?? []))
      await touch(query, tenant, id)
      return resourceOf(await read(query, tenant, id, EVERYTHING), base)
    },

    /** Changes rows alone and gives the new version: of a group of thousands nobody wants to read all members back. */
    async patch(
      query: Query, tenant: string, id: string, operations: readonly Operation[], match: Match,
    ): Promise<void> {
      await hold(query, tenant, id, match)
      for (const operation of operations) await apply(query, tenant, id, operation)
      await touch(query, tenant, id)
    },

    async remove(query: Query, tenant: string, id: string, match: Match): Promise<void> {
      await hold(query, tenant, id, match)
      await query(`DELETE FROM ${groups} WHERE tenant_id = $1 AND id = $2`, [tenant, id])
    },
  }
}

/** `[{ value: id }]`, or one of them, or bare ids. Throws ScimError 400 invalidValue. */
function idsOf(value: Json): readonly string[] {
  const all = Array.isArray(value) ? (value as readonly Json[]) : [value]
  return all.map((one) => {
    const id = isObject(one) ? one['value'] : one
    if (typeof id !== 'string') throw new ScimError(400, 'invalidValue', `a member is ${JSON.stringify(one).slice(0, 60)}, not an object with the value of an id`)
    if (isObject(one) && typeof one['type'] === 'string' && one['type'].toLowerCase() === 'group') {
      throw new ScimError(400, 'invalidValue', 'groups within groups are not supported')
    }
    return id.toLowerCase()
  })
}

function resourceOf(row: Row, base: string): JsonObject {
  const { id, display_name, external_id, created, modified, members } = row
  return {
    schemas: [GROUP], id,
    ...(external_id === null ? {} : { externalId: external_id }),
    displayName: display_name,
    ...(members === undefined ? {} : { members: (members ?? []).map((one) => ({ ...one, $ref: `${base}/Users/${one.value}`, type: 'User' })) }),
    meta: {
      resourceType: 'Group', created, lastModified: modified, location: `${base}/Groups/${id}`, version: versionOf(row),
    },
  }
}

function thrown(error: Error): never {
  throw error
}
