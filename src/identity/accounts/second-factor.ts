/** The second factor of those who sign in by password: an authenticator app that was enrolled once. */
import { Secret } from '../../contract.ts'
import type { Place, Seal } from '../seal.ts'
import type { Database, Query, Tables } from '../sql.ts'
import { attempt, forgive } from './attempts.ts'
import { audit } from './events.ts'
import { advanceSession, type Session } from './sessions.ts'
import { fromBase32, newTotpKey, otpauthUri, stepOf } from './totp.ts'

type Users = Pick<Tables, 'users'>
const placeOf = ({ tenant, user }: Pick<Session, 'tenant' | 'user'>): Place => ['users.totp_secret', tenant.id, user.id]

/** The sealing key is not the one under which this second factor was kept: no code of it can be tried. */
export class SealedOtherwise extends Error {}

function opened(seal: Seal, sealed: string, session: Session): Secret {
  try {
    return seal.open(sealed, placeOf(session))
  } catch (cause) {
    throw new SealedOtherwise('the second factor does not open under this sealing key', { cause })
  }
}

/** What an app is given: the key by hand, or as the URI of a link. */
export interface Enrolment {
  readonly key: Secret
  readonly uri: Secret
}

/**
 * The key that an app is to be given: the same one until a first code was right.
 * undefined: one is enrolled already. Throws SealedOtherwise.
 */
export async function enrolment(
  query: Query,
  { users }: Users,
  seal: Seal,
  session: Session,
): Promise<Enrolment | undefined> {
  const fresh = seal.seal(newTotpKey(), placeOf(session))
  const [row] = await query<{ totp_secret: string }>(
    `UPDATE ${users} SET totp_secret = coalesce(totp_secret, $2) WHERE id = $1 AND totp_confirmed_at IS NULL
     RETURNING totp_secret`,
    [session.user.id, fresh],
  )
  if (row === undefined) return undefined
  const key = opened(seal, row.totp_secret, session)
  return { key, uri: otpauthUri(key, session.tenant.name, session.user.email) }
}

interface Row {
  readonly totp_secret: string | null
  readonly last: number | null
  readonly now: number
}

/**
 * Takes a code: the first one of an enrolment confirms it. A code is good once, and wrong ones count as wrong passwords
 * do.
 * @returns the session's new cookie; undefined: the code is not right, or it is too early to try again
 * @throws SealedOtherwise
 */
export async function passCode(
  database: Database,
  tables: Tables,
  seal: Seal,
  session: Session,
  { code, ip }: { readonly code: string; readonly ip: string | null },
): Promise<Secret | undefined> {
  const { user, tenant } = session
  const row = await attempt<Row>(
    database.query,
    tables,
    'u.id = $1',
    [user.id],
    'u.totp_secret, u.totp_last_step::float8 AS last, extract(epoch FROM onboard.now())::float8 AS now',
  )
  const key = row?.totp_secret == null ? undefined : fromBase32(opened(seal, row.totp_secret, session).reveal())
  const step = row && key && stepOf(key, code, row.now, row.last)
  const token = step === undefined ? undefined : await database.transaction((query) => taken(query, step))
  if (token === undefined) {
    await audit(database.query, tables, {
      tenant: tenant.id,
      event: 'login.refused',
      user: user.id,
      ip,
      detail: { method: 'totp', reason: row === undefined ? 'waiting' : 'wrong-code' },
    })
  }
  return token

  /** Of two who bring one code at the same moment, the second finds its step taken. */
  async function taken(query: Query, step: number): Promise<Secret | undefined> {
    const [once] = await query(
      `UPDATE ${tables.users} SET totp_last_step = $2, totp_confirmed_at = coalesce(totp_confirmed_at, onboard.now())
        WHERE id = $1 AND totp_secret = $3 AND coalesce(totp_last_step, -1) < $2 RETURNING id`,
      [user.id, step, row?.totp_secret],
    )
    const advanced = once && (await advanceSession(query, tables, session, 'full'))
    if (advanced === undefined) return undefined
    await forgive(query, tables, user.id)
    const event = session.stage === 'enrol_totp' ? 'mfa.enrolled' : 'login.totp'
    await audit(query, tables, { tenant: tenant.id, event, user: user.id, ip, detail: { session: session.id } })
    return advanced
  }
}

/** Forgets the app, so that another one is enrolled at the next sign-in. */
export async function forgetSecondFactor(query: Query, { users }: Users, user: string): Promise<void> {
  await query(`UPDATE ${users} SET totp_secret = NULL, totp_confirmed_at = NULL, totp_last_step = NULL WHERE id = $1`, [
    user,
  ])
}
