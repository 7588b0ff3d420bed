/** Roles that groups of the directory give, as the tenant's mapping declares. */
import { ROLES, type Role } from '../login/types.ts'
import type { Query, Tables } from '../sql.ts'
import { wouldLoseAdmins } from './admins.ts'

/** Which groups give which role; names of groups are compared without case. */
export type RoleMapping = {
  readonly groups: readonly { readonly group: string; readonly role: Role }[]
  /** Of those whom the directory describes, and who are in none of these groups. */
  readonly role_default: Role
}

export async function mappingOf(query: Query, { mappings }: Tables, tenant: string): Promise<RoleMapping | null> {
  const [row] = await query<RoleMapping>(`SELECT groups, role_default FROM ${mappings} WHERE tenant_id = $1`, [tenant])
  return row ?? null
}

/** One user whose role is another than the mapping says. */
export interface Wanted {
  readonly id: string
  readonly role: Role
  readonly wanted: Role
}

const order = `array_position(ARRAY[${ROLES.map((one) => `'${one}'`).join(', ')}], r.role)`

/**
 * Whose role the mapping would change, and to what. The highest role of a user's groups counts. Who is in none of them
 * has the default, if a mapping said his role before, or the directory made him and nobody gave him a role since: an
 * administrator made by hand stays one. Emergency accounts are never mapped; nor, until directory sync is switched on,
 * is anybody whom the directory did not make.
 * @param users null: all of the tenant
 */
export async function unmapped(
  query: Query,
  tables: Tables,
  tenant: string,
  users: readonly string[] | null,
): Promise<readonly Wanted[]> {
  const { mappings, members, groups, tenants } = tables
  return query<Wanted>(
    `SELECT * FROM (
       SELECT u.id::text, u.role, u.role_mapped AS mapped, coalesce(given.role, m.role_default) AS wanted
         FROM ${tables.users} u
         JOIN ${mappings} m ON m.tenant_id = u.tenant_id
         JOIN ${tenants} t ON t.id = u.tenant_id
         LEFT JOIN LATERAL (
           SELECT r.role FROM ${members} gm JOIN ${groups} g ON g.id = gm.group_id
             JOIN jsonb_to_recordset(m.groups) AS r("group" text, role text) ON lower(r."group") = lower(g.display_name)
            WHERE gm.user_id = u.id ORDER BY ${order} LIMIT 1) given ON true
        WHERE u.tenant_id = $1 ${users === null ? '' : 'AND u.id = ANY ($2::uuid[])'} AND NOT u.break_glass
          AND (u.document IS NOT NULL OR (t.settings #>> '{enabled,scim}') = 'true')
          AND (given.role IS NOT NULL OR u.role_mapped OR u.document IS NOT NULL AND u.role = 'member')
     ) one WHERE role <> wanted OR NOT mapped`,
    users === null ? [tenant] : [tenant, users],
    'kept',
  )
}

/** What became of roles. */
export interface Remapped {
  readonly changed: readonly Wanted[]
  /** Stays what he is: without him the tenant had no administrator who can sign in. */
  readonly kept: readonly Wanted[]
}

/**
 * Gives these users the roles that the mapping says, and writes down each that is another one. In a transaction: users
 * are locked first, so that of two changes of groups at once the second sees the first. Who asks for all of them holds
 * the tenant already.
 */
export async function remap(
  query: Query,
  tables: Tables,
  tenant: string,
  users: readonly string[] | null,
  ip: string | null = null,
): Promise<Remapped> {
  if (users?.length === 0) return { changed: [], kept: [] }
  // Whoever changes the mapping holds the tenant: what is read next is the mapping that holds.
  if (users !== null) {
    await query(
      `SELECT FROM ${tables.users} u JOIN ${tables.tenants} t ON t.id = u.tenant_id
        WHERE u.tenant_id = $1 AND u.id = ANY ($2::uuid[]) ORDER BY u.id FOR NO KEY UPDATE OF u FOR KEY SHARE OF t`,
      [tenant, users],
      'kept',
    )
  }
  const found = await unmapped(query, tables, tenant, users)
  const raised = found.filter((one) => one.wanted === 'admin')
  await setRoles(query, tables, tenant, raised, ip)
  const rest = found.filter((one) => one.wanted !== 'admin')
  const lowered = rest.filter((one) => one.role === 'admin')
  const isLast =
    lowered.length > 0 &&
    (await wouldLoseAdmins(
      query,
      tables,
      tenant,
      lowered.map((one) => one.id),
    ))
  const kept = isLast ? lowered : []
  const changed = isLast ? rest.filter((one) => one.role !== 'admin') : rest
  await setRoles(query, tables, tenant, changed, ip)
  for (const { id, wanted } of kept) {
    await query(
      `INSERT INTO ${tables.events} (tenant_id, event, user_id, ip, detail) VALUES ($1, 'scim.role.kept', $2, $3, $4)`,
      [tenant, id, ip, JSON.stringify({ role: 'admin', mapped: wanted, why: 'last administrator who can sign in' })],
    )
  }
  return { changed: [...raised, ...changed], kept }
}

async function setRoles(
  query: Query,
  { users, events }: Tables,
  tenant: string,
  to: readonly Wanted[],
  ip: string | null,
): Promise<void> {
  if (to.length === 0) return
  await query(
    `WITH said AS (SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[]) AS s(id, was, role)),
          done AS (UPDATE ${users} u SET role = said.role, role_mapped = true,
                     role_given = CASE WHEN u.role_mapped THEN u.role_given ELSE u.role END
                     FROM said WHERE u.tenant_id = $1 AND u.id = said.id RETURNING u.id)
     INSERT INTO ${events} (tenant_id, event, user_id, ip, detail)
     SELECT $1, 'scim.role.changed', s.id, $5, jsonb_build_object('from', s.was, 'to', s.role)
       FROM said s JOIN done USING (id) WHERE s.was <> s.role`,
    [tenant, to.map(({ id }) => id), to.map(({ role }) => role), to.map(({ wanted }) => wanted), ip],
  )
}

/** Takes the mapping back: everybody whose role it said has the one again that he had before it. */
export async function unmap(query: Query, tables: Tables, tenant: string): Promise<void> {
  const { mappings, users, events } = tables
  await query(`DELETE FROM ${mappings} WHERE tenant_id = $1`, [tenant])
  const before = await query<Wanted>(
    `SELECT id::text, role, coalesce(role_given, 'member') AS wanted FROM ${users}
      WHERE tenant_id = $1 AND role_mapped AND role_given IS NOT NULL ORDER BY id FOR NO KEY UPDATE`,
    [tenant],
  )
  const lowered = before.filter((one) => one.role === 'admin' && one.wanted !== 'admin').map((one) => one.id)
  const isLast = lowered.length > 0 && (await wouldLoseAdmins(query, tables, tenant, lowered))
  const back = before.filter((one) => !isLast || !lowered.includes(one.id))
  await query(
    `WITH done AS (UPDATE ${users} SET role = role_given, role_mapped = false, role_given = NULL
                    WHERE tenant_id = $1 AND id = ANY ($2::uuid[]) RETURNING id, role)
     INSERT INTO ${events} (tenant_id, event, user_id, detail)
     SELECT $1, 'scim.role.changed', s.id, jsonb_build_object('from', s.was, 'to', done.role)
       FROM unnest($2::uuid[], $3::text[]) AS s(id, was) JOIN done USING (id) WHERE s.was <> done.role`,
    [tenant, back.map((one) => one.id), back.map((one) => one.role)],
  )
}
