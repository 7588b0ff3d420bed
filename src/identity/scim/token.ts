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

/** Whose endpoint a token opens. */
export interface Opened {
  /** Id of the tenant. */
  readonly tenant: string
  /** Whether its directory sync is switched on. */
  readonly isOn: boolean
  /** Of the tenant: `provisioning`, `live` or `suspended`. */
  readonly status: string
}

/**
 * The tenant for whose endpoint the token is good now; undefined: for none. Looked up by its hash, so no comparison
 * tells how near a guess was.
 */
export async function tenantOf(
  query: Query,
  { tokens, tenants }: Tables,
  slug: string,
  token: string,
): Promise<Opened | undefined> {
  const [row] = await query<Opened & { stale: boolean; id: string }>(
    `SELECT t.id::text AS tenant, (t.settings #>> '{enabled,scim}') IS NOT DISTINCT FROM 'true' AS "isOn", k.id::text,
            t.status, coalesce(k.last_used_at < onboard.now() - interval '1 minute', true) AS stale
       FROM ${tokens} k JOIN ${tenants} t ON t.id = k.tenant_id
      WHERE k.token_hash = $1 AND t.slug = $2 AND k.revoked_at IS NULL AND k.expires_at > onboard.now()`,
    [hashOf(token), slug],
    'kept',
  )
  // Once a minute is enough to see that a token is used, and spares a write for each request.
  if (row?.stale) await query(`UPDATE ${tokens} SET last_used_at = onboard.now() WHERE id = $1`, [row.id])
  return row
}

/** Why a token did not open an endpoint, for the tenant's support alone; undefined: there is no such tenant. */
export async function refusedFor(
  query: Query,
  { tokens, tenants }: Tables,
  slug: string,
  token: string | undefined,
): Promise<{ readonly tenant: string; readonly why: string } | undefined> {
  const day = (column: string) => `to_char(${column}, 'YYYY-MM-DD')`
  const [row] = await query<{ tenant: string; prefix: string | null; revoked: string | null; expired: string | null }>(
    `SELECT t.id::text AS tenant, k.prefix, ${day('k.revoked_at')} AS revoked, ${day('k.expires_at')} AS expired
       FROM ${tenants} t LEFT JOIN ${tokens} k ON k.tenant_id = t.id AND k.token_hash = $2 WHERE t.slug = $1`,
    [slug, token === undefined ? '' : hashOf(token)],
  )
  if (row === undefined) return undefined
  const { tenant, prefix, revoked, expired } = row
  if (token === undefined) return { tenant, why: 'no bearer token was sent' }
  if (prefix === null) return { tenant, why: 'the token that was sent is none of this tenant' }
  return {
    tenant,
    why:
      revoked === null
        ? `the token ${prefix}… has expired on ${expired}`
        : `the token ${prefix}… was revoked on ${revoked}`,
  }
}
