import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, expect, test } from 'vitest'
import { ArchiveWriter } from '../../src/database/embedded/archive.ts'
import { backupEmbedded } from '../../src/database/embedded/backup.ts'
import { embeddedHome, type Home } from '../../src/database/embedded/home.ts'
import { restoreEmbedded } from '../../src/database/embedded/restore.ts'
import { stopEmbedded } from '../../src/database/embedded/stop.ts'
import { openDatabase } from '../../src/database/open.ts'

const homes: Home[] = []
const env = (home: Home) => ({ ONBOARD_HOME: home.base })

function freshHome(): Home {
  const base = fs.mkdtempSync('/tmp/onboard-test-b')
  fs.chmodSync(base, 0o755)
  const home = embeddedHome({ ONBOARD_HOME: base })
  homes.push(home)
  return home
}

afterAll(async () => {
  for (const home of homes) {
    await stopEmbedded(home, true)
    fs.rmSync(home.base, { recursive: true, force: true, maxRetries: 5 })
  }
})

test('a backup taken while work goes on is restored where nothing is, whole to the last commit before it', async () => {
  const source = freshHome()
  const database = await openDatabase({ kind: 'embedded', name: 'default' }, { env: env(source) })
  const app = await database.connect('app')
  const owner = await database.connect('owner')
  await owner.query(`CREATE TABLE vendor_own (id int PRIMARY KEY, what text); CREATE VIEW seen AS SELECT * FROM vendor_own`)
  const chain = (await app.query<{ id: string }>('SELECT onboard.open_chain() AS id')).rows[0]!.id
  const append = () => app.query(`SELECT onboard.append($1, 'done', 'p', 's', '', NULL, '{}', '{"v":"1"}')`, [chain])
  for (let i = 0; i < 20; i++) await append()
  await owner.query(`INSERT INTO vendor_own SELECT g, repeat('x', 200) FROM generate_series(1, 2000) g`)
  let going = true
  const busy = (async () => {
    while (going) await append()
  })()
  const file = path.join(source.base, 'all.backup')
  const made = await backupEmbedded(source, file)
  going = false
  await busy
  await app.end()
  await owner.end()
  await database.close()
  expect(made).toMatchObject({ file, databases: ['default'] })
  expect(fs.statSync(file).mode & 0o077).toBe(0)
  await expect(backupEmbedded(source, file)).rejects.toMatchObject({ kind: 'usage' })

  const target = freshHome()
  expect(await restoreEmbedded(target, file)).toMatchObject({ databases: ['default'], sha256: made.sha256 })
  const again = await openDatabase({ kind: 'embedded', name: 'default' }, { env: env(target) })
  const reader = await again.connect('reader')
  expect((await reader.query('SELECT count(*)::int AS n, min(length(what)) AS l FROM seen')).rows).toEqual([{ n: 2000, l: 200 }])
  const { rows } = await reader.query<{ seq: string; body: string; hash: Buffer }>('SELECT seq, body, hash FROM onboard.journal ORDER BY seq')
  expect(rows.length).toBeGreaterThanOrEqual(20)
  let previous: Buffer = Buffer.alloc(32)
  for (const { seq, body, hash } of rows) {
    previous = createHash('sha256').update(previous).update(`${seq}\n${body}`).digest()
    expect(hash.equals(previous)).toBe(true)
  }
  await reader.end()
  await again.close()
  await expect(restoreEmbedded(target, file)).rejects.toMatchObject({ kind: 'conflict', code: 'embedded-not-empty' })
})

const HEADER = {
  format: 'onboard-backup', version: 1, platform: process.platform, arch: process.arch, server: '18.4', created_at: '', databases: [],
} as const

/** A small archive of one file, as bytes before they are packed. */
async function archive(name = 'global/pg_control', header: object = HEADER): Promise<Buffer> {
  const out = new PassThrough()
  const writer = new ArchiveWriter(out)
  await writer.header(header as typeof HEADER)
  await writer.folder('global')
  await writer.bytes(name, 'content')
  await writer.end()
  return Buffer.concat(await out.toArray())
}

const changed = (bytes: Buffer): Buffer => Buffer.from(bytes.toString('latin1').replace('content', 'c0ntent'), 'latin1')

test.each<[string, () => Promise<Buffer>]>([
  ['is no archive', async () => Buffer.from('hello')],
  ['is packed and no backup', async () => gzipSync('hello\n')],
  ['ends too early', async () => gzipSync((await archive()).subarray(0, -80))],
  ['is cut off', async () => gzipSync(await archive()).subarray(0, -20)],
  ['was changed', async () => gzipSync(changed(await archive()))],
  ['is of another system', async () => gzipSync(await archive('f', { ...HEADER, arch: 'm68k' }))],
  ['is of another major version', async () => gzipSync(await archive('f', { ...HEADER, server: '17.9' }))],
  ['names a file outside', async () => gzipSync(await archive('../../escaped'))],
])('a file that %s is refused, and leaves nothing', async (_, make) => {
  const home = freshHome()
  const file = path.join(home.base, 'bad.backup')
  fs.writeFileSync(file, await make())
  await expect(restoreEmbedded(home, file)).rejects.toMatchObject({ kind: 'invalid', code: 'backup-unusable' })
  expect(fs.readdirSync(home.dir).filter((left) => left.startsWith('data'))).toEqual([])
  expect(fs.existsSync(path.join(home.dir, 'escaped'))).toBe(false)
})

test('a server in use is stopped only by force', async () => {
  const home = freshHome()
  const database = await openDatabase({ kind: 'embedded', name: 'default' }, { env: env(home) })
  const client = await database.connect('app', { application_name: 'onboard ada' })
  await database.close()
  await expect(stopEmbedded(home, false)).rejects.toMatchObject({ kind: 'conflict', message: expect.stringContaining('onboard ada') })
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  expect(await stopEmbedded(home, true)).toBe(true)
  expect(await stopEmbedded(home, true)).toBe(false)
})
