import type pg from 'pg'
import { codeOf } from './client.ts'
import { OnboardError } from '../errors.ts'
import { pendingMigrations, unknownMigrations } from './migrations/index.ts'

/** What a database says of itself. */
export interface State {
  /** 150012 = 15.12 */
  readonly version: number
  /** A standby, or read-only by its settings. */
  readonly readOnly: boolean
  /** Migrations as recorded; null: never migrated. */
  readonly applied: readonly string[] | null
}

/** The oldest major version that we work with. */
const OLDEST = 15

const ABOUT = `current_setting('server_version_num')::int AS version,
  current_setting('transaction_read_only') = 'on' AS "readOnly"`

/** One round trip where the database is migrated. */
export async function readState(client: pg.Client): Promise<State> {
  try {
    const { rows } = await client.query<State>(
      `SELECT ${ABOUT}, (SELECT array_agg(name::text ORDER BY id) FROM onboard.migration) AS applied`,
    )
    return rows[0]!
  } catch (error) {
    if (codeOf(error) !== '42P01' && codeOf(error) !== '3F000') throw error
    const { rows } = await client.query<State>(`SELECT ${ABOUT}, NULL AS applied`)
    return rows[0]!
  }
}

/** @throws OnboardError where this version cannot work with it: server too old, schema newer than us. */
export function refuseForeign(state: State, label: string): void {
  if (state.version < OLDEST * 10_000) {
    throw new OnboardError(
      'invalid',
      'database-too-old',
      `${label} runs PostgreSQL ${Math.trunc(state.version / 10_000)}; onboard needs ${OLDEST} to 18.`,
      { suggestions: ['export ONBOARD_DATABASE_URL=postgres://USER@HOST/DB'] },
    )
  }
  refuseNewer(state.applied ?? [], label)
}

/** @throws OnboardError conflict `database-newer` where a migration is recorded that this version does not know. */
export function refuseNewer(applied: readonly string[], label: string): void {
  const unknown = unknownMigrations(applied)
  if (unknown.length > 0) {
    throw new OnboardError(
      'conflict',
      'database-newer',
      `${label} was migrated by a newer version of onboard (${unknown.join(', ')}); `
        + 'this one would misread it. Take that version, or a later one.',
      { suggestions: ['onboard --version'] },
    )
  }
}

/** Is this version's schema there in full? Product tables count where they were made. */
export async function isCurrent(state: State): Promise<boolean> {
  return state.applied !== null && (await pendingMigrations(state.applied, null)).length === 0
}
