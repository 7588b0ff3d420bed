/** A real pgbouncer between onboard and the server: its transaction mode is refused, its session mode is a session. */
import fs from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectSuperuser } from '../../src/database/embedded/databases.ts'
import { embeddedHome, type Home } from '../../src/database/embedded/home.ts'
import { openDatabase } from '../../src/database/open.ts'
import { setUpServer } from '../../src/database/server-setup.ts'
import { apply } from '../../src/engine/apply.ts'
import { open, prepare, sketch, workOn } from '../engine/world.ts'
import { cli } from '../support/cli.ts'
import { PGBOUNCER, startPgbouncer } from '../support/pgbouncer.ts'

let home: Home
let admin: pg.Client
const url = (user: string, port?: number): string =>
  port === undefined ? `postgres:///vendor?host=${home.socket}&port=5432&user=${user}` : `postgres://${user}@127.0.0.1:${port}/vendor`
const USERS = ['works', 'reads', 'boss'] as const
const target = (port?: number) => ({ kind: 'server' as const, url: url('works', port), reader_url: url('reads', port), owner_url: url('boss', port) })

if (PGBOUNCER === undefined) process.stdout.write('left out: there is no pgbouncer on this machine (apt-get install pgbouncer)\n')

describe.runIf(PGBOUNCER !== undefined)('pgbouncer', () => {
  beforeAll(async () => {
    const base = fs.mkdtempSync('/tmp/onboard-test-p')
    fs.chmodSync(base, 0o755)
    home = embeddedHome({ ONBOARD_HOME: base })
    admin = await connectSuperuser(home)
    await admin.query('CREATE ROLE boss LOGIN CREATEROLE; CREATE ROLE works LOGIN; CREATE ROLE reads LOGIN')
    await admin.query('CREATE DATABASE vendor OWNER boss')
    await setUpServer(target(), null)
  })
  afterAll(async () => {
    await admin.end()
    while (fs.existsSync(`${home.data}/postmaster.pid`)) await new Promise((resolve) => setTimeout(resolve, 100))
    fs.rmSync(home.base, { recursive: true, force: true, maxRetries: 5 })
  })

  test('in transaction mode is refused by every command, with the way out, and nothing is changed', async () => {
    const pooler = await startPgbouncer(home, 'transaction', USERS)
    const inside = new pg.Client({ connectionString: url('postgres') })
    await inside.connect()
    const state = async () => (await inside.query(`SELECT (SELECT count(*) FROM onboard.journal) AS entries, (SELECT count(*) FROM onboard.customer) AS customers,
      (SELECT count(*) FROM onboard.migration) AS migrations, (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory') AS locks`)).rows
    try {
      const before = await state()
      for (const command of [['status'], ['plan', 'acme'], ['apply', 'acme'], ['drift'], ['doctor']]) {
        const { exit, stdout, stderr } = await cli(command, { env: { ONBOARD_HOME: home.base, ONBOARD_DATABASE_URL: url('works', pooler.port) } })
        expect(exit, command.join(' ')).toBe(3)
        expect(stdout + stderr).toContain('transaction pooler')
        expect(stdout + stderr).toContain("the pooler's session mode")
      }
      expect(await state()).toEqual(before)
    } finally {
      await inside.end()
      await pooler.close()
    }
  })

  test('in session mode carries a run with its lock, and lets the next one in when it is over', async () => {
    const pooler = await startPgbouncer(home, 'session', USERS)
    const database = await openDatabase(target(pooler.port))
    try {
      await prepare(database)
      const step = (id: string) => ({ id, uses: 'put', with: { key: id, value: '1' } })
      const setting = { runbook: sketch({ one: [step('a'), { id: 'm', uses: 'mint', with: { key: 'm' } }, step('b')] }) }
      const id = await open(database, setting)
      const work = workOn(database, id, setting)
      const session = await work.session('first')
      await expect(apply(work)).rejects.toMatchObject({ code: 'locked' })
      await session.close()
      expect((await apply(work)).steps.map(({ outcome }) => outcome)).toEqual(['changed', 'changed', 'changed'])
      expect((await apply(work)).steps.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged', 'unchanged'])
      await work.close()
      const { exit, stdout } = await cli(['status', '--json'], { env: { ONBOARD_HOME: home.base, ONBOARD_DATABASE_URL: url('works', pooler.port), ONBOARD_READER_DATABASE_URL: url('reads', pooler.port) } })
      expect([exit, JSON.parse(stdout)]).toMatchObject([0, { onboardings: [{ onboarding: 'acme' }] }])
      expect(pooler.log()).toContain('login attempt')
    } finally {
      await database.close()
      await pooler.close()
    }
  })
})
