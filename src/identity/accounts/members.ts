/** The people of a tenant, as one of its administrators manages them. */
import type { Role } from '../login/types.ts'
import type { Query, Tables } from '../sql.ts'
import { forgetSecondFactor } from './second-factor.ts'
import { endSessions } from './sessions.ts'

export interface Member {
  readonly id: string
  readonly email: string
  readonly full_name: string
  readonly role: Role
  readonly active: boolean
  /** Whether a directory says who it is; then a directory alone activates and deactivates it. */
  readonly directory: boolean
}
const COLUMNS = 'u.id::text, u.email, u.full_name, u.role, u.active, u.document IS NOT NULL AS directory'

/** A page of them, by address. @param after address of the last one of the page before */
export function membersOf(query: Query, { users }: Tables, tenant: string, after: string | null): Promise<Member[]> {
  return query<Member>(
    `SELECT ${COLUMNS} FROM ${users} u WHERE u.tenant_id = $1 AND ($2::text IS NULL OR lower(u.email) > lower($2))
     ORDER BY lower(u.email) LIMIT 100`,
    [tenant, after],
  )
}

export interface MemberChange {
  readonly role?: Role
  readonly active?: boolean
  /** `forgotten`: another app is enrolled at the next sign-in. */
  readonly second_factor?: 'forgotten'
}

/**
 * Changes a member within a transaction; whoever is deactivated is signed out at once.
 * @returns the member as changed; else why nothing was done
 */
export async function changeMember(
  query: Query,
  tables: Tables,
  tenant: string,
  id: string,
  change: MemberChange,
): Promise<Member | 'unknown' | 'directory' | 'emergency' | 'last-admin'> {
  const { users, tenants } = tables
  // One at a time for each tenant: of two administrators who demote each other, one finds to be the last.
  await query(`SELECT 1 FROM ${tenants} WHERE id = $1 FOR NO KEY UPDATE`, [tenant])
  const [found] = await query<Member & { emergency: boolean }>(
    `SELECT ${COLUMNS}, u.break_glass AS emergency FROM ${users} u
      WHERE u.tenant_id = $1 AND u.id = $2 FOR NO KEY UPDATE`,
    [tenant, id],
  )
  if (found === undefined) return 'unknown'
  const { emergency, ...member } = found
  if (member.directory && change.active !== undefined && change.active !== member.active) return 'directory'
  const after = { role: change.role ?? member.role, active: change.active ?? member.active }
  const isAdmin = (one: { role: Role; active: boolean }): boolean => one.role === 'admin' && one.active
  if (isAdmin(member) && !isAdmin(after)) {
    // The only way in when the identity provider fails: other administrators come in by that provider.
    if (emergency) return 'emergency'
    const [other] = await query(
      `SELECT 1 FROM ${users} WHERE tenant_id = $1 AND id <> $2 AND role = 'admin' AND active LIMIT 1`,
      [tenant, id],
    )
    if (other === undefined) return 'last-admin'
  }
  if (after.role !== member.role || after.active !== member.active) {
    await query(
      `UPDATE ${users}
          SET role = $2, active = $3, role_mapped = false, version = version + 1, updated_at = onboard.now()
        WHERE id = $1`,
      [id, after.role, after.active],
    )
  }
  if (change.second_factor === 'forgotten') await forgetSecondFactor(query, tables, id)
  if (!after.active) await endSessions(query, tables, { user: id }, 'deactivated')
  return { ...member, ...after }
}
