import fs from 'node:fs'
import type pg from 'pg'
import { codeOf } from '../client.ts'
import { migrate } from '../migrate.ts'
import { guardDatabase, guardFunctions, makeDatabase, makeLogins, roleName } from '../roles.ts'
import { databaseError } from '../trouble.ts'
import { endpoint } from './endpoint.ts'
import { embeddedHome, SUPERUSER, type Home } from './home.ts'
import { connectEmbedded } from './server.ts'

/** The schema of the embedded databases that the reference product's tables are made in. */
export const PRODUCT_SCHEMA = 'public'

/** Of whoever prepares a database of this server; others wait and find it done. */
const PREPARE_LOCK = 7_265_010_418

interface Wishes {
  /** Instant to fix the clock of a new database at. */
  readonly simulated?: string | null
  /** false: without the reference product's tables. */
  readonly product?: boolean
}

/** A connection as superuser, for the server's own upkeep. */
export const connectSuperuser = (home: Home, database = 'postgres'): Promise<pg.Client> =>
  connectEmbedded(home, { user: SUPERUSER, database, application_name: 'onboard upkeep' })

/**
 * Makes roles and the database where they are missing, and migrates it. Whoever is killed half-way leaves what the next
 * one completes. Gives the names of the migrations that were run.
 */
export async function prepareDatabase(home: Home, name: string, wishes: Wishes = {}): Promise<readonly string[]> {
  const superuser = await connectSuperuser(home)
  try {
    await superuser.query(`SELECT pg_advisory_lock(${PREPARE_LOCK})`)
    await makeLogins(superuser, endpoint(home).password?.toString() ?? null)
    await makeDatabase(superuser, name)
    await guardDatabase(superuser, name)
    const inside = await connectSuperuser(home, name)
    await guardFunctions(inside).finally(() => inside.end())
    return await migrate(
      { ...endpoint(home), user: roleName('owner'), database: name },
      {
        label: `embedded:${name}`,
        product: wishes.product === false ? null : PRODUCT_SCHEMA,
        simulated: wishes.simulated ?? null,
      },
    )
  } finally {
    await superuser.end()
  }
}

/** `db migrate` on an embedded database: what opening it does too, with its errors and the names that were run. */
export async function migrateEmbedded(
  name: string, env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  try {
    return await prepareDatabase(embeddedHome(env), name)
  } catch (error) {
    throw databaseError(error, `embedded:${name}`)
  }
}

/** Is there an embedded database of this name? Makes nothing; starts the server where it has data. */
export async function hasDatabase(name: string, env: Readonly<Record<string, string | undefined>>): Promise<boolean> {
  const home = embeddedHome(env)
  if (!fs.existsSync(home.data)) return false
  const superuser = await connectSuperuser(home)
  try {
    return (await superuser.query('SELECT FROM pg_database WHERE datname = $1', [name])).rowCount === 1
  } finally {
    await superuser.end()
  }
}

/** Does the error say that the database or its roles were never made? */
export const isUnprepared = (error: unknown): boolean =>
  codeOf(error) === '3D000' || (codeOf(error) === '28000' && /role ".*" does not exist/.test((error as Error).message))
