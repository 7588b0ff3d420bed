/** What is kept of looks: who may write it, of which only as much is kept as is used, and what is told of it. */
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import { keepLooks, keptLooks, stampsOf, type NewLook } from '../../src/journal/looks.ts'
import type { KeptRunbook, Lasting } from '../../src/onboarding/kept.ts'
import { open, prepare, sketch } from '../engine/world.ts'
import { testDatabase } from '../support/database.ts'

let database: Database
let [app, reader]: [pg.Client, pg.Client] = [undefined as never, undefined as never]
let id: string
const RUNBOOK: KeptRunbook = { phases: [], steps: {} }

beforeAll(async () => {
  database = await testDatabase()
  await prepare(database)
  id = await open(database, { runbook: sketch({ one: [{ id: 'a', uses: 'put', with: { key: 'a', value: '1' } }] }) })
  ;[app, reader] = [await database.connect('app'), await database.connect('reader')]
})
afterAll(async () => {
  await app.end()
  await reader.end()
})

const look = async (since: string, company: string, holds: Partial<NewLook['holds']> = {}): Promise<NewLook> => ({
  id, since, digest: 'd', stamp: (await stampsOf(reader, [id])).get(id) ?? '', lasting: { company } as Lasting,
  holds: { until: null, before: null, ...holds },
})
const told = async (now: string, ground = 'g') => {
  const companies: (string | null)[] = []
  for await (const one of keptLooks(reader, { ground, now, today: now.slice(0, 10) })) companies.push(one.look?.lasting.company ?? null)
  return companies
}

test('014: of several stretches the one is told in which the moment lies, up to its instant and its day', async () => {
  const stretches = [
    await look('2026-12-01T09:00:00.000Z', 'now', { until: '2026-12-01T12:00:00.000Z' }),
    await look('2026-12-01T12:00:00.000Z', 'at noon', { before: '2026-12-03' }), await look('2026-12-03T00:00:00.000Z', 'on its day'),
  ]
  await keepLooks(app, 'g', stretches, { d: RUNBOOK })
  expect(await told('2026-12-01T08:59:59.999999Z')).toEqual([null])
  expect(await told('2026-12-01T09:00:00.000000Z')).toEqual(['now'])
  expect(await told('2026-12-01T11:59:59.999999Z')).toEqual(['now'])
  expect(await told('2026-12-01T12:00:00.000000Z')).toEqual(['at noon'])
  expect(await told('2026-12-02T23:59:59.000000Z')).toEqual(['at noon'])
  expect(await told('2027-12-03T00:00:00.000000Z')).toEqual(['on its day'])
  expect(await told('2026-12-01T10:00:00.000000Z', 'another ground')).toEqual([null])
})

test('a look that was kept takes the place of those before it, and holds as long as nothing is appended', async () => {
  await keepLooks(app, 'g', [await look('2026-12-01T10:00:00.000Z', 'later')], { d: RUNBOOK })
  expect((await app.query('SELECT count(*)::int AS n FROM onboard.look')).rows).toEqual([{ n: 1 }])
  expect(await told('2026-12-02T09:00:00.000000Z')).toEqual(['later'])
  await app.query(`SELECT onboard.append($1, 'held', NULL, NULL, NULL, NULL, '{}', NULL)`, [id])
  expect(await told('2026-12-02T09:00:00.000000Z')).toEqual([null])
})

test('the same twice at once, and of four grounds at most', async () => {
  const ours = await look('2026-12-01T10:00:00.000Z', 'ours')
  const other = await database.connect('app')
  await Promise.all([app, other].map((client) => keepLooks(client, 'g', [ours], { d: RUNBOOK })))
  await other.end()
  expect(await told('2026-12-02T09:00:00.000000Z')).toEqual(['ours'])
  for (const ground of ['h', 'i', 'j', 'k']) await keepLooks(app, ground, [ours], { d: RUNBOOK })
  expect(await told('2026-12-02T09:00:00.000000Z', 'k')).toEqual(['ours'])
  expect((await app.query('SELECT ground FROM onboard.look ORDER BY 1')).rows.map(({ ground }: { ground: string }) => ground)).toEqual(['h', 'i', 'j', 'k'])
})

test('a reader keeps nothing', async () => {
  const ours = await look('2026-12-01T10:00:00.000Z', 'ours')
  await expect(keepLooks(reader, 'g', [ours], { d: RUNBOOK })).rejects.toThrow('read-only transaction')
  await reader.query('SET default_transaction_read_only = off')
  await expect(keepLooks(reader, 'g', [ours], { d: RUNBOOK })).rejects.toThrow('permission denied')
})
