import type { Writer } from '../contract.ts'
import type { Json } from '../model.ts'
import type { Entity, Fields } from './port.ts'
import { bcryptCost, hashPassword, newPassword, newToken, tokenLink } from './password.ts'

export type Handover = 'set-password-link' | 'temporary-password'

/** How an administrator gets in for the first time. */
export type Order = {
  readonly email: string
  readonly handover: Handover
  readonly expires_hours: number
  readonly set_password_url: string | null
}

/** Fields of a user without which this way of handing over cannot be done. */
export const FIELDS: Readonly<Record<Handover, readonly string[]>> = {
  'set-password-link': ['set_password_token_hash', 'set_password_expires_at'],
  'temporary-password': ['password_hash', 'must_change_password', 'password_expires_at'],
}

/** What makes void what was issued this way. */
export const REVOKED: Readonly<Record<Handover, Fields>> = {
  'set-password-link': { set_password_token_hash: null, set_password_expires_at: null },
  'temporary-password': { password_hash: null, must_change_password: false, password_expires_at: null },
}

/** Fields of a user that hold a credential: one that is issued to whoever has none must still be empty. */
export const UNSET: readonly string[] = ['password_hash', 'set_password_token_hash']

/** Names of what is issued. */
export const NAMES: Readonly<Record<Handover, string>> = {
  'set-password-link': 'set_password_link',
  'temporary-password': 'temporary_password',
}

/**
 * Makes a new credential and hands it over.
 * @returns what is stored of it: hashes, and when it ends by the database's clock; earlier ones are made void
 */
export async function issue(write: Writer, order: Order): Promise<Fields> {
  const { users } = write.product
  const clock = await write.one<{ expires: string; simulated: boolean }>(
    `SELECT to_char((onboard.now() + make_interval(hours => $1::int)) AT TIME ZONE 'UTC',
                    'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS expires,
            (SELECT simulated IS NOT NULL FROM onboard.clock) AS simulated`,
    [order.expires_hours],
  )
  const expires_at = clock?.expires ?? ''
  const known = (fields: Fields): Fields =>
    Object.fromEntries(Object.entries(fields).filter(([field]) => users.has(field)))
  const noLink = known({ set_password_token_hash: null, set_password_expires_at: null })
  const cost = bcryptCost(clock?.simulated === true, process.env['ONBOARD_BCRYPT_COST'])
  if (order.handover === 'temporary-password') {
    const password = newPassword()
    const password_hash = await hashPassword(password, cost)
    write.secret(NAMES[order.handover], password, {
      expires_at,
      note: `temporary password of ${order.email}; must be changed at the first login`,
    })
    return { ...noLink, password_hash, must_change_password: true, password_expires_at: expires_at }
  }
  const { token, hash } = newToken()
  const link = order.set_password_url === null ? token : tokenLink(order.set_password_url, token)
  write.secret(NAMES[order.handover], link, { expires_at, note: `lets ${order.email} set a password, once` })
  return {
    ...known({ must_change_password: false, password_expires_at: null }),
    set_password_token_hash: hash,
    set_password_expires_at: expires_at,
  }
}

/** What is to be issued, as a step's inputs say. */
export const orderOf = (input: {
  readonly email: string
  readonly handover?: Handover
  readonly expires_hours?: number
  readonly set_password_url?: string | null
}): Order => ({
  email: input.email,
  handover: input.handover ?? 'set-password-link',
  expires_hours: input.expires_hours ?? 72,
  set_password_url: input.set_password_url ?? null,
})

/** Values as changes of whatever is there (of nothing, in the fields `unset`), as far as the product has a place. */
export function writes(
  users: Entity,
  values: Fields,
  unset: readonly string[] = [],
): { readonly [field: string]: { readonly from?: null; readonly to: { readonly value: Json } } } {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([field]) => users.has(field))
      .map(([field, value]) => [field, { ...(unset.includes(field) ? { from: null } : {}), to: { value } }]),
  )
}
