/** Groups as SCIM sees them. Members change row by row under the group's lock, never by rewriting a list. */
import { isObject, type Json, type JsonObject } from '../../model.ts'
import { audit } from '../accounts/events.ts'
import type { Call } from './call.ts'
import { type Chosen, EVERYTHING, leavesOut } from './chosen.ts'
import { notFound, ScimError } from './error.ts'
import { parsePath } from './filter/parse.ts'
import { createMembers, idsOf, type Moved, nobodyMoved } from './group-members.ts'
import { GROUP_COLUMNS, groupColumns, type GroupRow, resourceOf } from './group-row.ts'
import { type Listed, pageOf, type Wish } from './list.ts'
import type { Operation } from './operations.ts'
import { complete, written } from './resource.ts'
import { remap } from './roles.ts'
import { placeOf, RESOURCE_TYPES } from './schema.ts'
import type { Database, Query, Tables } from '../sql.ts'
import { versionOf } from './user-row.ts'
import { isId, type Match, refusingDuplicates } from './users.ts'

const TYPE = RESOURCE_TYPES.Group

export function createGroups(tables: Tables) {
  const { groups, members, users, events } = tables
  const { memberIds, add, remove, become, matching } = createMembers(tables)
  const select = (withMembers: boolean): string => `SELECT ${GROUP_COLUMNS}${
    withMembers
      ? `,
    (SELECT jsonb_agg(jsonb_build_object('value', u.id::text, 'display', u.full_name) ORDER BY u.id)
       FROM ${members} m JOIN ${users} u ON u.id = m.user_id WHERE m.group_id = g.id) AS members`
      : ''
  }
    FROM ${groups} g`

  const read = async (query: Query, tenant: string, id: string, chosen: Chosen): Promise<GroupRow> => {
    const sql = `${select(!leavesOut(TYPE, chosen, 'members'))} WHERE g.tenant_id = $1 AND g.id = $2`
    const [row] = isId(id) ? await query<GroupRow>(sql, [tenant, id], 'kept') : []
    return row ?? thrown(notFound('Group', id))
  }

  /** Holds the group until the transaction ends; gives its name. */
  const hold = async (query: Query, tenant: string, id: string, match: Match): Promise<string> => {
    const sql = `SELECT version::text, display_name FROM ${groups} WHERE tenant_id = $1 AND id = $2 FOR UPDATE`
    const [row] = isId(id) ? await query<{ version: string; display_name: string }>(sql, [tenant, id], 'kept') : []
    const { version, display_name } = row ?? thrown(notFound('Group', id))
    match(versionOf({ version }))
    return display_name
  }

  /** A new version, the roles that the change gives and takes, and what is told of it; of no change, nothing. */
  const settle = async (query: Query, call: Call, id: string, before: string, moved: Moved): Promise<void> => {
    const { joined, left, isRenamed } = moved
    if (joined.size === 0 && left.size === 0 && !isRenamed) return
    const [row] = await query<{ name: string }>(
      `WITH g AS (
         UPDATE ${groups} SET version = version + 1, updated_at = onboard.now()
          WHERE tenant_id = $1 AND id = $2 RETURNING display_name AS name
       ), told AS (
         INSERT INTO ${events} (tenant_id, event, ip, detail)
         SELECT $1, 'scim.group.changed', $3, jsonb_build_object(
           'group', $2::text, 'name', g.name, 'was', $4::text, 'joined', $5::int, 'left', $6::int) FROM g
       ) SELECT name FROM g`,
      [call.tenant, id, call.ip, before, joined.size, left.size],
      'kept',
    )
    const name = row?.name ?? before
    const isSame = name.toLowerCase() === before.toLowerCase()
    await remap(
      query,
      tables,
      call.tenant,
      isSame ? [...joined, ...left] : [...left, ...(await memberIds(query, id))],
      call.ip,
    )
  }

  const tell = (query: Query, { tenant, ip }: Call, what: string, detail: JsonObject) =>
    audit(query, tables, { tenant, event: `scim.group.${what}`, user: null, ip, detail })

  const rename = async (
    query: Query,
    tenant: string,
    id: string,
    name: 'display_name' | 'external_id',
    value: string | null,
    moved: Moved,
  ): Promise<void> => {
    const sql = `UPDATE ${groups} SET ${name} = $3
                  WHERE tenant_id = $1 AND id = $2 AND ${name} IS DISTINCT FROM $3 RETURNING id`
    const changed = await refusingDuplicates(() => query(sql, [tenant, id, value], 'kept'))
    if (changed.length > 0) moved.isRenamed = true
  }

  /** One operation of a PATCH on the group's rows. */
  const apply = async (
    query: Query,
    tenant: string,
    id: string,
    { op, path, value }: Operation,
    moved: Moved,
  ): Promise<void> => {
    if (path === null) {
      if (!isObject(value)) throw new ScimError(400, 'invalidValue', `${op} without a path needs an object`)
      for (const [name, inner] of Object.entries(value)) {
        // Okta sends the id along; what cannot be written or is not known is passed over, as in PUT.
        const attribute = placeOf(TYPE, name)?.attribute
        if (attribute !== undefined && attribute.mutability !== 'readOnly' && attribute.name !== 'schemas')
          await apply(query, tenant, id, { op, path: name, value: inner }, moved)
      }
      return
    }
    const { path: attributePath, where } = parsePath(path)
    const place =
      placeOf(TYPE, attributePath) ??
      thrown(new ScimError(400, 'invalidPath', `Group has no attribute ${attributePath}`))
    const { attribute } = place
    if (attribute.mutability === 'readOnly' || attribute.name === 'schemas')
      throw new ScimError(400, 'mutability', `${attributePath} cannot be written`)
    if (attribute.name === 'members') {
      const given = value === undefined || value === null ? null : idsOf(value)
      if (where !== null) {
        const ids = await matching(query, id, where)
        return op === 'remove' ? remove(query, id, ids, moved) : add(query, tenant, id, ids, moved)
      }
      if (op === 'add') return add(query, tenant, id, given ?? [], moved)
      // A removal that names members, as Entra ID sends it, removes those and nobody else.
      return op === 'remove' ? remove(query, id, given, moved) : become(query, tenant, id, given ?? [], moved)
    }
    if (where !== null) throw new ScimError(400, 'invalidPath', `${attribute.name} is no list`)
    if (op !== 'remove' && typeof value !== 'string')
      throw new ScimError(400, 'invalidValue', `${attribute.name} is ${JSON.stringify(value).slice(0, 60)}, not a text`)
    const text = op === 'remove' || value === '' ? null : (value as string)
    if (attribute.name === 'displayName' && text === null)
      throw new ScimError(400, 'invalidValue', 'displayName cannot be empty')
    await rename(query, tenant, id, attribute.name === 'displayName' ? 'display_name' : 'external_id', text, moved)
  }

  const listed = ({ base }: Call): Listed => ({
    type: TYPE,
    columns: groupColumns(tables),
    from: `${groups} g`,
    where: 'g.tenant_id = $1',
    key: 'g.id',
    async resources(query, tenant, keys, { chosen }) {
      const rows = await query<GroupRow>(
        `${select(!leavesOut(TYPE, chosen, 'members'))} WHERE g.tenant_id = $1 AND g.id = ANY ($2::uuid[])`,
        [tenant, keys],
        'kept',
      )
      const byId = new Map(rows.map((row) => [row.id, row]))
      return keys.flatMap((key) => byId.get(key) ?? []).map((row) => resourceOf(row, base))
    },
  })

  return {
    list: (query: Query, call: Call, wish: Wish): Promise<JsonObject> => pageOf(query, call.tenant, wish, listed(call)),

    async get(query: Query, { tenant, base }: Call, id: string, chosen: Chosen = EVERYTHING): Promise<JsonObject> {
      return resourceOf(await read(query, tenant, id, chosen), base)
    },

    create: (database: Database, call: Call, sent: Json): Promise<JsonObject> =>
      database.transaction(async (query) => {
        const { tenant, base } = call
        const group = written(TYPE, sent)
        complete(TYPE, group)
        const insert = `INSERT INTO ${groups} (tenant_id, display_name, external_id)
                        VALUES ($1, $2, $3) RETURNING id::text`
        const [row] = await refusingDuplicates(() =>
          query<{ id: string }>(insert, [tenant, group['displayName'], group['externalId'] ?? null]),
        )
        const id = row?.id ?? ''
        const moved = nobodyMoved()
        await add(query, tenant, id, idsOf(group['members'] ?? []), moved)
        await tell(query, call, 'created', { group: id, name: group['displayName'] ?? '', joined: moved.joined.size })
        await remap(query, tables, tenant, [...moved.joined], call.ip)
        return resourceOf(await read(query, tenant, id, EVERYTHING), base)
      }),

    replace: (database: Database, call: Call, id: string, sent: Json, match: Match): Promise<JsonObject> =>
      database.transaction(async (query) => {
        const { tenant, base } = call
        const before = await hold(query, tenant, id, match)
        const group = written(TYPE, sent)
        complete(TYPE, group)
        const moved = nobodyMoved()
        await rename(query, tenant, id, 'display_name', group['displayName'] as string, moved)
        await rename(query, tenant, id, 'external_id', (group['externalId'] as string | undefined) ?? null, moved)
        await become(query, tenant, id, idsOf(group['members'] ?? []), moved)
        await settle(query, call, id, before, moved)
        return resourceOf(await read(query, tenant, id, EVERYTHING), base)
      }),

    /** Changes rows alone: of a group of thousands nobody wants to read all members back. */
    patch: (
      database: Database,
      call: Call,
      id: string,
      operations: readonly Operation[],
      match: Match,
    ): Promise<void> =>
      database.transaction(async (query) => {
        const before = await hold(query, call.tenant, id, match)
        const moved = nobodyMoved()
        for (const operation of operations) await apply(query, call.tenant, id, operation, moved)
        await settle(query, call, id, before, moved)
      }),

    remove: (database: Database, call: Call, id: string, match: Match): Promise<void> =>
      database.transaction(async (query) => {
        const name = await hold(query, call.tenant, id, match)
        const left = await memberIds(query, id)
        await query(`DELETE FROM ${groups} WHERE tenant_id = $1 AND id = $2`, [call.tenant, id])
        await tell(query, call, 'deleted', { group: id, name, left: left.length })
        await remap(query, tables, call.tenant, left, call.ip)
      }),
  }
}

function thrown(error: Error): never {
  throw error
}
