import { randomUUID } from 'node:crypto'
import type { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import type { Entry } from '../../src/engine/ports.ts'
import { append } from '../../src/journal/append.ts'
import { readJournal } from '../../src/journal/entries.ts'
import { verifyChain } from '../../src/journal/verify.ts'
import { testDatabase } from '../support/database.ts'

let database: Database
let app: Client
let owner: Client
beforeAll(async () => {
  database = await testDatabase()
  app = await database.connect('app')
  owner = await database.connect('owner')
})
afterAll(async () => {
  await app.end()
  await owner.end()
})

const entry = (n: number): Entry => ({ kind: 'done', key: { phase: 'p', step: `s${n}`, instance: '' }, run: randomUUID(), facts: { n }, detail: { change: { n, name: 'Zoë "x"\n\u2028', big: 1e21 }, outputs: {} } })

async function chain(length: number): Promise<string> {
  const id = (await app.query<{ id: string }>('SELECT onboard.open_chain() AS id')).rows[0]?.id as string
  for (let n = 1; n <= length; n++) await append(app, id, entry(n))
  return id
}

/** What an owner of the tables can do: switch the triggers off, and on again afterwards. */
async function tamper(sql: string, params: readonly unknown[]): Promise<void> {
  await owner.query('BEGIN')
  for (const table of ['journal', 'journal_detail', 'chain']) await owner.query(`ALTER TABLE onboard.${table} DISABLE TRIGGER USER`)
  await owner.query(sql, [...params])
  for (const [table, triggers] of [['journal', ['append_only', 'append_only_all']], ['journal_detail', ['only_erase', 'append_only', 'append_only_all']], ['chain', ['append_only', 'append_only_all']]] as const) {
    for (const trigger of triggers) await owner.query(`ALTER TABLE onboard.${table} ENABLE ALWAYS TRIGGER ${trigger}`)
  }
  await owner.query('COMMIT')
}

describe('a chain', () => {
  it('verifies as written, and reads back what was written', async () => {
    const id = await chain(3)
    expect(await verifyChain(app, id)).toMatchObject({ entries: 3, faults: [] })
    const { entries } = await readJournal(app, id, 'whole')
    expect(entries[1]).toMatchObject({ seq: 2, kind: 'done', facts: { n: 2 }, detail: entry(2).detail })
  })

  it('is not changed by anyone: app, reader, or owner with replication role', async () => {
    const id = await chain(1)
    const reader = await database.connect('reader')
    for (const sql of [`UPDATE onboard.journal SET body = '{}'`, 'DELETE FROM onboard.journal', 'TRUNCATE onboard.journal CASCADE', `INSERT INTO onboard.journal SELECT * FROM onboard.journal`, `UPDATE onboard.chain SET seq = 0`]) {
      await expect(app.query(sql)).rejects.toMatchObject({ code: '42501' })
      await expect(reader.query(sql)).rejects.toMatchObject({ code: expect.stringMatching(/42501|25006/) })
    }
    await expect(reader.query(`SELECT onboard.append('${id}', 'done', NULL, NULL, NULL, NULL, '{}', NULL)`)).rejects.toMatchObject({ code: expect.stringMatching(/42501|25006/) })
    await reader.end()
    for (const sql of [`UPDATE onboard.journal SET body = '{}'`, 'DELETE FROM onboard.journal', 'TRUNCATE onboard.journal CASCADE', `UPDATE onboard.journal_detail SET value = 'x'`, 'DELETE FROM onboard.journal_detail', 'DELETE FROM onboard.chain']) {
      await expect(owner.query(sql), sql).rejects.toMatchObject({ code: 'OB002' })
    }
  })

  it.each([
    ['an edited entry', `UPDATE onboard.journal SET body = replace(body, '"n":2', '"n":7') WHERE chain = $1 AND seq = 2`, 'edited', 2],
    ['a deleted entry', `WITH gone AS (DELETE FROM onboard.journal_detail WHERE chain = $1 AND seq = 2) DELETE FROM onboard.journal WHERE chain = $1 AND seq = 2`, 'missing', 2],
    ['a cut tail', `DELETE FROM onboard.journal_detail WHERE chain = $1 AND seq = 3`, 'detail-missing', 3],
    ['a column that says other than the entry', `UPDATE onboard.journal SET step = 'other' WHERE chain = $1 AND seq = 2`, 'column', 2],
    ['an edited detail', `UPDATE onboard.journal_detail SET value = '{"n":9}' WHERE chain = $1 AND seq = 2 AND name = 'change'`, 'detail', 2],
    ['an added detail', `INSERT INTO onboard.journal_detail VALUES ($1, 2, 'more', '\\x00', '1', NULL)`, 'detail', 2],
    ['a head that was moved', `UPDATE onboard.chain SET hash = sha256('') WHERE id = $1`, 'head', 3],
    ['an entry re-hashed by itself', `UPDATE onboard.journal SET body = '{}', hash = sha256((SELECT p.hash FROM onboard.journal p WHERE p.chain = $1 AND p.seq = 1) || convert_to(E'2\\n{}', 'UTF8')) WHERE chain = $1 AND seq = 2`, 'edited', 3],
  ])('%s is found and named', async (_what, sql, fault, seq) => {
    const id = await chain(3)
    await tamper(sql, [id])
    const { faults } = await verifyChain(app, id)
    expect(faults).toContainEqual(expect.objectContaining({ fault, seq }))
  })

  it('a tail cut with its detail is found by the head row', async () => {
    const id = await chain(3)
    await tamper('DELETE FROM onboard.journal_detail WHERE chain = $1 AND seq = 3', [id])
    await tamper('DELETE FROM onboard.journal WHERE chain = $1 AND seq = 3', [id])
    expect((await verifyChain(app, id)).faults).toEqual([expect.objectContaining({ fault: 'missing', message: expect.stringContaining('tail was cut') })])
  })

  it('two entries in each other’s place are found', async () => {
    const id = await chain(3)
    await tamper(`UPDATE onboard.journal j SET body = o.body FROM onboard.journal o WHERE j.chain = $1 AND o.chain = $1 AND j.seq IN (1, 2) AND o.seq = 3 - j.seq`, [id])
    expect((await verifyChain(app, id)).faults.filter((f) => f.fault === 'edited').map((f) => f.seq)).toEqual([1, 2])
  })

  it('stays whole when a value is erased on request', async () => {
    const id = await chain(2)
    expect((await app.query(`SELECT onboard.erase($1, 1, 'change') AS erased`, [id])).rows[0]).toEqual({ erased: true })
    expect(await verifyChain(app, id)).toMatchObject({ faults: [], erased: 1 })
    expect((await readJournal(app, id, 'whole')).entries[0]).toMatchObject({ erased: ['change'], detail: { outputs: {} } })
  })

  it('keeps simultaneous appends in one order, without the run lock', async () => {
    const id = await chain(0)
    const clients = await Promise.all([1, 2, 3, 4].map(() => database.connect('app')))
    await Promise.all(clients.map(async (client, n) => { for (let i = 0; i < 25; i++) await append(client, id, entry(n * 100 + i)) }))
    await Promise.all(clients.map((client) => client.end()))
    expect(await verifyChain(app, id)).toMatchObject({ entries: 100, faults: [] })
  })

  it('verifies while others append to it', async () => {
    const id = await chain(2)
    const reader = await database.connect('reader')
    const query = reader.query.bind(reader) as (...given: unknown[]) => Promise<unknown>
    reader.query = (async (...given: unknown[]) => {
      const answer = await query(...given)
      await append(app, id, entry(9))
      return answer
    }) as Client['query']
    expect((await verifyChain(reader, id)).faults).toEqual([])
    await reader.end()
  })

  it('takes an entry that is one JSON object and nothing else', async () => {
    const id = await chain(0)
    for (const body of ['[]', '1', '{}, "kind": "x"', '{', '']) {
      await expect(app.query('SELECT onboard.append($1, $2, NULL, NULL, NULL, NULL, $3, NULL)', [id, 'done', body])).rejects.toThrow()
    }
    expect(await verifyChain(app, id)).toMatchObject({ entries: 0, faults: [] })
  })
})
