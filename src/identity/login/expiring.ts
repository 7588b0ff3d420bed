/** Certificates that end: those of identity providers, and our own towards them. */
import type { Query, Tables } from '../sql.ts'

/** How long before its end a certificate is spoken of: an administrator elsewhere needs time. */
export const SOON_DAYS = 30

export interface Ending {
  /** Slug of the tenant. */
  readonly tenant: string
  /** null: our own, for every connection of the tenant. */
  readonly connection: string | null
  readonly what: 'certificate' | 'metadata' | 'own-certificate'
  /** Subject, or entity ID. */
  readonly name: string
  /** ISO 8601 instant. */
  readonly at: string
  /** Whole days until then; negative: past. */
  readonly days: number
  /** Of a provider's certificate: whether another one of the connection is good for longer than is spoken of. */
  readonly replaced: boolean
}

/**
 * What ends within so many days, or has ended, of connections that are switched on: soonest first.
 * @param tenant its slug; null: of all
 */
export async function ending(
  query: Query, { connections, tenants, keys }: Tables, tenant: string | null, days = SOON_DAYS,
): Promise<Ending[]> {
  return query<Ending>(
    `WITH found AS (
       SELECT t.slug AS tenant, c.name AS connection, 'certificate' AS what,
              e ->> 'subject' AS name, (e ->> 'not_after')::timestamptz AS at,
              EXISTS (SELECT 1 FROM jsonb_array_elements(c.settings -> 'certificates') o
                       WHERE (o ->> 'not_after')::timestamptz > onboard.now() + make_interval(days => $2::int)
                     ) AS replaced
         FROM ${connections} c JOIN ${tenants} t ON t.id = c.tenant_id,
              jsonb_array_elements(c.settings -> 'certificates') e
        WHERE c.enabled AND c.protocol = 'saml'
       UNION ALL
       SELECT t.slug, c.name, 'metadata', c.settings ->> 'entity_id', (c.settings ->> 'valid_until')::timestamptz, false
         FROM ${connections} c JOIN ${tenants} t ON t.id = c.tenant_id
        WHERE c.enabled AND c.protocol = 'saml' AND c.settings ->> 'valid_until' IS NOT NULL
       UNION ALL
       SELECT t.slug, NULL, 'own-certificate', 'SAML ' || t.slug, max(k.expires_at), false
         FROM ${keys} k JOIN ${tenants} t ON t.id = k.tenant_id
        WHERE k.retired_at IS NULL
          AND EXISTS (SELECT 1 FROM ${connections} c
                       WHERE c.tenant_id = k.tenant_id AND c.enabled AND c.protocol = 'saml')
        GROUP BY t.slug
     )
     SELECT tenant, connection, what, name, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at,
            floor(extract(epoch FROM at - onboard.now()) / 86400)::int AS days, replaced
       FROM found
      WHERE at < onboard.now() + make_interval(days => $2::int) AND ($1::text IS NULL OR tenant = $1)
      ORDER BY found.at, tenant`,
    [tenant, days],
  )
}

function when(days: number, date: string): string {
  if (days < 0) return `ended on ${date}`
  if (days === 0) return 'ends within a day'
  return `ends in ${days} ${days === 1 ? 'day' : 'days'}, on ${date}`
}

/** `the certificate CN=idp of acme (main) ends in 12 days, on 2027-01-03`. */
export function said({ tenant, connection, what, name, at, days }: Ending): string {
  const whose = {
    certificate: `the certificate ${name} of the identity provider`,
    metadata: `the metadata of ${name}`,
    'own-certificate': 'our own certificate',
  }[what]
  return `${whose} of ${tenant}${connection === null ? '' : ` (${connection})`} ${when(days, at.slice(0, 10))}`
}
