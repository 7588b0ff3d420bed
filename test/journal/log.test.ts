import type { Client } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import { append } from '../../src/journal/append.ts'
import { readHead, readLog } from '../../src/journal/log.ts'
import { testDatabase } from '../support/database.ts'

let database: Database
let app: Client
let chain: string
beforeAll(async () => {
  database = await testDatabase()
  app = await database.connect('app')
  chain = (await app.query<{ id: string }>('SELECT onboard.open_chain() AS id')).rows[0]?.id as string
  await append(app, chain, { kind: 'opened', key: null, run: null, facts: {}, detail: {} })
  for (let n = 2; n <= 12; n++) {
    const key = { phase: n % 2 === 0 ? 'even' : 'odd', step: `s${n % 3}`, instance: '' }
    await append(app, chain, { kind: 'done', key, run: null, facts: { n }, detail: { outputs: { n } } })
  }
})
afterAll(() => app.end())

const numbers = async (wish: Parameters<typeof readLog>[2]) => (await readLog(app, chain, wish)).map(({ seq }) => seq)

it('gives the entries that are wanted, oldest first, as they were written', async () => {
  expect(await numbers({})).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  expect(await numbers({ last: 3 })).toEqual([10, 11, 12])
  expect(await numbers({ phase: 'odd', last: 2 })).toEqual([9, 11])
  expect(await numbers({ step: { phase: 'even', step: 's0' } })).toEqual([6, 12])
  expect(await numbers({ phase: 'nowhere' })).toEqual([])
  expect((await readLog(app, chain, { last: 1 }))[0]).toMatchObject({ kind: 'done', facts: { n: 12 }, detail: { outputs: { n: 12 } }, erased: [] })
})

it('knows the head, also of a chain without entries', async () => {
  expect(await readHead(app, chain)).toEqual({ seq: 12, hash: (await readLog(app, chain, { last: 1 }))[0]?.hash })
  const empty = (await app.query<{ id: string }>('SELECT onboard.open_chain() AS id')).rows[0]?.id as string
  expect(await readHead(app, empty)).toEqual({ seq: 0, hash: '' })
})

it('reads the last ones without the others: one of those that cannot be read does not matter', async () => {
  const owner = await database.connect('owner')
  await owner.query(`BEGIN; ALTER TABLE onboard.journal DISABLE TRIGGER USER; UPDATE onboard.journal SET body = 'no JSON' WHERE seq = 1;
    ALTER TABLE onboard.journal ENABLE ALWAYS TRIGGER append_only; ALTER TABLE onboard.journal ENABLE ALWAYS TRIGGER append_only_all; COMMIT`)
  await owner.end()
  await expect(readLog(app, chain)).rejects.toThrow()
  expect(await numbers({ last: 11 })).toHaveLength(11)
})
