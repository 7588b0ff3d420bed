/** Users as SCIM sees them, in the reference product's table. */
import { isDeepStrictEqual } from 'node:util'
import type { Json, JsonObject } from '../../model.ts'
import { wouldLoseAdmins } from './admins.ts'
import { type Call, mayChangeUser, mayMakeUser } from './call.ts'
import { leavesOut } from './chosen.ts'
import { notFound, ScimError } from './error.ts'
import { type Listed, pageOf, type Wish } from './list.ts'
import type { Operation } from './operations.ts'
import { patched } from './patch.ts'
import { complete, written } from './resource.ts'
import { RESOURCE_TYPES } from './schema.ts'
import { USER_COLUMNS, userColumns } from './user-columns.ts'
import { isKept, keptOf, resourceOf, type UserRow, versionOf } from './user-row.ts'
import { type Database, type Query, sqlState, type Tables } from '../sql.ts'

const TYPE = RESOURCE_TYPES.User
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** A link to set a password is no way back in. */
const WITHOUT_LINK = ', set_password_token_hash = NULL, set_password_expires_at = NULL'

export const isId = (id: string): boolean => UUID.test(id)

/** Users of one product. */
export function createUsers(tables: Tables) {
  const { users, members, groups, mappings, events, sessions } = tables
  const select = (withGroups: boolean): string => `SELECT ${USER_COLUMNS}${
    withGroups
      ? `,
    (SELECT jsonb_agg(jsonb_build_object('value', g.id::text, 'display', g.display_name) ORDER BY g.display_name, g.id)
       FROM ${members} m JOIN ${groups} g ON g.id = m.group_id WHERE m.user_id = u.id) AS groups`
      : ''
  }
    FROM ${users} u`

  const read = async (query: Query, tenant: string, id: string, lock = ''): Promise<UserRow> => {
    const [row] = isId(id)
      ? await query<UserRow>(`${select(true)} WHERE u.tenant_id = $1 AND u.id = $2 ${lock}`, [tenant, id], 'kept')
      : []
    return row ?? thrown(notFound('User', id))
  }

  /** Throws ScimError where a directory must not change this user, or asked for another version of it. */
  const mayChange = (call: Call, before: UserRow, match: Match): void => {
    match(versionOf(before))
    mayChangeUser(call, before.document !== null)
    if (before.break_glass)
      throw new ScimError(403, null, `${before.user_name} is an account for emergencies, which no directory changes`)
  }

  /** Nobody leaves who is the last that can administer the tenant. */
  const mayLeave = async (query: Query, { tenant }: Call, { id, role, user_name }: UserRow): Promise<void> => {
    if (role !== 'admin' || !(await wouldLoseAdmins(query, tables, tenant, [id]))) return
    throw new ScimError(
      403,
      null,
      `${user_name} is the last administrator who can sign in: make somebody else one first`,
    )
  }

  /**
   * Writes the row, what is told of it and the end of its sessions in one statement; undefined where it has another
   * version by now. A session that begins at that very moment opens nothing, and is ended when the user comes back.
   */
  const save = async (
    query: Query,
    call: Call,
    before: UserRow,
    was: JsonObject,
    resource: JsonObject,
  ): Promise<UserRow | undefined> => {
    const kept = keptOf(resource)
    const isActive = resource['active'] === true
    const isSwitched = before.active !== isActive
    const what = isSwitched ? (isActive ? 'reactivated' : 'deactivated') : 'updated'
    const [row] = await refusingDuplicates(() =>
      query<UserRow>(
        `WITH u AS (
         UPDATE ${users} u SET user_name = $3, email = $4, full_name = $5, active = $6, external_id = $7, document = $8,
                version = version + 1, updated_at = onboard.now()${isActive ? '' : WITHOUT_LINK}
          WHERE tenant_id = $1 AND id = $2 AND version = $12 RETURNING *
       ), ended AS (
         UPDATE ${sessions} s SET ended_at = onboard.now(), ended_why = 'deactivated' FROM u
          WHERE s.user_id = u.id AND s.ended_at IS NULL AND $13 RETURNING s.id, s.user_id
       ), told AS (
         INSERT INTO ${events} (tenant_id, event, user_id, ip, detail)
         SELECT $1, event, user_id, $10, detail FROM (
           SELECT 1 AS turn, $9 AS event, u.id AS user_id, $11::jsonb AS detail FROM u UNION ALL
           SELECT 2, 'session.ended', user_id, jsonb_build_object('session', id, 'why', 'deactivated') FROM ended) one
          ORDER BY turn
       ) SELECT ${USER_COLUMNS} FROM u`,
        [
          call.tenant,
          before.id,
          ...kept,
          `scim.user.${what}`,
          call.ip,
          JSON.stringify({ user_name: kept[0], changed: changedOf(was, resource) }),
          before.version,
          isSwitched,
        ],
        'kept',
      ),
    )
    return row && { ...row, groups: before.groups ?? null }
  }

  /** Reads, changes and writes; where somebody else was faster, again, and in the end with the row held. */
  const change = async (
    database: Database,
    call: Call,
    id: string,
    match: Match,
    next: (before: UserRow, was: JsonObject) => JsonObject,
  ): Promise<JsonObject> => {
    const once = async (query: Query, lock: string): Promise<UserRow | undefined> => {
      const before = await read(query, call.tenant, id, lock)
      mayChange(call, before, match)
      const was = written(TYPE, resourceOf(before, call.base))
      const now = next(before, was)
      // Directories send again what is there already; that is no new version, and nothing to tell.
      if (isKept(before, now)) return before
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
    type: TYPE,
    columns: userColumns(tables),
    from: `${users} u`,
    where: 'u.tenant_id = $1',
    key: 'u.id',
    async resources(query, tenant, keys, { chosen }) {
      const rows = await query<UserRow>(
        `${select(!leavesOut(TYPE, chosen, 'groups'))} WHERE u.tenant_id = $1 AND u.id = ANY ($2::uuid[])`,
        [tenant, keys],
        'kept',
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
      const [row] = await refusingDuplicates(() =>
        database.query<UserRow>(
          `WITH said AS (SELECT role_default FROM ${mappings} WHERE tenant_id = $1),
              u AS (INSERT INTO ${users} AS u (tenant_id, user_name, email, full_name, active, external_id, document,
                                               role, role_mapped, role_given)
                    VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce((SELECT role_default FROM said), 'member'),
                            EXISTS (SELECT FROM said), CASE WHEN EXISTS (SELECT FROM said) THEN 'member' END)
                    RETURNING *),
              told AS (INSERT INTO ${events} (tenant_id, event, user_id, ip, detail)
                       SELECT $1, 'scim.user.created', u.id, $8, jsonb_build_object('user_name', $2::text) FROM u)
         SELECT ${USER_COLUMNS} FROM u`,
          [call.tenant, ...kept, call.ip],
          'kept',
        ),
      )
      return resourceOf(row ?? thrown(new Error('nothing was added')), call.base)
    },

    /** All that may be written becomes as it is sent (RFC 7644 §3.5.1). */
    async replace(database: Database, call: Call, id: string, sent: Json, match: Match): Promise<JsonObject> {
      const resource = written(TYPE, sent)
      complete(TYPE, resource)
      // Who does not say whether it is active leaves it as it is: Okta's PUT does.
      return change(database, call, id, match, (before) => ({ active: before.active, ...resource }))
    },

    async patch(
      database: Database,
      call: Call,
      id: string,
      operations: readonly Operation[],
      match: Match,
    ): Promise<JsonObject> {
      return change(database, call, id, match, (_before, was) => {
        const now = patched(TYPE, was, operations)
        complete(TYPE, now)
        return { active: true, ...now }
      })
    },

    remove: (database: Database, call: Call, id: string, match: Match): Promise<void> =>
      database.transaction(async (query) => {
        const before = await read(query, call.tenant, id, 'FOR UPDATE OF u')
        mayChange(call, before, match)
        await mayLeave(query, call, before)
        await query(
          `WITH told AS (INSERT INTO ${events} (tenant_id, event, user_id, ip, detail)
                         VALUES ($1, 'scim.user.deleted', $2, $3, $4))
         DELETE FROM ${users} WHERE tenant_id = $1 AND id = $2`,
          [call.tenant, before.id, call.ip, JSON.stringify({ user_name: before.user_name })],
        )
      }),
  }
}

/** Names of the attributes that are others now; what was sent as it is, is none. */
function changedOf(was: JsonObject, now: JsonObject): readonly string[] {
  const names = new Set([...Object.keys(was), ...Object.keys(now)])
  return [...names].filter((name) => name !== 'password' && !isDeepStrictEqual(was[name], now[name]))
}

/** Is given the version that there is; throws where another one was asked for. */
export type Match = (version: string) => void

/** A unique value that is taken, said in words. */
export async function refusingDuplicates<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (sqlState(error) === '23505')
      throw new ScimError(409, 'uniqueness', 'another resource of this tenant has that name or address')
    throw error
  }
}

function thrown(error: Error): never {
  throw error
}
