/** Choosing a password: instead of the old one, or by a link that is good once. */
import { createHash, randomBytes } from 'node:crypto'
import { Secret } from '../../contract.ts'
import type { Database, Query, Tables } from '../sql.ts'
import { attempt, forgive } from './attempts.ts'
import { audit } from './events.ts'
import { dueAfter, type Passwords } from './password-login.ts'
import { advanceSession, endSessions, type Session, type SessionStage } from './sessions.ts'
import type { Tenant } from './tenant.ts'

/** bcrypt reads no further. */
const MOST_BYTES = 72
const RESET_MINUTES = 60

/** Why a password will not do, as a sentence; null: it will. */
export function weakness(password: Secret, { rules }: Tenant, email: string): string | null {
  const text = password.reveal()
  const { min_length } = rules.password
  if ([...text].length < min_length) return `The new password needs at least ${min_length} characters.`
  if (Buffer.byteLength(text) > MOST_BYTES) return `The new password is too long: ${MOST_BYTES} bytes are the most.`
  if (/\p{Cc}/u.test(text)) return 'The new password has a character that cannot be typed everywhere.'
  if (new Set(text.toLowerCase()).size < 4)
    return 'The new password repeats so few characters that it is easily guessed.'
  const [local = ''] = email.toLowerCase().split('@')
  const isAddress = text.toLowerCase().includes(email.toLowerCase()) || text.toLowerCase() === local
  return isAddress ? 'The new password must not be the e-mail address.' : null
}

export type Changed =
  /** `token`: the session's new cookie; `stage`: what it is good for now. */
  | { readonly outcome: 'changed'; readonly token: Secret; readonly stage: SessionStage }
  | { readonly outcome: 'refused'; readonly field: 'current' | 'next'; readonly why: string }

interface Kept {
  readonly password_hash: string | null
  readonly has_totp: boolean
}

/**
 * Changes the password of a session's user; all other sessions of that user end. A session that was there for this
 * alone goes on to what is due next.
 * @param current asked for where the session is a full one
 */
export async function changePassword(
  database: Database,
  tables: Tables,
  passwords: Passwords,
  session: Session,
  { current, next, ip }: { readonly current: Secret; readonly next: Secret; readonly ip: string | null },
): Promise<Changed> {
  const { user, tenant, stage } = session
  const [kept] = await database.query<Kept>(
    `SELECT password_hash, totp_confirmed_at IS NOT NULL AS has_totp FROM ${tables.users} WHERE id = $1`,
    [user.id],
  )
  const refused = (field: 'current' | 'next', why: string): Changed => ({ outcome: 'refused', field, why })
  if (stage === 'full') {
    // Whoever finds an open session has no more guesses than at the door.
    const may = await attempt(database.query, tables, 'u.id = $1', [user.id], 'u.id')
    const isRight = await passwords.matches(current, may === undefined ? null : (kept?.password_hash ?? null))
    if (!isRight)
      return refused('current', 'The current password is not right, or it was tried too often: then wait a little.')
    await forgive(database.query, tables, user.id)
  }
  const weak = weakness(next, tenant, user.email)
  if (weak !== null) return refused('next', weak)
  if (await passwords.matches(next, kept?.password_hash ?? null))
    return refused('next', 'The new password is the old one.')
  const hash = await passwords.hash(next)
  const due =
    stage === 'full'
      ? 'full'
      : dueAfter({ must_change: false, mfa: tenant.rules.mfa, has_totp: kept?.has_totp === true })
  const token = await database.transaction(async (query) => {
    const advanced = await advanceSession(query, tables, session, due)
    if (advanced === undefined) return undefined
    await store(query, tables, user.id, hash)
    await endSessions(query, tables, { user: user.id, but: session.id }, 'password-changed')
    await audit(query, tables, { tenant: tenant.id, event: 'password.changed', user: user.id, ip })
    return advanced
  })
  return token === undefined
    ? refused('next', 'The password was changed elsewhere at this moment.')
    : { outcome: 'changed', token, stage: due }
}

