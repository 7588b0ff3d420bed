import { afterAll, beforeAll, expect, test } from 'vitest'
import type pg from 'pg'
import { keepConnections } from '../../src/database/kept.ts'
import type { Database } from '../../src/database/open.ts'
import { sqlAsOwner, testDatabase } from '../support/database.ts'

let database: Database
let endAll: () => Promise<void>
beforeAll(async () => {
  database = await testDatabase()
  endAll = keepConnections()
  // The connection that opened the database is from before.
  await (await database.connect('app')).end()
})
afterAll(() => endAll())

const one = async (client: pg.Client, sql: string) => (await client.query<{ value: string }>(`SELECT (${sql})::text AS value`)).rows[0]?.value
const pid = (client: pg.Client) => one(client, 'pg_backend_pid()')
const isThere = async (backend: string | undefined) => (await sqlAsOwner<{ n: number }>(database, 'SELECT count(*)::int AS n FROM pg_stat_activity WHERE pid = $1', [backend]))[0]?.n === 1

test('a connection that ended is there again for whoever opens the same, and nothing of before is left in it', async () => {
  const first = await database.connect('app')
  const backend = await pid(first)
  await first.query(`BEGIN; SET lock_timeout = '7s'; SET ROLE onboard_reader; SELECT pg_advisory_lock(4711); CREATE TEMP TABLE left_behind (a int)`).catch(() => undefined)
  await first.query('ROLLBACK')
  await first.query(`SET lock_timeout = '7s'; SELECT pg_advisory_lock(4711); CREATE TEMP TABLE left_behind (a int); SET ROLE onboard_reader`).catch(() => undefined)
  await first.query('BEGIN')
  await first.end()
  const again = await database.connect('app')
  expect(await pid(again)).toBe(backend)
  expect(await one(again, `current_setting('lock_timeout')`)).not.toBe('7s')
  expect(await one(again, 'current_user')).not.toBe('onboard_reader')
  expect(await one(again, `to_regclass('pg_temp.left_behind')`)).toBeNull()
  expect(await one(again, `(SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())`)).toBe('0')
  expect(await one(again, `now() = statement_timestamp()`)).toBe('true')
  await again.end()
})

test('two at the same time are two, and another role has one of its own', async () => {
  const [app, more, reader] = [await database.connect('app'), await database.connect('app'), await database.connect('reader')]
  expect(new Set([await pid(app), await pid(more), await pid(reader)]).size).toBe(3)
  expect(await one(reader, `has_table_privilege('onboard.journal', 'INSERT')`)).toBe('false')
  for (const client of [app, more, reader]) await client.end()
})

test('whoever comes next can end it, though the one before has put an end of its own in its place', async () => {
  const first = await database.connect('app')
  const backend = await pid(first)
  const end = first.end.bind(first)
  first.end = (async () => undefined) as typeof first.end
  await end()
  const again = await database.connect('app')
  expect(await pid(again)).toBe(backend)
  await again.end()
  const third = await database.connect('app')
  expect(await pid(third)).toBe(backend)
  await Promise.all([third.end(), third.end()])
  const both = [await database.connect('app'), await database.connect('app')]
  expect(new Set(await Promise.all(both.map(pid))).size).toBe(2)
  for (const client of both) await client.end()
})

test('one that the server has ended is not given to anybody', async () => {
  const [first, other] = [await database.connect('app'), await database.connect('app')]
  const backend = await pid(first)
  await first.end()
  await other.query('SELECT pg_terminate_backend($1)', [backend])
  await other.end()
  for (let i = 0; i < 100 && (await isThere(backend)); i++) await new Promise((resolve) => setTimeout(resolve, 10))
  const next = [await database.connect('app'), await database.connect('app')]
  for (const client of next) expect(await pid(client)).not.toBe(backend)
  for (const client of next) await client.end()
})

test('in the end they are ended, and none is kept any more', async () => {
  const first = await database.connect('app')
  const backend = await pid(first)
  await first.end()
  expect(await isThere(backend)).toBe(true)
  await endAll()
  const next = await database.connect('app')
  const other = await pid(next)
  await next.end()
  for (const one of [backend, other]) {
    for (let i = 0; i < 100 && (await isThere(one)); i++) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(await isThere(one)).toBe(false)
  }
})
