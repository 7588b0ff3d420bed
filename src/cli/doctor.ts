import type { Client } from 'pg'
import { EXIT, OnboardError } from '../errors.ts'
import type { Database } from '../database/open.ts'
import type { Context } from './context.ts'

export interface Check {
  readonly name: string
  readonly state: 'ok' | 'warn' | 'fail' | 'not_checked'
  readonly message: string
  /** Commands that help. */
  readonly next: readonly string[]
  /** The exit code that a failure of it asks for. */
  readonly exit: number
}

type Seen = Pick<Check, 'state' | 'message'> & { readonly next?: readonly string[]; readonly exit?: number }

/** Looks at all that onboard needs, one thing after the other; what depends on something that failed is not checked. */
export async function examine(context: Context): Promise<readonly Check[]> {
  const checks: Check[] = []
  const look = async (name: string, see: () => Promise<Seen>): Promise<boolean> => {
    const seen = await see().catch(failed)
    checks.push({ next: [], exit: EXIT.failed, ...seen, name })
    return seen.state !== 'fail'
  }
  await look(
    'node', async () => ({ state: 'ok', message: `${process.version} on ${process.platform}-${process.arch}` }),
  )
  const hasWorkspace = await look('workspace', async () => {
    const { dir } = await context.workspace()
    if (dir !== null) return { state: 'ok', message: dir }
    const message = 'no onboard.config.yaml here or above: built-in defaults hold'
    return { state: 'warn', message, next: ['onboard init'] }
  })
  await look('actor', async () => {
    const { name, email, how } = await context.actor()
    if (email !== null) return { state: 'ok', message: `${email}, by ${how}` }
    return { state: 'warn', message: `${name}, without a mail address: sign and waive need --signer` }
  })
  const isOpen = hasWorkspace && (await look('database', () => database(context)))
  if (!isOpen) {
    const names = Object.keys(OF_DATABASE)
    const unseen = { state: 'not_checked', message: 'needs the database', next: [], exit: 0 } as const
    return [...checks, ...names.map((name) => ({ name, ...unseen }))]
  }
  for (const [name, see] of Object.entries(OF_DATABASE)) await look(name, () => see(context))
  return checks
}

/** What needs the database, in the order in which it is looked at. */
const OF_DATABASE: Readonly<Record<string, (context: Context) => Promise<Seen>>> = {
  roles, pooler, clock, product, certificates,
}

function failed(error: unknown): Seen {
  if (!(error instanceof OnboardError)) throw error
  const lines = error.diagnostics.slice(0, 3).map((one) => `${one.file}:${one.line}:${one.col}: ${one.message}`)
  return {
    state: 'fail', message: [error.message, ...lines].join('; '),
    next: error.suggestions.filter((one) => one !== 'onboard doctor'), exit: error.exit,
  }
}

async function database(context: Context): Promise<Seen> {
  const { label, version, readOnly } = await context.database()
  const server = `${label}, PostgreSQL ${Math.floor(version / 10_000)}.${version % 10_000}`
  if (!readOnly) return { state: 'ok', message: server }
  const message = `${server}: takes no writes; it is a standby, or read-only by its settings`
  return { state: 'fail', message, exit: EXIT.unreachable }
}

async function roles(context: Context): Promise<Seen> {
  const opened = await context.database()
  const writers = await whoIs(opened, 'app')
  const readers = await whoIs(opened, 'reader')
  const mayWrite = await context.connected('reader', async (client) => {
    const { rows } = await client.query<{ may: boolean }>(
      `SELECT has_table_privilege('onboard.onboarding', 'INSERT') OR current_setting('is_superuser') = 'on' AS may`)
    return rows[0]?.may ?? true
  })
  if (mayWrite) {
    const message = `the reader's login ${readers} may write: `
      + 'plans and probes are kept from it by their transaction alone'
    return { state: 'warn', message, next: ['onboard db migrate'] }
  }
  if (writers !== readers) return { state: 'ok', message: `${writers} writes, ${readers} reads` }
  const message = `one login, ${writers}, reads and writes; `
    + 'ONBOARD_READER_DATABASE_URL would give reading one of its own'
  return { state: 'warn', message }
}

