import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stopEmbedded } from '../../src/database/embedded/stop.ts'
import { embeddedHome } from '../../src/database/embedded/home.ts'
import { cli, cliJson } from '../support/cli.ts'
import { environmentOf, testDatabase } from '../support/database.ts'

let base: string
let world: { cwd: string; env: Record<string, string> }

beforeAll(() => {
  base = fs.mkdtempSync('/tmp/onboard-test-c')
  fs.chmodSync(base, 0o755)
  world = { cwd: base, env: { ONBOARD_HOME: path.join(base, 'one') } }
})
afterAll(async () => {
  for (const name of ['one', 'two']) await stopEmbedded(embeddedHome({ ONBOARD_HOME: path.join(base, name) }), true)
  fs.rmSync(base, { recursive: true, force: true, maxRetries: 5 })
})

const sql = (text: string, json: '--json'[] = []) => cli(['db', 'sql', ...json], { ...world, stdin: text })

describe('the embedded database', () => {
  test('is looked at without being made', async () => {
    const { result } = await cliJson('db-status', ['db', 'status'], world)
    expect(result).toMatchObject({ database: 'embedded:default', running: false, version: null, embedded: { made: false } })
    expect(fs.existsSync(path.join(base, 'one'))).toBe(false)
  })

  test('is started, shown and found up to date', async () => {
    const { result } = await cliJson('db-status', ['db', 'start'], world)
    expect(result).toMatchObject({ running: true, migrations: { pending: [] }, embedded: { made: true, databases: [{ name: 'default' }] } })
    expect((await cliJson('db-migrate', ['db', 'migrate'], world)).result).toMatchObject({ applied: [] })
    expect((await cli(['db', 'status'], world)).stdout).toMatch(/embedded:default · PostgreSQL 18/)
  })

  test.each(['app', 'reader', 'owner'])('gives other programs a way in as %s', async (role) => {
    const { result } = await cliJson<{ url: string }>('db-url', ['db', 'url', '--role', role], world)
    expect(result.url).toMatch(new RegExp(`^postgresql:///default\\?host=.*&user=onboard_${role}$`))
    const status = await cli(['status'], { ...world, env: { ...world.env, ONBOARD_DATABASE_URL: result.url } })
    if (role === 'app') expect(status.exit).toBe(0)
  })

  test('takes tables of its user, who has no psql, and shows rows', async () => {
    const made = await sql(`CREATE TABLE rooms (id bigint PRIMARY KEY, name text); INSERT INTO rooms VALUES (9007199254740993, 'Aula'), (2, NULL)`)
    expect(made).toMatchObject({ exit: 0, stdout: '' })
    const shown = await sql('SELECT * FROM rooms ORDER BY id')
    expect(shown.stdout).toBe('id                name\n2                 null\n9007199254740993  Aula\n')
    const { stdout } = await sql('SELECT * FROM rooms ORDER BY id', ['--json'])
    expect(JSON.parse(stdout)).toMatchObject({ statements: [{ columns: ['id', 'name'], rows: [['2', null], ['9007199254740993', 'Aula']] }] })
  })

  test('keeps all statements of a text or none, and names the line of the one that failed', async () => {
    fs.writeFileSync(path.join(base, 'bad.sql'), 'CREATE TABLE halls (id int);\nINSERT INTO halls\n  VALUES (missing);\n')
    const ran = await cli(['db', 'sql', 'bad.sql'], world)
    expect(ran.exit).toBe(3)
    expect(ran.stderr).toMatch(/bad\.sql:3:11/)
    expect(ran.stderr).toMatch(/column "missing" does not exist/)
    expect((await sql(`SELECT to_regclass('halls') AS t`)).stdout).toMatch(/null/)
  })

  test('refuses text that is not UTF-8, a missing file, and escape codes in what it shows', async () => {
    fs.writeFileSync(path.join(base, 'latin.sql'), Buffer.from([0x53, 0xe9]))
    expect((await cli(['db', 'sql', 'latin.sql'], world)).exit).toBe(3)
    expect((await cli(['db', 'sql', 'none.sql'], world)).exit).toBe(3)
    expect((await sql(`SELECT E'\\x1b[31mred' AS evil`)).stdout).not.toContain('\u001b')
  })

  test('is backed up and restored elsewhere, and nowhere twice', async () => {
    const { result } = await cliJson('db-backup', ['db', 'backup', 'all.backup'], world)
    expect(result).toMatchObject({ file: 'all.backup', databases: ['default'] })
    expect((await cli(['db', 'backup', 'all.backup'], world)).exit).toBe(2)
    const other = { cwd: base, env: { ONBOARD_HOME: path.join(base, 'two') } }
    expect((await cliJson('db-restore', ['db', 'restore', 'all.backup'], other)).result).toMatchObject({ databases: ['default'] })
    expect((await cli(['db', 'sql'], { ...other, stdin: 'SELECT name FROM rooms WHERE id > 2' })).stdout).toMatch(/Aula/)
    expect((await cli(['db', 'restore', 'all.backup'], other)).exit).toBe(7)
  })

  test('is stopped on demand, and starts by itself again', async () => {
    expect((await cliJson('db-stop', ['db', 'stop'], world)).result).toMatchObject({ stopped: true })
    expect((await cliJson('db-stop', ['db', 'stop'], world)).result).toMatchObject({ stopped: false })
    expect((await sql('SELECT count(*) FROM rooms')).stdout).toMatch(/2/)
  })
})

describe('the clock', () => {
  test("is the server's, and is not moved", async () => {
    expect((await cliJson('db-clock', ['db', 'clock'], world)).result).toMatchObject({ simulated: false })
    expect(await cli(['db', 'clock', '--to', '2027-01-01T00:00:00Z'], world)).toMatchObject({ exit: 7 })
  })

  test('simulated, moves forward only', async () => {
    const database = await testDatabase({ simulated: '2027-01-04T08:00:00Z' })
    const simulated = { cwd: base, env: environmentOf(database) }
    const moved = await cliJson('db-clock', ['db', 'clock', '--to', '2027-01-05T09:00:00+01:00'], simulated)
    expect(moved.result).toMatchObject({ now: '2027-01-05T08:00:00.000000Z', simulated: true })
    expect(await cli(['db', 'clock', '--to', '2027-01-04T08:00:00Z'], simulated)).toMatchObject({ exit: 7 })
  })

  test.each(['tomorrow', '2027-02-30T08:00:00Z', '2027-02-15', '2027-02-15T08:00:00'])('takes no %s', async (to) => {
    expect(await cli(['db', 'clock', '--to', to], world)).toMatchObject({ exit: 2 })
  })
})

test.each(['start', 'stop', 'backup x', 'restore x', 'sql'])('db %s says that it is not for a server of the user', async (line) => {
  const ran = await cli(['db', ...line.split(' ')], { ...world, env: { ...world.env, ONBOARD_DATABASE_URL: 'postgres://ada@db.example/v' } })
  expect(ran.exit).toBe(2)
  expect(ran.stderr).toMatch(/server:db\.example:5432\/v is a server of yours/)
})

test('--product-schema may stand without a name', async () => {
  const env = { ...world.env, ONBOARD_DATABASE_URL: 'postgres://ada@127.0.0.1:1/v' }
  for (const flags of [['--product-schema'], ['--product-schema', '--json'], ['--product-schema', 'vendor']]) {
    expect(await cli(['db', 'migrate', ...flags], { ...world, env })).toMatchObject({ exit: 8 })
  }
})
