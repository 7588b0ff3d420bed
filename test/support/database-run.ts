/** One database server for a whole test run: the embedded one in a folder of its own, or the one that is given. */
import fs from 'node:fs'
import path from 'node:path'
import type pg from 'pg'
import { connectSuperuser, prepareDatabase } from '../../src/database/embedded/databases.ts'
import { embeddedHome } from '../../src/database/embedded/home.ts'
import { connectClient, ident } from '../../src/database/client.ts'
import { migrate } from '../../src/database/migrate.ts'
import { guardDatabase, guardFunctions, makeDatabase, makeLogins } from '../../src/database/roles.ts'
import { loginUrl, TEST_PASSWORD } from './login-url.ts'

const PREFIX = 'onboard-test-'
/** Folders of runs that were killed; a running one is younger or touched. */
const ABANDONED_MS = 6 * 3600_000

export async function setup(): Promise<() => Promise<void>> {
  const run = `${process.pid.toString(36)}${Date.now().toString(36)}`
  process.env['ONBOARD_TEST_RUN'] = run
  // Nothing that happens to be set on this machine may reach a test.
  const urls = ['ONBOARD_DATABASE_URL', 'ONBOARD_READER_DATABASE_URL', 'ONBOARD_OWNER_DATABASE_URL', 'DATABASE_URL']
  for (const name of urls) {
    delete process.env[name]
  }
  const base = makeFolder()
  process.env['ONBOARD_HOME'] = base
  const url = process.env['ONBOARD_TEST_DATABASE_URL']
  const holder = url ? await prepareServer(url, run) : await prepareEmbedded(run)
  return async () => {
    await dropRun(holder, run)
    await holder.end()
    if (!url) await ended(base)
    fs.rmSync(base, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Short, because sockets' paths are; open to the unprivileged user that the server has as root. */
function makeFolder(): string {
  const parent = process.platform === 'win32' ? (process.env['TEMP'] ?? '.') : '/tmp'
  for (const name of fs.readdirSync(parent)) {
    if (!name.startsWith(PREFIX)) continue
    const stat = fs.statSync(path.join(parent, name), { throwIfNoEntry: false })
    if (!stat || stat.uid !== process.getuid?.() || Date.now() - stat.mtimeMs < ABANDONED_MS) continue
    fs.rmSync(path.join(parent, name), { recursive: true, force: true })
  }
  const base = fs.mkdtempSync(path.join(parent, PREFIX))
  fs.chmodSync(base, 0o755)
  return base
}

/** The connection that is given back holds the server up for the run. */
async function prepareEmbedded(run: string): Promise<pg.Client> {
  process.env['ONBOARD_EMBEDDED_IDLE_SECONDS'] ??= '1'
  const home = embeddedHome(process.env)
  await prepareDatabase(home, `template_${run}`, { product: true })
  await prepareDatabase(home, `template_bare_${run}`, { product: false })
  const superuser = await connectSuperuser(home)
  // A thousand databases are made and thrown away here: none of them has to outlive a power cut.
  await superuser.query('ALTER SYSTEM SET fsync = off')
  await superuser.query('SELECT pg_reload_conf()')
  return superuser
}

async function prepareServer(url: string, run: string): Promise<pg.Client> {
  const superuser = await connectClient({ connectionString: url, application_name: `onboard test ${run}` })
  await dropAbandoned(superuser)
  await makeLogins(superuser, TEST_PASSWORD)
  for (const [name, product] of [[`template_${run}`, 'public'], [`template_bare_${run}`, null]] as const) {
    await makeDatabase(superuser, name)
    await guardDatabase(superuser, name)
    const inside = await connectClient({ connectionString: loginUrl(url, name) })
    await guardFunctions(inside).finally(() => inside.end())
    await migrate({ connectionString: loginUrl(url, name, 'owner') }, { label: name, product })
  }
  return superuser
}

const OURS = `datname ~ '^(template_|template_bare_|test_)[a-z0-9_]+$'`

async function dropRun(superuser: pg.Client, run: string): Promise<void> {
  const { rows } = await superuser.query<{ datname: string }>(
    `SELECT datname FROM pg_database WHERE ${OURS} AND strpos(datname, $1) > 0`,
    [run],
  )
  for (const { datname } of rows) await superuser.query(`DROP DATABASE IF EXISTS ${ident(datname)} WITH (FORCE)`)
}

/** Databases of runs that have no connection any more. */
async function dropAbandoned(superuser: pg.Client): Promise<void> {
  const { rows } = await superuser.query<{ datname: string }>(
    `SELECT datname FROM pg_database d WHERE ${OURS} AND NOT EXISTS (
       SELECT FROM pg_stat_activity WHERE application_name LIKE 'onboard test %'
          AND strpos(d.datname, substr(application_name, 14)) > 0)`,
  )
  for (const { datname } of rows) await superuser.query(`DROP DATABASE IF EXISTS ${ident(datname)} WITH (FORCE)`)
}

/** The keeper ends the server once nobody is connected. */
async function ended(base: string): Promise<void> {
  const pidFile = path.join(embeddedHome({ ONBOARD_HOME: base }).data, 'postmaster.pid')
  for (let i = 0; i < 200 && fs.existsSync(pidFile); i++) await new Promise((resolve) => setTimeout(resolve, 50))
}