async function whoIs(opened: Database, role: 'app' | 'reader'): Promise<string> {
  const client = await opened.connect(role)
  try {
    const { rows } = await client.query<{ session_user: string }>('SELECT session_user::text AS session_user')
    return rows[0]?.session_user ?? '?'
  } finally {
    await client.end()
  }
}

/**
 * The run lock belongs to a server session. Behind a transaction pooler a connection is not one session, and the lock
 * would be anybody's: the server's process id changes, or is not the one that the connection was told.
 */
async function pooler(context: Context): Promise<Seen> {
  return context.connected('app', async (client) => {
    const told = (client as unknown as { processID: number | null }).processID
    const pid = async () => (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid
    const seen = [await pid(), await pid(), await pid()]
    if (seen.every((one) => one === told)) return { state: 'ok', message: 'a connection is one session of the server' }
    if (new Set(seen).size > 1) {
      const message = 'between here and the server is a transaction pooler: run locks would not hold; '
        + 'use its session mode or go past it'
      return { state: 'fail', message, exit: EXIT.invalid }
    }
    const message = 'something stands between here and the server; in session mode that is fine, '
      + 'in transaction mode run locks would not hold'
    return { state: 'warn', message }
  })
}

async function clock(context: Context): Promise<Seen> {
  const { now, simulated } = await (await context.database()).clock()
  if (simulated) return { state: 'ok', message: `simulated, at ${now}` }
  const apart = Math.round(Math.abs(Date.parse(now) - Date.now()) / 1000)
  if (apart <= 30) return { state: 'ok', message: `the server's, ${now.slice(0, 19)}Z` }
  return { state: 'warn', message: `the server's clock and this machine's are ${apart} s apart; the server's counts` }
}

const queryOf = (client: Client) => async <R>(sql: string, params: readonly unknown[] = []): Promise<R[]> => (
  (await client.query(sql, [...params])).rows as R[]
)

/** Are the tables and columns there that the config maps? Steps would only find out when they come to them. */
async function product(context: Context): Promise<Seen> {
  const config = (await context.config()).product
  if (config.form !== 'mapped') return { state: 'ok', message: `${config.form}: nothing is mapped` }
  const { mappingFaults } = await import('../product/mapping-check.ts')
  const faults = await context.connected('app', (client) => {
    const many = queryOf(client)
    const one = async <R>(sql: string, params?: readonly unknown[]) => (await many<R>(sql, params))[0]
    return mappingFaults({ many, one }, config)
  })
  if (faults.length > 0) return { state: 'fail', message: faults.join('; '), exit: EXIT.invalid }
  const tables = [config.tenants, config.users].flatMap((one) => one?.table ?? [])
  return { state: 'ok', message: `mapped: ${tables.join(', ')}, with every column` }
}

/** Certificates of single sign-on that end soon: whose tenants would be locked out. */
async function certificates(context: Context): Promise<Seen> {
  const { product: config } = await context.config()
  if (config.form !== 'reference') return { state: 'ok', message: 'single sign-on is in the product\'s own server' }
  const [{ ending, said }, { tablesOf }] = await Promise.all([
    import('../identity/login/expiring.ts'), import('../identity/sql.ts'),
  ])
  const tables = tablesOf(config.schema ?? 'public')
  const [row] = await context.connected('app', (client) => (
    queryOf(client)<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [tables.connections])
  ))
  if (row?.there !== true) {
    return { state: 'not_checked', message: 'the tables of the reference product are not in this database' }
  }
  const found = await context.connected('app', (client) => ending(queryOf(client), tables, null))
  const soon = found.filter(({ replaced }) => !replaced)
  if (soon.length === 0) return { state: 'ok', message: 'none of single sign-on ends within 30 days' }
  const more = soon.length > 3 ? `; and ${soon.length - 3} more` : ''
  const shown = soon.slice(0, 3)
  const { onboardingsOf } = await import('../journal/names.ts')
  const keys = await context.connected('app', (client) => onboardingsOf(client, shown.map(({ tenant }) => tenant)))
  // A tenant that no onboarding made has no command of ours.
  const theirs = new Set(shown.flatMap(({ tenant }) => keys.get(tenant) ?? []))
  const next = [...theirs].map((key) => `onboard diagnose sso ${key}`)
  return { state: 'warn', message: `${shown.map(said).join('; ')}${more}`, next }
}
