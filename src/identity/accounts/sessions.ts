/** Sessions: 256 random bits in a cookie, of which the SHA-256 is kept; their ends are the tenant's to say. */
import { createHash, randomBytes } from 'node:crypto'
import { Secret } from '../../contract.ts'
import type { Role } from '../login/types.ts'
import type { Query, Tables } from '../sql.ts'
import { TENANT_COLUMNS, type Tenant, type TenantRow, tenantFrom } from './tenant.ts'

/** What a session is good for: everything, or only for the page that is due. */
export type SessionStage = 'full' | 'change_password' | 'totp' | 'enrol_totp'

/** Of a session that nobody has used for so long nothing is kept; each new one takes some such away. */
const KEPT = '90 days'
/** Seconds after which a session ends that has not become a full one. */
const UNFINISHED_S = 15 * 60

export interface NewSession {
  /** Ids. */
  readonly tenant: string
  readonly user: string
  readonly method: 'password' | 'saml' | 'oidc'
  readonly stage: SessionStage
  /** Of sign-in through an identity provider: the connection's id, and what it called user and session. */
  readonly connection?: string | null
  readonly subject?: string | null
  readonly session_index?: string | null
  readonly id_token?: string | null
}

export interface Session {
  readonly id: string
  readonly stage: SessionStage
  readonly method: NewSession['method']
  readonly tenant: Tenant
  readonly user: { readonly id: string; readonly email: string; readonly full_name: string; readonly role: Role }
  readonly connection: string | null
  readonly subject: string | null
  readonly session_index: string | null
  readonly id_token: string | null
  /** ISO 8601 instant. */
  readonly created_at: string
}

export async function startSession(
  query: Query,
  { sessions }: Pick<Tables, 'sessions'>,
  started: NewSession,
): Promise<{ readonly id: string; readonly token: Secret }> {
  const { tenant, user, method, stage, connection = null, subject = null } = started
  const { session_index = null, id_token = null } = started
  const token = newSessionToken()
  const [row] = await query<{ id: string }>(
    `WITH old AS (DELETE FROM ${sessions} WHERE id IN (
       SELECT id FROM ${sessions} WHERE seen_at < onboard.now() - interval '${KEPT}'
        ORDER BY seen_at LIMIT 4 FOR UPDATE SKIP LOCKED))
     INSERT INTO ${sessions}
       (token_hash, tenant_id, user_id, method, stage, connection_id, subject, session_index, id_token)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id::text`,
    [hashOf(token), tenant, user, method, stage, connection, subject, session_index, id_token],
  )
  return { id: row?.id ?? '', token }
}

interface Row extends TenantRow {
  id: string
  stage: SessionStage
  method: NewSession['method']
  connection: string | null
  subject: string | null
  session_index: string | null
  id_token: string | null
  created_at: string
  user: string
  email: string
  full_name: string
  role: Role
  break_glass: boolean
  connection_off: boolean
  idle: number
  age: number
}

/**
 * The session whose cookie this is, for pages of this tenant: of an active user, in a tenant that is open to that user,
 * within the tenant's limits, by a way of signing in that is still on. One that is not is ended.
 */
export async function sessionOf(
  query: Query,
  tables: Tables,
  tenantSlug: string,
  token: string,
): Promise<Session | undefined> {
  const { sessions, users, tenants, connections } = tables
  const [row] = await query<Row>(
    `SELECT s.id::text, s.stage, s.method, s.connection_id::text AS connection, s.subject, s.session_index, s.id_token,
            to_char(s.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS created_at,
            u.id::text AS user, u.email, u.full_name, u.role, u.break_glass,
            NOT coalesce(c.enabled, true) AS connection_off,
            ${TENANT_COLUMNS},
            extract(epoch FROM onboard.now() - s.seen_at)::float8 AS idle,
            extract(epoch FROM onboard.now() - s.created_at)::float8 AS age
       FROM ${sessions} s JOIN ${users} u ON u.id = s.user_id JOIN ${tenants} t ON t.id = s.tenant_id
            LEFT JOIN ${connections} c ON c.id = s.connection_id
      WHERE s.token_hash = $1 AND t.slug = $2 AND s.ended_at IS NULL AND u.active
        AND (t.status = 'live' OR t.status = 'provisioning' AND u.role = 'admin')`,
    [createHash('sha256').update(token).digest('hex'), tenantSlug],
  )
  if (row === undefined) return undefined
  const tenant = tenantFrom(row)
  const why = endOf(row, tenant.rules)
  if (why !== null) {
    await endSessions(query, tables, { session: row.id }, why)
    return undefined
  }
  // Now and then is near enough, and spares a write for each request.
  if (row.idle >= Math.min(60, tenant.rules.idle_s / 10)) {
    await query(`UPDATE ${sessions} SET seen_at = onboard.now() WHERE id = $1`, [row.id])
  }
  const { id, stage, method, connection, subject, session_index, id_token, created_at } = row
  const user = { id: row.user, email: row.email, full_name: row.full_name, role: row.role }
  return { id, stage, method, tenant, user, connection, subject, session_index, id_token, created_at }
}

