/** A server of the user's: a cluster that nobody has prepared, reached by URL like any other. */
import fs from 'node:fs'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connectSuperuser } from '../../src/database/embedded/databases.ts'
import { embeddedHome, type Home } from '../../src/database/embedded/home.ts'
import { missingSetup, setUpServer } from '../../src/database/server-setup.ts'
import { openDatabase } from '../../src/database/open.ts'
import { refusePooler } from '../../src/database/pooler.ts'
import { migrationNames } from '../../src/database/migrations/index.ts'
import { transactionPooler, socketIn } from '../support/transaction-pooler.ts'

/** Migrations of the product's tables, which are made in whatever schema is named; and those of our own. */
const products = ['002_product', '011_scim', '012_identity']
const own = migrationNames().filter((name) => !products.includes(name))

let home: Home
let admin: pg.Client
let database: string
let count = 0
const opened: { close(): Promise<void> }[] = []

beforeAll(async () => {
  const base = fs.mkdtempSync('/tmp/onboard-test-s')
  fs.chmodSync(base, 0o755)
  home = embeddedHome({ ONBOARD_HOME: base })
  admin = await connectSuperuser(home)
  await admin.query(`CREATE ROLE boss LOGIN CREATEROLE; CREATE ROLE works LOGIN; CREATE ROLE reads LOGIN`)
})
beforeEach(async () => {
  database = `vendor_${++count}`
  await admin.query(`CREATE DATABASE ${database} OWNER boss`)
})
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
  await admin.query(`DROP DATABASE ${database} WITH (FORCE)`)
  for (const role of ['reader', 'app', 'owner']) await admin.query(`DROP ROLE IF EXISTS onboard_${role}`)
})
afterAll(async () => {
  await admin.end()
  while (fs.existsSync(`${home.data}/postmaster.pid`)) await new Promise((resolve) => setTimeout(resolve, 100))
  fs.rmSync(home.base, { recursive: true, force: true, maxRetries: 5 })
})

const url = (user: string): string => `postgres:///${database}?host=${home.socket}&port=5432&user=${user}`
const target = (users: { app: string; reader?: string; owner?: string }) => ({
  kind: 'server' as const,
  url: url(users.app),
  ...(users.reader ? { reader_url: url(users.reader) } : {}),
  ...(users.owner ? { owner_url: url(users.owner) } : {}),
})
const all = { app: 'works', reader: 'reads', owner: 'boss' }

async function open(users: Parameters<typeof target>[0]) {
  const one = await openDatabase(target(users))
  opened.push(one)
  return one
}

async function inAdmin<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url('postgres') })
  await client.connect()
  return client.query<T>(sql).then(({ rows }) => rows).finally(() => client.end())
}

describe('db migrate', () => {
  test('is asked for before anything is created', async () => {
    await expect(open(all)).rejects.toMatchObject({
      kind: 'invalid', code: 'database-not-migrated', suggestions: ['onboard db migrate'],
    })
    expect(await inAdmin(`SELECT nspname FROM pg_namespace WHERE nspname = 'onboard'`)).toEqual([])
  })

  test('makes roles and schema; each login works with its own rights; again it does nothing', async () => {
    expect(await setUpServer(target(all), null)).toEqual(own)
    expect(await setUpServer(target(all), null)).toEqual([])
    const db = await open(all)
    expect(db.label).toBe(`server:${home.socket}:5432/${database}`)
    const app = await db.connect('app')
    await app.query('SELECT onboard.open_chain()')
    await app.end()
    const reader = await db.connect('reader')
    expect((await reader.query('SELECT count(*)::int AS n FROM onboard.chain')).rows).toEqual([{ n: 1 }])
    await expect(reader.query('SELECT onboard.open_chain()')).rejects.toMatchObject({ code: '42501' })
    await reader.end()
    expect(await inAdmin(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)).toEqual([])
    expect(await inAdmin(`SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'onboard'`)).toEqual([{ tableowner: 'onboard_owner' }])
  })

  test.each(['public', 'vendor'])('makes product tables in schema %s only when told to, and what comes later is usable too', async (schema) => {
    expect(await setUpServer(target(all), null)).toEqual(own)
    expect(await setUpServer(target(all), schema)).toEqual(products.map((name) => `${name}@${schema}`))
    expect(await setUpServer(target(all), null)).toEqual([])
    await inAdmin(`SET ROLE onboard_owner; CREATE TABLE ${schema}.later (id bigint GENERATED ALWAYS AS IDENTITY)`)
    const db = await open(all)
    const app = await db.connect('app')
    await app.query(`INSERT INTO ${schema}.later DEFAULT VALUES`)
    await app.end()
    const reader = await db.connect('reader')
    expect((await reader.query(`SELECT id FROM ${schema}.later`)).rows).toEqual([{ id: '1' }])
    expect((await reader.query(`SELECT id, slug FROM ${schema}.tenants`)).rows).toEqual([])
    await reader.end()
  })

  test('without a reader of its own the one login puts its rights down to read', async () => {
    await setUpServer(target({ app: 'works', owner: 'boss' }), null)
    const db = await open({ app: 'works', owner: 'boss' })
    const reader = await db.connect('reader')
    expect((await reader.query('SELECT current_user::text AS who')).rows).toEqual([{ who: 'onboard_reader' }])
    await expect(reader.query('SELECT onboard.open_chain()')).rejects.toMatchObject({ code: '42501' })
    await reader.end()
  })

  test('by a login without the rights says what an administrator runs, and works after that', async () => {
    const weak = { app: 'works', reader: 'reads' }
    const refused = await setUpServer(target(weak), 'public').catch((error: unknown) => error)
    expect(refused).toMatchObject({ kind: 'forbidden', code: 'setup-refused' })
    const statements = await missingSetup(target(weak), 'public')
    for (const sql of statements) expect(String(refused)).toContain(sql)
    await inAdmin(statements.join(';'))
    expect(await setUpServer(target(weak), 'public')).toEqual(migrationNames().map((name) => (products.includes(name) ? `${name}@public` : name)))
    await open(weak)
  })

  test('on a database without rights of membership, opening is forbidden and not a mystery', async () => {
    await setUpServer(target({ app: 'works', reader: 'reads', owner: 'boss' }), null)
    await expect(open({ app: 'boss' })).rejects.toMatchObject({ kind: 'forbidden', code: 'database-permission' })
  })
})

