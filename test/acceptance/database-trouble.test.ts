/** A database that is down, read-only, full, too old, shared by a pooler, newer than us, or without a mapped column. */
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { embeddedHome } from '../../src/database/embedded/home.ts'
import { ident } from '../../src/database/client.ts'
import { expectResult } from '../support/cli.ts'
import { socketIn, transactionPooler } from '../support/transaction-pooler.ts'
import { everything } from './everything.ts'
import { readyToProvision, world, type World } from './world.ts'

const given = process.env['ONBOARD_TEST_DATABASE_URL']
let here: World
let name: string

beforeAll(async () => {
  here = await world('plans', { simulated: '2098-11-20T09:00:00Z' })
  await readyToProvision(here)
  name = String((await here.sql('SELECT current_database() AS name'))[0]?.['name'])
}, 120_000)

let count = 0
/** A file that is not there yet. */
let fresh: string
beforeEach(() => void (fresh = `s${++count}.jsonl`))

/** Refused for people and for programs, before any change. */
async function refused(line: string, exit: number, code: string, says: RegExp, env: Record<string, string> = {}) {
  const before = await everything(here.database)
  const [people, programs] = await Promise.all([here.run(line, { env }), here.run(`${line} --json`, { env })])
  expect([people.exit, people.stderr]).toEqual([exit, expect.stringMatching(says)])
  expect(people.stderr).not.toMatch(/\n\s+at .*[:(]\d+:\d+\)?$/m)
  const failure = JSON.parse(programs.stdout) as { error: { exit: number; code: string } }
  expectResult('error', failure)
  expect([programs.exit, failure.error.exit, failure.error.code], programs.stdout).toEqual([exit, exit, code])
  expect(await everything(here.database)).toEqual(before)
}

test('down: nobody listens', async () => {
  const nowhere = { ONBOARD_DATABASE_URL: 'postgres://eva@127.0.0.1:1/x', ONBOARD_READER_DATABASE_URL: '', ONBOARD_OWNER_DATABASE_URL: '' }
  await refused('status', 8, 'database-unreachable', /server:127\.0\.0\.1:1\/x does not answer[^]*onboard doctor/, nowhere)
  await refused('provision harbour', 8, 'database-unreachable', /127\.0\.0\.1:1/, nowhere)
})

test('named in a way that no database can be', async () => {
  await refused('status --database-url embedded:Not/Valid', 3, 'database-name', /Not\/Valid/)
})

test('read-only: it can be looked at, and not written to', async () => {
  await here.sql(`ALTER DATABASE ${ident(name)} SET default_transaction_read_only = on`)
  try {
    await here.done('status harbour')
    await here.done('plan harbour')
    await refused('handoff accept --file harbour.handoff.yaml --runbook enterprise --name second', 8, 'database-read-only', /takes no writes/)
    const before = await everything(here.database)
    const ended = await here.run(`provision harbour --secrets-out ${fresh}`)
    expect([ended.exit, ended.stdout + ended.stderr]).toEqual([8, expect.stringMatching(/takes no writes/)])
    expect(await everything(here.database)).toEqual(before)
  } finally {
    await here.sql(`BEGIN READ WRITE; ALTER DATABASE ${ident(name)} RESET default_transaction_read_only; COMMIT`)
  }
})

test.each([['the product', 'public.tenants', 1], ['the journal', 'onboard.journal', 1]])('full, where %s is written: nothing of the step is kept, and it goes on once there is room', async (_what, table, exit) => {
  await here.sql(`CREATE FUNCTION public.full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
    CREATE TRIGGER full_disk BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION public.full(); ALTER TABLE ${table} ENABLE ALWAYS TRIGGER full_disk`)
  const before = await everything(here.database)
  const ended = await here.run(`provision harbour --secrets-out ${fresh}`)
  const after = await everything(here.database)
  await here.sql(`DROP TRIGGER full_disk ON ${table}; DROP FUNCTION public.full()`)
  expect([ended.exit, ended.stdout + ended.stderr]).toEqual([exit, expect.stringMatching(/no disk space left/)])
  expect(ended.stdout + ended.stderr).not.toMatch(/\n\s+at .*[:(]\d+:\d+\)?$/m)
  for (const product of ['public.tenants', 'public.users']) expect(after.get(product)).toEqual(before.get(product))
  expect((await here.done(`provision harbour --secrets-out again-${fresh}`, 5)).stdout).toMatch(/^[789] changed, 1 waiting/m)
  await here.done('audit verify harbour')
  await here.done('rollback harbour --to provision --confirm harbour')
})

test('too old', async () => {
  // A server that says so of itself: the function that tells its version is found in our schema first.
  await here.sql(`CREATE FUNCTION public.current_setting(text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT CASE $1 WHEN 'server_version_num' THEN '140011' ELSE pg_catalog.current_setting($1) END $$;
    ALTER DATABASE ${ident(name)} SET search_path = public, pg_catalog`)
  try {
    await refused('status', 3, 'database-too-old', /PostgreSQL 14; onboard needs 15 to 18/)
  } finally {
    await here.sql(`ALTER DATABASE ${ident(name)} RESET search_path; DROP FUNCTION public.current_setting(text)`)
  }
})

test('migrated by a newer version', async () => {
  await here.sql(`INSERT INTO onboard.migration (name, batch, migration_time) VALUES ('999_later', 99, now())`)
  try {
    await refused('status', 7, 'database-newer', /migrated by a newer version of onboard \(999_later\)(?![^]*npm install)/)
    await refused('provision harbour', 7, 'database-newer', /999_later/)
  } finally {
    await here.sql(`DELETE FROM onboard.migration WHERE name = '999_later'`)
  }
})

test.skipIf(given !== undefined || process.platform === 'win32')('behind a transaction pooler', async () => {
  const pooler = await transactionPooler(socketIn(embeddedHome(process.env).socket))
  try {
    await refused('provision harbour', 3, 'transaction-pooler', /through a transaction pooler[^]*session mode/, { ONBOARD_DATABASE_URL: `postgres://onboard_app@127.0.0.1:${pooler.port}/${name}` })
  } finally {
    await pooler.close()
  }
})

test('a mapped column that does not exist is named before anything is changed', async () => {
  const there = await world('mapped-product', { simulated: '2098-11-20T09:00:00Z', product: false })
  await there.sql(`CREATE TABLE organizations (org_id bigint PRIMARY KEY, display_name text, handle text, tier text, state int, region_id int, prefs jsonb);
    CREATE TABLE memberships (id bigint PRIMARY KEY, org_id bigint, login text, person text, level int, pw_digest text, pw_temporary boolean, pw_until timestamptz);
    GRANT SELECT, INSERT, UPDATE, DELETE ON organizations, memberships TO onboard_app; GRANT SELECT ON organizations, memberships TO onboard_reader`)
  await readyToProvision(there)
  const before = await everything(there.database)
  const says = expect.stringMatching(/product\.tenants\.columns\.settings\.limits\.users: table organizations has no column seat_limit; it has: .*region_id/) as string
  expect((await there.done('plan harbour --phase provision', 3)).stdout).toEqual(says)
  const ended = await there.run(`provision harbour --secrets-out ${fresh}`)
  expect([ended.exit, ended.stdout + ended.stderr]).toEqual([3, says])
  for (const table of ['public.organizations', 'public.memberships']) expect((await everything(there.database)).get(table)).toEqual(before.get(table))
}, 60_000)