/** Whoever chose a password has no temporary one, no link and no failures any more. */
async function store(query: Query, { users }: Pick<Tables, 'users'>, user: string, hash: string): Promise<void> {
  await query(
    `UPDATE ${users}
        SET password_hash = $2, must_change_password = false, password_expires_at = NULL,
            set_password_token_hash = NULL, set_password_expires_at = NULL, failed_logins = 0, locked_until = NULL
      WHERE id = $1`,
    [user, hash],
  )
}

export interface Invited {
  readonly id: string
  readonly email: string
}

/** Whose link this is; undefined: nobody's any more. Looking does not use it up. */
export async function invitedBy(
  query: Query,
  { users }: Pick<Tables, 'users'>,
  tenant: Tenant,
  token: string,
): Promise<Invited | undefined> {
  const [row] = await query<Invited>(`SELECT u.id::text, u.email FROM ${users} u WHERE ${GOOD}`, [
    tenant.id,
    hashOf(token),
    tenant.rules.password.disabled,
  ])
  return row
}

const GOOD = `u.tenant_id = $1 AND u.set_password_token_hash = $2
  AND u.set_password_expires_at > onboard.now() AND u.active AND (u.break_glass OR NOT $3::boolean)`

/** The tenant of a link that names none. */
export async function tenantOfLink(
  query: Query,
  { users, tenants }: Pick<Tables, 'users' | 'tenants'>,
  token: string,
): Promise<string | undefined> {
  const [row] = await query<{ slug: string }>(
    `SELECT t.slug FROM ${users} u JOIN ${tenants} t ON t.id = u.tenant_id WHERE u.set_password_token_hash = $1`,
    [hashOf(token)],
  )
  return row?.slug
}

/**
 * Sets a password by a link, which is used up; every session of the user ends. Of two at the same moment one wins.
 * @returns null: done; else why not, as a sentence
 */
export async function setPassword(
  database: Database,
  tables: Tables,
  passwords: Passwords,
  tenant: Tenant,
  { token, next, ip }: { readonly token: string; readonly next: Secret; readonly ip: string | null },
): Promise<{ readonly why: 'link' | 'weak'; readonly said: string } | null> {
  const gone = { why: 'link', said: 'This link was used already, or its time is over.' } as const
  const invited = await invitedBy(database.query, tables, tenant, token)
  if (invited === undefined) return gone
  const said = weakness(next, tenant, invited.email)
  if (said !== null) return { why: 'weak', said }
  const hash = await passwords.hash(next)
  return database.transaction(async (query) => {
    const [won] = await query(
      `UPDATE ${tables.users} u SET set_password_token_hash = NULL, set_password_expires_at = NULL
        WHERE ${GOOD} RETURNING u.id`,
      [tenant.id, hashOf(token), tenant.rules.password.disabled],
    )
    if (won === undefined) return gone
    await store(query, tables, invited.id, hash)
    await endSessions(query, tables, { user: invited.id }, 'password-set')
    await audit(query, tables, {
      tenant: tenant.id,
      event: 'password.set',
      user: invited.id,
      ip,
      detail: { by: 'link' },
    })
    return null
  })
}

export interface ResetLink {
  readonly token: Secret
  readonly email: string
  readonly minutes: number
}

/** A new link for whoever forgot the password; an earlier one is void. undefined: nobody here signs in so. */
export async function beginReset(
  database: Database,
  tables: Tables,
  tenant: Tenant,
  { email, ip }: { readonly email: string; readonly ip: string | null },
): Promise<ResetLink | undefined> {
  const token = randomBytes(32).toString('base64url')
  return database.transaction(async (query) => {
    const [row] = await query<Invited>(
      `UPDATE ${tables.users} u
          SET set_password_token_hash = $3,
              set_password_expires_at = onboard.now() + interval '${RESET_MINUTES} minutes'
        WHERE u.tenant_id = $1 AND lower(u.email) = lower($2) AND u.active AND (u.break_glass OR NOT $4::boolean)
        RETURNING u.id::text, u.email`,
      [tenant.id, email, hashOf(token), tenant.rules.password.disabled],
    )
    const detail = { known: row !== undefined }
    await audit(query, tables, { tenant: tenant.id, event: 'password.reset.asked', user: row?.id ?? null, ip, detail })
    return row && { token: new Secret(token), email: row.email, minutes: RESET_MINUTES }
  })
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')