describe('a server that cannot be worked with is refused', () => {
  test('migrated by a newer version', async () => {
    await setUpServer(target(all), null)
    await inAdmin(`INSERT INTO onboard.migration (name, batch) VALUES ('999_future', 9)`)
    const newer = { kind: 'conflict', code: 'database-newer', message: expect.stringContaining('999_future') }
    await expect(open(all)).rejects.toMatchObject(newer)
    await expect(setUpServer(target(all), null)).rejects.toMatchObject(newer)
  })

  test('read-only: it opens, says so, and a write is a clear error', async () => {
    await setUpServer(target(all), null)
    await admin.query(`ALTER DATABASE ${database} SET default_transaction_read_only = on`)
    const db = await open(all)
    expect(db.readOnly).toBe(true)
    await admin.query(`ALTER DATABASE ${database} RESET default_transaction_read_only`)
  })

  test('down, unknown host, unknown database, unknown login', async () => {
    const at = (address: string) => openDatabase({ kind: 'server', url: address })
    await expect(at('postgres://u@127.0.0.1:1/db')).rejects.toMatchObject({ kind: 'unreachable', code: 'database-unreachable', exit: 8 })
    await expect(at('postgres:///db?host=/nowhere&user=u')).rejects.toMatchObject({ kind: 'unreachable' })
    await expect(at(url('works').replace(database, 'nothing'))).rejects.toMatchObject({ kind: 'invalid', code: 'database-missing' })
    await expect(open({ app: 'stranger' })).rejects.toMatchObject({ kind: 'forbidden', code: 'database-login' })
  })

  test('behind a transaction pooler, proven with two connections; its errors never show a password', async () => {
    await setUpServer(target(all), null)
    const pooler = await transactionPooler(socketIn(home.socket))
    try {
      const through = `postgres://works:geheim@127.0.0.1:${pooler.port}/${database}`
      const refused = await openDatabase({ kind: 'server', url: through }).catch((error: unknown) => error)
      expect(refused).toMatchObject({ kind: 'invalid', code: 'transaction-pooler' })
      expect(String(refused)).not.toContain('geheim')
    } finally {
      await pooler.close()
    }
  })
  test('behind a transaction pooler, whoever else gives connections back to it meanwhile', async () => {
    await setUpServer(target(all), null)
    const pooler = await transactionPooler(socketIn(home.socket))
    const connect = async (): Promise<pg.Client> => {
      const client = new pg.Client({ connectionString: `postgres://works@127.0.0.1:${pooler.port}/${database}` })
      client.on('error', () => {})
      await client.connect()
      return client
    }
    const [first, somebody] = [await connect(), await connect()]
    try {
      await somebody.query('BEGIN')
      const another = async (): Promise<pg.Client> => {
        await somebody.query('ROLLBACK')
        return connect()
      }
      await expect(refusePooler(first, another, 'it')).rejects.toMatchObject({ code: 'transaction-pooler' })
    } finally {
      await first.end()
      await somebody.end()
      await pooler.close()
    }
  })
})
