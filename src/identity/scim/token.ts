/** Bearer tokens of directories: 256 random bits, shown once; what is kept is their SHA-256. */
import { createHash, randomBytes } from 'node:crypto'
import { Secret } from '../../contract.ts'
import type { Query, Tables } from '../sql.ts'

/** By which people and secret scanners know what it is. */
const PREFIX = 'onboard_scim_'
export function newScimToken(): { readonly token: Secret; readonly hash: string; readonly prefix: string } {
  const token = `${PREFIX}${randomBytes(32).toString('base64url')}`
  return { token: new Secret(token), hash: hashOf(token), prefix: token.slice(0, PREFIX.length + 4) }
}

export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** The tenant for whose endpoint the token is good now; undefined: for none. Looked up by its hash, so no comparison tells how near a guess was. */
export async function tenantOf(
  query: Query, { tokens, tenants }: Tables, slug: string, token: string,
): Promise<string | undefined> {
  const [row] = await query<{ tenant: string; stale: boolean; id: string }>(
    `SELECT t.id::text AS tenant, k.id::text, coalesce(k.last_used_at < onboard.now() - interval '1 minute', true) AS stale
       FROM ${tokens} k JOIN ${tenants} t ON t.id = k.tenant_id
      WHERE k.token_hash = $1 AND t.slug = $2 AND k.revoked_at IS NULL AND k.expires_at > onboard.now()`,
    [hashOf(token), slug],
  )
  // Once a minute is enough to see that a token is used, and spares a write for each request.
  if (row?.stale) await query(`UPDATE ${tokens} SET last_used_at = onboard.now() WHERE id = $1`, [row.id])
  return row?.tenant
}
