/** Guesses are counted before they are judged, so that many at one moment are no more than one after the other. */
import type { Query, Tables } from '../sql.ts'

/** So many failures cost nothing; each one after them doubles the wait, from a second to a quarter of an hour. */
const FREE = 5
const LONGEST = '15 minutes'

/** Sets what an attempt costs; `u` is the user's row. */
const COUNTED = `failed_logins = u.failed_logins + 1,
  locked_until = CASE WHEN u.failed_logins + 1 >= ${FREE} THEN onboard.now()
    + least(interval '${LONGEST}', interval '1 second' * 2 ^ least(u.failed_logins + 1 - ${FREE}, 20)) END`
/** Not durable at once, and so no slower than for somebody who is not there: a crash forgives a guess. */
const AT_ONCE = `set_config('synchronous_commit', 'off', true) = 'off'`

/**
 * Counts an attempt against the users that `where` finds (of `u`, parameters from $1), where they may try now.
 * @returns `columns` of the one who may; undefined: nobody, or somebody who has to wait
 */
export async function attempt<R>(
  query: Query,
  { users }: Pick<Tables, 'users'>,
  where: string,
  params: readonly unknown[],
  columns: string,
): Promise<R | undefined> {
  const [row] = await query<R>(
    `UPDATE ${users} u SET ${COUNTED}
      WHERE ${where} AND u.active AND (u.locked_until IS NULL OR u.locked_until <= onboard.now()) AND ${AT_ONCE}
      RETURNING ${columns}`,
    params,
  )
  return row
}

/** Whoever has proved everything that is asked for has no failures any more. */
export async function forgive(query: Query, { users }: Pick<Tables, 'users'>, user: string): Promise<void> {
  await query(
    `UPDATE ${users} SET failed_logins = 0, locked_until = NULL, last_login_at = onboard.now() WHERE id = $1`,
    [user],
  )
}
