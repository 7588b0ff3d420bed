/** A directory must not lock a tenant out of its own settings. */
import type { Query, Tables } from '../sql.ts'

/**
 * Of administrators who can sign in: active, with a password (or a link to set one) that counts, or single sign-on.
 * `u` is the user, `t` the tenant.
 */
const canSignIn = ({ connections }: Tables): string => `u.active AND u.role = 'admin' AND (
  (u.password_hash IS NOT NULL OR u.set_password_expires_at > onboard.now())
    AND (u.break_glass OR (t.settings #>> '{enabled,password}') IS DISTINCT FROM 'false')
  OR EXISTS (SELECT FROM ${connections} c WHERE c.tenant_id = t.id AND c.enabled))`

/**
 * Whether the tenant would have nobody left who can sign in as an administrator, were these users none any longer.
 * False where none of them can, or nobody could anyway. Holds the tenant until the transaction ends, so that of two
 * that leave at once the second sees the first gone.
 */
export async function wouldLoseAdmins(
  query: Query,
  tables: Tables,
  tenant: string,
  without: readonly string[],
): Promise<boolean> {
  const { tenants, users } = tables
  await query(`SELECT FROM ${tenants} WHERE id = $1 FOR NO KEY UPDATE`, [tenant])
  const [row] = await query<{ going: boolean; staying: boolean }>(
    `SELECT coalesce(bool_or(u.id = ANY ($2::uuid[])), false) AS going,
            coalesce(bool_or(u.id <> ALL ($2::uuid[])), false) AS staying
       FROM ${users} u JOIN ${tenants} t ON t.id = u.tenant_id
      WHERE u.tenant_id = $1 AND ${canSignIn(tables)}`,
    [tenant, without],
  )
  return row !== undefined && row.going && !row.staying
}