/** Why a session is over; null: it goes on. */
function endOf(row: Row, { idle_s, absolute_s, password }: Tenant['rules']): string | null {
  if (row.idle >= idle_s) return 'idle'
  if (row.age >= (row.stage === 'full' ? absolute_s : UNFINISHED_S)) return 'age'
  if (row.connection_off) return 'connection-off'
  return row.method === 'password' && password.disabled && !row.break_glass ? 'passwords-off' : null
}

/**
 * Takes a session to its next page. Its cookie is a new one, so that nobody profits who knew the one before.
 * @returns the new cookie's value; undefined where the session has left that stage already
 */
export async function advanceSession(
  query: Query,
  { sessions }: Pick<Tables, 'sessions'>,
  { id, stage }: Pick<Session, 'id' | 'stage'>,
  next: SessionStage,
): Promise<Secret | undefined> {
  const token = newSessionToken()
  const rows = await query(
    `UPDATE ${sessions} SET token_hash = $3, stage = $4, seen_at = onboard.now()
      WHERE id = $1 AND stage = $2 AND ended_at IS NULL RETURNING id`,
    [id, stage, hashOf(token), next],
  )
  return rows.length === 0 ? undefined : token
}

/** Which sessions are meant, by ids; `method`: those alone that began so. */
export type Which =
  | { readonly session: string }
  | { readonly user: string; readonly but?: string }
  | { readonly tenant: string; readonly method?: NewSession['method'] }
  | { readonly connection: string; readonly subject: string; readonly session_index?: string | null }

/**
 * Ends sessions at once; one audit event for each.
 * @param why `logout`, `idle`, `deactivated`: a word
 * @returns how many were ended
 */
export async function endSessions(
  query: Query,
  { sessions, events }: Pick<Tables, 'sessions' | 'events'>,
  which: Which,
  why: string,
): Promise<number> {
  const [where, params] = meant(which)
  const [row] = await query<{ count: number }>(
    `WITH ended AS (
       UPDATE ${sessions} SET ended_at = onboard.now(), ended_why = $1 WHERE ended_at IS NULL AND ${where}
       RETURNING id, tenant_id, user_id
     ), told AS (
       INSERT INTO ${events} (tenant_id, event, user_id, detail)
       SELECT tenant_id, 'session.ended', user_id, jsonb_build_object('session', id, 'why', $1::text) FROM ended
     ) SELECT count(*)::int AS count FROM ended`,
    [why, ...params],
  )
  return row?.count ?? 0
}

function meant(which: Which): readonly [where: string, params: readonly unknown[]] {
  if ('session' in which) return ['id = $2', [which.session]]
  if ('user' in which) return ['user_id = $2 AND id IS DISTINCT FROM $3::uuid', [which.user, which.but ?? null]]
  if ('tenant' in which)
    return ['tenant_id = $2 AND method = coalesce($3, method)', [which.tenant, which.method ?? null]]
  return [
    'connection_id = $2 AND subject = $3 AND ($4::text IS NULL OR session_index = $4)',
    [which.connection, which.subject, which.session_index ?? null],
  ]
}

const newSessionToken = (): Secret => new Secret(randomBytes(32).toString('base64url'))
const hashOf = (token: Secret): string => createHash('sha256').update(token.reveal()).digest('hex')
