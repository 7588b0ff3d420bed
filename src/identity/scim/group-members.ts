/** Who is in a group: rows that are added and removed one by one, never a list that is rewritten. */
import { isObject, type Json } from '../../model.ts'
import { ScimError } from './error.ts'
import { matchesElement } from './filter/evaluate.ts'
import type { Filter } from './filter/filter.ts'
import { named, RESOURCE_TYPES } from './schema.ts'
import { isId } from './users.ts'
import type { Query, Tables } from '../sql.ts'

const MEMBERS = named(RESOURCE_TYPES.Group.attributes, 'members')

/** What became of a group in one request: ids of users who joined and left, whether it is called something else. */
export interface Moved {
  readonly joined: Set<string>
  readonly left: Set<string>
  isRenamed: boolean
}

export const nobodyMoved = (): Moved => ({ joined: new Set(), left: new Set(), isRenamed: false })

export function createMembers({ members, users }: Tables) {
  const memberIds = async (query: Query, id: string): Promise<readonly string[]> =>
    (await query<{ id: string }>(`SELECT user_id::text AS id FROM ${members} WHERE group_id = $1`, [id])).map(
      (one) => one.id,
    )

  /** Adds these users, each of whom must be the tenant's. Throws ScimError 400 invalidValue. */
  const add = async (
    query: Query,
    tenant: string,
    id: string,
    ids: readonly string[],
    { joined, left }: Moved,
  ): Promise<void> => {
    if (ids.length === 0) return
    const known = await query<{ id: string; is_new: boolean }>(
      `WITH known AS (SELECT id FROM ${users} WHERE tenant_id = $1 AND id = ANY ($3::uuid[])),
            added AS (INSERT INTO ${members} (tenant_id, group_id, user_id)
                      SELECT $1, $2, id FROM known ON CONFLICT DO NOTHING RETURNING user_id)
       SELECT known.id::text, added.user_id IS NOT NULL AS is_new
         FROM known LEFT JOIN added ON added.user_id = known.id`,
      [tenant, id, ids.filter(isId)],
      'kept',
    )
    const found = new Set(known.map((one) => one.id))
    const missing = ids.find((one) => !found.has(one))
    if (missing !== undefined) throw new ScimError(400, 'invalidValue', `members: there is no user ${missing}`)
    for (const one of known) if (one.is_new && !left.delete(one.id)) joined.add(one.id)
  }

  /** Removes these members; null: all. */
  const remove = async (
    query: Query,
    id: string,
    ids: readonly string[] | null,
    { joined, left }: Moved,
  ): Promise<void> => {
    const which = ids === null ? '' : ' AND user_id = ANY ($2::uuid[])'
    const sql = `DELETE FROM ${members} WHERE group_id = $1${which} RETURNING user_id::text AS id`
    const gone = await query<{ id: string }>(sql, ids === null ? [id] : [id, ids.filter(isId)], 'kept')
    for (const one of gone) if (!joined.delete(one.id)) left.add(one.id)
  }

  /** These are the members, and nobody else; who is one already is not touched. */
  const become = async (
    query: Query,
    tenant: string,
    id: string,
    ids: readonly string[],
    moved: Moved,
  ): Promise<void> => {
    const wanted = new Set(ids)
    await remove(
      query,
      id,
      (await memberIds(query, id)).filter((one) => !wanted.has(one)),
      moved,
    )
    await add(query, tenant, id, ids, moved)
  }

  const matching = async (query: Query, id: string, where: Filter): Promise<readonly string[]> => {
    if (where.kind === 'compare' && where.op === 'eq' && where.path.toLowerCase() === 'value')
      return [String(where.value)]
    const sql = `SELECT u.id::text AS value, u.full_name AS display
                   FROM ${members} m JOIN ${users} u ON u.id = m.user_id WHERE m.group_id = $1`
    const all = await query<{ value: string; display: string }>(sql, [id])
    return all
      .filter((one) => MEMBERS !== undefined && matchesElement(MEMBERS, { ...one, type: 'User' }, where))
      .map((one) => one.value)
  }

  return { memberIds, add, remove, become, matching }
}

/** `[{ value: id }]`, or one of them, or bare ids. Throws ScimError 400 invalidValue. */
export function idsOf(value: Json): readonly string[] {
  const all = Array.isArray(value) ? (value as readonly Json[]) : [value]
  return all.map((one) => {
    const id = isObject(one) ? one['value'] : one
    if (typeof id !== 'string')
      throw new ScimError(
        400,
        'invalidValue',
        `a member is ${JSON.stringify(one).slice(0, 60)}, not an object with the value of an id`,
      )
    if (isObject(one) && typeof one['type'] === 'string' && one['type'].toLowerCase() === 'group') {
      throw new ScimError(400, 'invalidValue', 'groups within groups are not supported')
    }
    return id.toLowerCase()
  })
}
