import type { Query, Tables } from '../sql.ts'
import { ScimError } from './error.ts'

/** On whose behalf something is asked. */
export interface Call {
  /** Id of the tenant. */
  readonly tenant: string
  /** Address of the tenant's endpoint, `https://app.example/scim/v2/acme`. */
  readonly base: string
  /** Whether the tenant's directory sync is switched on; until then it can be tried with a few users of its own. */
  readonly isOn: boolean
  /** Where it comes from, for the audit; null: not known. */
  readonly ip: string | null
}

/** How many users a directory may make before directory sync is switched on. */
export const MOST_ON_TRIAL = 20

const UNTIL_ON = 'directory sync is not switched on for this tenant yet; until then'

/** Throws ScimError 403 where a directory on trial makes more users than it may. */
export async function mayMakeUser(query: Query, { users }: Tables, { isOn, tenant }: Call): Promise<void> {
  if (isOn) return
  const made = await query(
    `SELECT FROM ${users} WHERE tenant_id = $1 AND document IS NOT NULL LIMIT ${MOST_ON_TRIAL}`,
    [tenant],
  )
  if (made.length >= MOST_ON_TRIAL)
    throw new ScimError(403, null, `${UNTIL_ON} it takes ${MOST_ON_TRIAL} users to test with`)
}

/** Throws ScimError 403 where a directory on trial changes somebody whom no directory made. */
export function mayChangeUser({ isOn }: Call, isDescribed: boolean): void {
  if (!isOn && !isDescribed)
    throw new ScimError(403, null, `${UNTIL_ON} only users are changed that it has made itself`)
}
