import { randomBytes } from 'node:crypto'
import { afterAll } from 'vitest'
import { connectSuperuser } from '../../src/database/embedded/databases.ts'
import { embeddedHome } from '../../src/database/embedded/home.ts'
import { connectClient, ident } from '../../src/database/client.ts'
import { openDatabase, type Database } from '../../src/database/open.ts'
import { guardDatabase, makeDatabase } from '../../src/database/roles.ts'
import type { DatabaseTarget } from '../../src/database/target.ts'
import { loginUrl } from './login-url.ts'

const givenServer = (): string | undefined => process.env['ONBOARD_TEST_DATABASE_URL']

/** A connection as superuser of the test run's server. */
export function superuser(database = 'postgres') {
  const url = givenServer()
  if (url) return connectClient({ connectionString: loginUrl(url, database) })
  return connectSuperuser(embeddedHome(process.env), database)
}

const opened: { database: Database; name: string }[] = []
const targets = new WeakMap<Database, DatabaseTarget>()

interface Wishes {
  /** ISO 8601 instant at which the clock is fixed; default: the server's clock. */
  readonly simulated?: string
  /** false: without the reference product's tables. */
  readonly product?: boolean
}

/**
 * A fresh database of its own, migrated: a copy of the run's template. Closed and dropped after the test file.
 * Call it in a test, or in beforeAll/beforeEach.
 */
export async function testDatabase({ simulated, product = true }: Wishes = {}): Promise<Database> {
  const run = process.env['ONBOARD_TEST_RUN']
  if (!run) throw new Error('no test run: start tests by vitest with its globalSetup')
  const name = `test_${run}_${randomBytes(5).toString('hex')}`
  const maker = await superuser()
  try {
    await makeDatabase(maker, name, product ? `template_${run}` : `template_bare_${run}`)
    await guardDatabase(maker, name)
  } finally {
    await maker.end()
  }
  if (simulated) await simulate(name, simulated)
  const target = targetOf(name)
  const database = await openDatabase(target)
  targets.set(database, target)
  opened.push({ database, name })
  return database
}

async function simulate(name: string, at: string): Promise<void> {
  const inside = await superuser(name)
  await inside.query('UPDATE onboard.clock SET simulated = $1::timestamptz', [at]).finally(() => inside.end())
}

function targetOf(name: string): DatabaseTarget {
  const url = givenServer()
  if (!url) return { kind: 'embedded', name }
  return {
    kind: 'server',
    url: loginUrl(url, name, 'app'),
    reader_url: loginUrl(url, name, 'reader'),
    owner_url: loginUrl(url, name, 'owner'),
  }
}

/** The environment that leads a command, run as a process, to this database. */
export function environmentOf(database: Database): Record<string, string> {
  const target = targets.get(database)
  if (!target) throw new Error('not a database of testDatabase')
  if (target.kind === 'embedded') {
    return { ONBOARD_HOME: process.env['ONBOARD_HOME']!, ONBOARD_DATABASE_URL: `embedded:${target.name}` }
  }
  return {
    ONBOARD_HOME: process.env['ONBOARD_HOME']!,
    ONBOARD_DATABASE_URL: target.url,
    ONBOARD_READER_DATABASE_URL: target.reader_url!,
    ONBOARD_OWNER_DATABASE_URL: target.owner_url!,
  }
}

afterAll(async () => {
  if (opened.length === 0) return
  const maker = await superuser()
  try {
    for (const { database, name } of opened.splice(0)) {
      await database.close()
      await maker.query(`DROP DATABASE IF EXISTS ${ident(name)} WITH (FORCE)`)
    }
  } finally {
    await maker.end()
  }
})

/** Rows of a statement that the owner of the database sends. */
export async function sqlAsOwner<R extends object = Record<string, string>>(
  database: Database, text: string, params: readonly unknown[] = [],
): Promise<R[]> {
  const owner = await database.connect('owner')
  try {
    return (await owner.query<R>(text, [...params])).rows
  } finally {
    await owner.end()
  }
}
