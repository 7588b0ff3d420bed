import { prepareDatabase } from './embedded/databases.ts'
import { embeddedHome } from './embedded/home.ts'
import { openDatabase, type Database } from './open.ts'
import { databaseError } from './trouble.ts'

interface Wishes {
  /** ISO 8601 instant at which the new database's clock is fixed; default: the server's clock. */
  readonly simulated?: string
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** Makes an embedded database by name, where it is not there yet, and opens it. */
export async function createDatabase(name: string, { simulated, env = process.env }: Wishes = {}): Promise<Database> {
  try {
    await prepareDatabase(embeddedHome(env), name, { simulated: simulated ?? null })
  } catch (error) {
    throw databaseError(error, `embedded:${name}`)
  }
  return openDatabase({ kind: 'embedded', name }, { env })
}

/**
 * Moves a simulated clock forward and gives its new time.
 * @throws OnboardError conflict where the database's clock is the server's, or `to` lies behind.
 */
export async function moveClock(database: Database, to: string): Promise<string> {
  const client = await database.connect('app')
  try {
    await client.query('SELECT onboard.move_clock($1::timestamptz)', [to])
  } catch (error) {
    throw databaseError(error, database.label)
  } finally {
    await client.end()
  }
  return (await database.clock()).now
}

/**
 * Fixes the clock of a database in which nobody was onboarded yet, and gives its time: for trying things out.
 * @throws OnboardError conflict where somebody was, forbidden where this login is not the owner's
 */
export async function simulateClock(database: Database, at: string): Promise<string> {
  const client = await database.connect('owner')
  try {
    await client.query('UPDATE onboard.clock SET simulated = $1::timestamptz', [at])
  } catch (error) {
    throw databaseError(error, database.label)
  } finally {
    await client.end()
  }
  return (await database.clock()).now
}
