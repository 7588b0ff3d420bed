/**
 * Signing in by address and password.
 * What it answers, and how long it takes, tells nobody whether there is such a user.
 */
import type { Secret } from '../../contract.ts'
import type { Role } from '../login/types.ts'
import type { Database, Tables } from '../sql.ts'
import { attempt, forgive } from './attempts.ts'
import { audit } from './events.ts'
import { type SessionStage, startSession } from './sessions.ts'
import type { Tenant } from './tenant.ts'

export interface Passwords {
  /** What is kept of a password. Throws OnboardError invalid for one that cannot be kept whole. */
  hash(password: Secret): Promise<string>
  /** Takes as long where there is no hash to compare with. */
  matches(password: Secret, hash: string | null): Promise<boolean>
}

export interface Attempt {
  readonly tenant: Tenant
  readonly email: string
  readonly password: Secret
  readonly ip: string | null
}

export type LoggedIn =
  | { readonly outcome: 'in'; readonly token: Secret; readonly stage: SessionStage; readonly user: string }
  /** `wrong` says nothing more to whoever tries; the others are said to somebody who knew the password. */
  | { readonly outcome: 'refused'; readonly why: 'wrong' | 'expired' | 'not-open' }

interface Row {
  readonly id: string
  readonly role: Role
  readonly password_hash: string | null
  readonly break_glass: boolean
  readonly must_change: boolean
  readonly expired: boolean
  readonly has_totp: boolean
}
const COLUMNS = `u.id::text, u.role, u.password_hash, u.break_glass, u.must_change_password AS must_change,
  coalesce(u.must_change_password AND u.password_expires_at <= onboard.now(), false) AS expired,
  u.totp_confirmed_at IS NOT NULL AS has_totp`

export async function logIn(
  database: Database,
  tables: Tables,
  passwords: Passwords,
  { tenant, email, password, ip }: Attempt,
): Promise<LoggedIn> {
  const row = await attempt<Row>(
    database.query,
    tables,
    'u.tenant_id = $1 AND lower(u.email) = lower($2)',
    [tenant.id, email],
    COLUMNS,
  )
  const isOff = tenant.rules.password.disabled && row?.break_glass !== true
  const isRight = await passwords.matches(password, isOff ? null : (row?.password_hash ?? null))
  if (row === undefined) return refused(null, 'wrong')
  if (isOff) return refused('passwords-off', 'wrong')
  if (!isRight) return refused('wrong-password', 'wrong')
  if (row.expired) return refused('temporary-password-expired', 'expired')
  if (tenant.status !== 'live' && row.role !== 'admin') return refused('tenant-not-live', 'not-open')

  const stage = dueAfter({ ...row, mfa: tenant.rules.mfa })
  const token = await database.transaction(async (query) => {
    // Changed or taken away since it was read, the password is not right any more.
    const [same] = await query(
      `SELECT 1 FROM ${tables.users} WHERE id = $1 AND active AND password_hash = $2 FOR NO KEY UPDATE`,
      [row.id, row.password_hash],
    )
    if (same === undefined) return undefined
    if (stage === 'full') await forgive(query, tables, row.id)
    const started = await startSession(query, tables, { tenant: tenant.id, user: row.id, method: 'password', stage })
    const detail = { session: started.id, stage, ...(row.break_glass ? { break_glass: true } : {}) }
    await audit(query, tables, { tenant: tenant.id, event: 'login.password', user: row.id, ip, detail })
    return started.token
  })
  if (token === undefined) return refused('changed-meanwhile', 'wrong')
  return { outcome: 'in', token, stage, user: row.id }

  async function refused(said: string | null, why: 'wrong' | 'expired' | 'not-open'): Promise<LoggedIn> {
    const [user, reason] = said === null ? await notTried() : [row?.id ?? null, said]
    await audit(database.query, tables, {
      tenant: tenant.id,
      event: 'login.refused',
      user,
      ip,
      detail: { method: 'password', reason },
    })
    return { outcome: 'refused', why }
  }

  /** For support alone: who it would have been, and why no password of theirs was looked at. */
  async function notTried(): Promise<readonly [user: string | null, reason: string]> {
    const [one] = await database.query<{ id: string; active: boolean }>(
      `SELECT id::text, active FROM ${tables.users} WHERE tenant_id = $1 AND lower(email) = lower($2)`,
      [tenant.id, email],
    )
    return one === undefined ? [null, 'unknown'] : [one.id, one.active ? 'has-to-wait' : 'deactivated']
  }
}

/** What is due after the password was right: a new password first, then the second factor. */
export function dueAfter({
  must_change,
  mfa,
  has_totp,
}: {
  readonly must_change: boolean
  readonly mfa: boolean
  readonly has_totp: boolean
}): SessionStage {
  if (must_change) return 'change_password'
  return mfa ? (has_totp ? 'totp' : 'enrol_totp') : 'full'
}
