/** How a tenant's directory sync is: facts for support, read and never changed. */
import type { Query, Tables } from '../sql.ts'
import { AGENT } from './tester/bench.ts'

/** What our own tester provokes is no refusal of a directory. */
const OTHERS = `agent IS DISTINCT FROM '${AGENT}'`

export interface TokenFacts {
  readonly prefix: string
  /** `YYYY-MM-DD`. */
  readonly ends: string
  readonly days_left: number
  /** Hours since its last request; null: there was none. */
  readonly unused_h: number | null
}

/** Tokens that open the endpoint now, oldest first. */
export function liveTokens(query: Query, { tokens }: Tables, tenant: string): Promise<TokenFacts[]> {
  return query<TokenFacts>(
    `SELECT prefix, to_char(expires_at, 'YYYY-MM-DD') AS ends,
            floor(extract(epoch FROM expires_at - onboard.now()) / 86400)::int AS days_left,
            floor(extract(epoch FROM onboard.now() - last_used_at) / 3600)::int AS unused_h
       FROM ${tokens} WHERE tenant_id::text = $1 AND revoked_at IS NULL AND expires_at > onboard.now()
      ORDER BY created_at, expires_at, id`,
    [tenant],
  )
}

export interface Refusals {
  readonly method: string
  readonly resource: string
  readonly status: number
  readonly scim_type: string | null
  readonly times: number
  /** Of the last one: who, why, when (`YYYY-MM-DD HH:MM`, UTC). */
  readonly name: string | null
  readonly detail: string | null
  readonly last: string
}

/** What was refused in the last days, alike ones together, the last first. */
export function refusals(query: Query, { log }: Tables, tenant: string, days: number): Promise<Refusals[]> {
  return query<Refusals>(
    `SELECT method, resource, status, scim_type, count(*)::int AS times, (array_agg(name ORDER BY id DESC))[1] AS name,
            (array_agg(detail ORDER BY id DESC))[1] AS detail, to_char(max(at), 'YYYY-MM-DD HH24:MI') AS last
       FROM ${log} WHERE tenant_id::text = $1 AND status >= 400 AND ${OTHERS}
        AND at > onboard.now() - make_interval(days => $2::int)
      GROUP BY method, resource, status, scim_type ORDER BY max(id) DESC LIMIT 8`,
    [tenant, days],
  )
}

/** Names of users whom the directory tried to make, and who are not here. */
export async function waitingUsers(query: Query, { log, users }: Tables, tenant: string): Promise<readonly string[]> {
  const rows = await query<{ name: string }>(
    `SELECT DISTINCT l.name FROM ${log} l
      WHERE l.tenant_id::text = $1 AND l.method = 'POST' AND l.resource = 'User' AND l.status >= 400
        AND l.name IS NOT NULL AND l.${OTHERS} AND NOT EXISTS (
          SELECT FROM ${users} u
           WHERE u.tenant_id = l.tenant_id AND lower(coalesce(u.user_name, u.email)) = lower(l.name))
      ORDER BY l.name LIMIT 50`,
    [tenant],
  )
  return rows.map(({ name }) => name)
}

export interface UserCounts {
  /** Whom the directory describes. */
  readonly synced: number
  readonly off: number
  /** Active ones whom no directory knows, but for accounts for emergencies. */
  readonly by_hand: number
  readonly groups: number
}

export async function userCounts(query: Query, { users, groups }: Tables, tenant: string): Promise<UserCounts> {
  const [row] = await query<UserCounts>(
    `SELECT count(*) FILTER (WHERE document IS NOT NULL)::int AS synced,
            count(*) FILTER (WHERE document IS NOT NULL AND NOT active)::int AS off,
            count(*) FILTER (WHERE document IS NULL AND active AND NOT break_glass)::int AS by_hand,
            (SELECT count(*)::int FROM ${groups} g WHERE g.tenant_id::text = $1) AS groups
       FROM ${users} WHERE tenant_id::text = $1`,
    [tenant],
  )
  return row ?? { synced: 0, off: 0, by_hand: 0, groups: 0 }
}

/** Groups that the mapping names and the directory has not sent, and some of those that it sent besides. */
export async function groupGaps(
  query: Query,
  { mappings, groups }: Tables,
  tenant: string,
): Promise<{ readonly missing: readonly string[]; readonly others: readonly string[] } | null> {
  const [row] = await query<{ missing: string[] | null; others: string[] | null }>(
    `SELECT (SELECT array_agg(r."group" ORDER BY 1) FROM jsonb_to_recordset(m.groups) AS r("group" text)
              WHERE NOT EXISTS (
                SELECT FROM ${groups} g
                 WHERE g.tenant_id = m.tenant_id AND lower(g.display_name) = lower(r."group"))) AS missing,
            (SELECT array_agg(name) FROM (SELECT g.display_name AS name FROM ${groups} g
              WHERE g.tenant_id = m.tenant_id AND NOT EXISTS (
                SELECT FROM jsonb_to_recordset(m.groups) AS r("group" text)
                 WHERE lower(r."group") = lower(g.display_name))
              ORDER BY g.display_name LIMIT 5) x) AS others
       FROM ${mappings} m WHERE m.tenant_id::text = $1`,
    [tenant],
  )
  return row === undefined ? null : { missing: row.missing ?? [], others: row.others ?? [] }
}
