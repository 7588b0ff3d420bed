import type { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import { sendPrepared } from '../../src/journal/prepared.ts'
import { testDatabase } from '../support/database.ts'

let database: Database
let app: Client
let owner: Client
beforeAll(async () => {
  database = await testDatabase()
  app = await database.connect('app')
  owner = await database.connect('owner')
  await owner.query('CREATE TABLE public.kept (value text); GRANT ALL ON public.kept TO onboard_app')
})
afterAll(async () => {
  await app.end()
  await owner.end()
})

const prepared = async () => Number((await app.query<{ n: string }>('SELECT count(*) AS n FROM pg_prepared_statements')).rows[0]?.n)

it('is read by the server once, however often it is sent', async () => {
  const before = await prepared()
  for (const value of ['a', 'b', 'c']) await sendPrepared(app, 'INSERT INTO public.kept VALUES ($1)', [value])
  expect((await sendPrepared(app, 'SELECT value FROM public.kept ORDER BY value', [])).rows).toEqual([{ value: 'a' }, { value: 'b' }, { value: 'c' }])
  expect(await prepared()).toBe(before + 2)
})

it('that was refused is no different when it is sent again', async () => {
  await expect(sendPrepared(app, 'SELECT * FROM public.later', [])).rejects.toMatchObject({ code: '42P01' })
  await app.query('BEGIN')
  await expect(app.query('SELECT 1/0')).rejects.toThrow()
  await expect(sendPrepared(app, 'SELECT 2 AS two', [])).rejects.toMatchObject({ code: '25P02' })
  await app.query('ROLLBACK')
  expect((await sendPrepared(app, 'SELECT 2 AS two', [])).rows).toEqual([{ two: 2 }])
  await owner.query('CREATE TABLE public.later (a int); GRANT SELECT ON public.later TO onboard_app')
  expect((await sendPrepared(app, 'SELECT * FROM public.later', [])).rows).toEqual([])
})

it('of several statements is refused', async () => {
  await expect(sendPrepared(app, 'SELECT 1; SELECT 2', [])).rejects.toMatchObject({ code: '42601' })
})

it('whose table was altered meanwhile says so, and works when it is sent again', async () => {
  const text = 'SELECT * FROM public.kept'
  await sendPrepared(app, text, [])
  await owner.query('ALTER TABLE public.kept ADD COLUMN more int')
  await expect(sendPrepared(app, text, [])).rejects.toMatchObject({ kind: 'conflict', code: 'tables-changed' })
  expect((await sendPrepared(app, text, [])).rows[0]).toEqual({ value: 'a', more: null })
})

it('whose plan was made while there was one row is planned anew when there are many', async () => {
  await owner.query(`CREATE TABLE public.filled (name text) WITH (autovacuum_enabled = false); CREATE INDEX filled_name ON public.filled (name);
    INSERT INTO public.filled VALUES ('n0'); GRANT ALL ON public.filled TO onboard_app`)
  await owner.query('VACUUM ANALYZE public.filled')
  const text = 'SELECT name FROM public.filled WHERE name = $1::text'
  for (let n = 0; n < 10; n++) await sendPrepared(app, text, ['n0'])
  await owner.query(`INSERT INTO public.filled SELECT 'n' || n FROM generate_series(1, 10000) n`)
  const { rows: [{ name } = { name: '' }] } = await app.query<{ name: string }>('SELECT name FROM pg_prepared_statements WHERE statement = $1', [text])
  const plan = async () => (await app.query<{ 'QUERY PLAN': string }>(`EXPLAIN EXECUTE "${name}" ('n7')`)).rows.map((one) => one['QUERY PLAN']).join(' ')
  expect(await plan()).toContain('Seq Scan')
  for (let n = 0; n < 120; n++) await sendPrepared(app, text, ['n7'])
  expect(await plan()).toContain('filled_name')
})

it('is not kept where a connection has very many different ones', async () => {
  for (let n = 0; n < 250; n++) await sendPrepared(app, `SELECT ${n} AS n`, [])
  expect(await prepared()).toBeLessThanOrEqual(202)
  expect((await sendPrepared(app, 'SELECT 249 AS n', [])).rows).toEqual([{ n: 249 }])
})
