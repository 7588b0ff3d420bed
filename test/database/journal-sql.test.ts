import { createHash } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import { superuser, testDatabase } from '../support/database.ts'

let database: Database
let app: pg.Client
let owner: pg.Client

beforeAll(async () => {
  database = await testDatabase()
  app = await database.connect('app')
  owner = await database.connect('owner')
})
afterAll(async () => {
  await app.end()
  await owner.end()
})

const APPEND = 'SELECT * FROM onboard.append($1, $2, $3, $4, $5, $6, $7, $8)'

async function openChain(): Promise<string> {
  const { rows } = await app.query<{ id: string }>('SELECT onboard.open_chain() AS id')
  return rows[0]!.id
}

async function append(chain: string, entry: string, detail: object | null = null, client = app) {
  const { rows } = await client.query<{ seq: string; hash: Buffer; at: string }>(APPEND, [
    chain, 'done', 'provision', 'tenant', '', null, entry, detail === null ? null : JSON.stringify(detail),
  ])
  return rows[0]!
}

const sha256 = (...parts: (string | Buffer)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

async function entries(chain: string) {
  const { rows } = await app.query<{ seq: string; body: string; hash: Buffer }>(
    'SELECT seq, body, hash FROM onboard.journal WHERE chain = $1 ORDER BY seq',
    [chain],
  )
  return rows
}

const refusal = (code: string) => expect.objectContaining({ code })

describe('append', () => {
  test('numbers entries and chains them so that anyone can recompute the hashes', async () => {
    const chain = await openChain()
    await append(chain, '{"one":1}')
    await append(chain, '{"two":"Zoë 漢字"}', { after: '{"name":"Ärger"}', before: 'null' })
    const last = await append(chain, '{}')
    let previous: Buffer = Buffer.alloc(32)
    for (const { seq, body, hash } of await entries(chain)) {
      previous = sha256(previous, `${seq}\n${body}`)
      expect(hash.equals(previous)).toBe(true)
    }
    expect(last).toMatchObject({ seq: '3' })
    expect(last.hash.equals(previous)).toBe(true)
  })

  test('writes who, when and what into the body, where the caller cannot choose who and when', async () => {
    const chain = await openChain()
    await append(chain, '{"session_user":"somebody else"}')
    const [entry] = await entries(chain)
    expect(JSON.parse(entry!.body)).toEqual({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      clock: 'server',
      detail: {},
      entry: { session_user: 'somebody else' },
      key: ['provision', 'tenant', ''],
      kind: 'done',
      session_user: 'onboard_app',
    })
  })

  test('keeps values beside the chain, which holds their salted digests', async () => {
    const chain = await openChain()
    await append(chain, '{}', { before: 'null', after: '{"email":"ada@acme.example"}' })
    const [entry] = await entries(chain)
    const { rows } = await app.query<{ name: string; salt: Buffer; value: string }>(
      'SELECT name, salt, value FROM onboard.journal_detail WHERE chain = $1 ORDER BY name',
      [chain],
    )
    expect(rows.map(({ name, value }) => [name, value])).toEqual([['after', '{"email":"ada@acme.example"}'], ['before', 'null']])
    expect(JSON.parse(entry!.body).detail).toEqual(
      Object.fromEntries(rows.map(({ name, salt, value }) => [name, sha256(salt, value).toString('hex')])),
    )
    expect(entry!.body).not.toContain('ada@')
  })

  test.each(['[]', '1', 'null', '"text"'])('refuses %s, which is no JSON object', async (entry) => {
    await expect(append(await openChain(), entry)).rejects.toEqual(refusal('OB004'))
  })

  test('refuses text that would pass for more than the entry', async () => {
    await expect(append(await openChain(), '{},"kind":"signed"')).rejects.toEqual(refusal('22P02'))
  })

  test('refuses an unknown chain', async () => {
    await expect(append('00000000-0000-4000-8000-000000000000', '{}')).rejects.toEqual(refusal('OB003'))
  })

  test('leaves nothing behind when the transaction it was part of is rolled back', async () => {
    const chain = await openChain()
    await app.query('BEGIN')
    await append(chain, '{}')
    await app.query('ROLLBACK')
    expect(await append(chain, '{}')).toMatchObject({ seq: '1' })
  })

  test('puts simultaneous appends one after the other, with no gap', async () => {
    const chain = await openChain()
    const clients = await Promise.all(Array.from({ length: 5 }, () => database.connect('app')))
    await Promise.all(
      clients.map(async (client) => {
        for (const n of [1, 2, 3, 4]) await append(chain, `{"n":${n}}`, null, client)
        await client.end()
      }),
    )
    const found = await entries(chain)
    expect(found.map(({ seq }) => Number(seq))).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
  })
})

describe('nobody edits the journal quietly', () => {
  const attempts = [
    'INSERT INTO onboard.journal (chain, seq, at, kind, body, hash) SELECT chain, seq + 1, at, kind, body, hash FROM onboard.journal',
    `UPDATE onboard.journal SET kind = 'signed'`,
    'DELETE FROM onboard.journal',
    'TRUNCATE onboard.journal CASCADE',
    `UPDATE onboard.journal_detail SET value = '{}'`,
    'DELETE FROM onboard.journal_detail',
    'TRUNCATE onboard.journal_detail',
    'DELETE FROM onboard.chain',
    'TRUNCATE onboard.chain CASCADE',
    'TRUNCATE onboard.clock',
    'DELETE FROM onboard.clock',
  ]

  test.each(attempts)('the app may not: %s', async (sql) => {
    await append(await openChain(), '{}', { a: '1' })
    await expect(app.query(sql)).rejects.toEqual(refusal('42501'))
  })

  test.each(attempts.filter((sql) => !sql.startsWith('INSERT')))('triggers refuse the owner: %s', async (sql) => {
    await append(await openChain(), '{}', { a: '1' })
    await expect(owner.query(sql)).rejects.toMatchObject({ code: expect.stringMatching(/^OB00[12]$/) })
  })

  test.each(attempts.filter((sql) => !sql.startsWith('INSERT')))('nor does replication mode help: %s', async (sql) => {
    await append(await openChain(), '{}', { a: '1' })
    const root = await superuser(database.label.split(/[:/]/).at(-1)!)
    try {
      await root.query('SET session_replication_role = replica')
      await expect(root.query(sql)).rejects.toMatchObject({ code: expect.stringMatching(/^OB00[12]$/) })
    } finally {
      await root.end()
    }
  })

  test('the app cannot become the owner, nor the reader anyone', async () => {
    await expect(app.query('SET ROLE onboard_owner')).rejects.toEqual(refusal('42501'))
    const reader = await database.connect('reader')
    await expect(reader.query('SET ROLE onboard_app')).rejects.toEqual(refusal('42501'))
    await expect(reader.query(APPEND, [null, 'x', null, null, null, null, '{}', null])).rejects.toEqual(refusal('42501'))
    await reader.end()
  })
})

test('a value is erased on request, and the chain stays whole', async () => {
  const chain = await openChain()
  await append(chain, '{}', { email: '"ada@acme.example"' })
  const before = await entries(chain)
  const erase = () => app.query<{ erased: boolean }>(`SELECT onboard.erase($1, 1, 'email') AS erased`, [chain])
  expect((await erase()).rows).toEqual([{ erased: true }])
  expect((await erase()).rows).toEqual([{ erased: false }])
  expect(await entries(chain)).toEqual(before)
  const { rows } = await app.query('SELECT salt, value, erased_at IS NOT NULL AS erased FROM onboard.journal_detail WHERE chain = $1', [chain])
  expect(rows).toEqual([{ salt: null, value: null, erased: true }])
})

test('evidence is stored under its own digest only', async () => {
  const insert = 'INSERT INTO onboard.evidence (digest, bytes) VALUES ($1, $2)'
  const bytes = Buffer.from('a signed contract')
  await expect(app.query(insert, ['0'.repeat(64), bytes])).rejects.toEqual(refusal('23514'))
  await app.query(insert, [sha256(bytes).toString('hex'), bytes])
})
