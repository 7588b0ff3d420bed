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
    if (dir === null) return { state: 'warn', message: 'no onboard.config.yaml here or above: built-in defaults hold', next: ['onboard init'] }
    return { state: 'ok', message: dir }
  })
  await look('actor', async () => {
    const { name, email, how } = await context.actor()
    if (email === null) return { state: 'warn', message: `${name}, without a mail address: sign and waive need --signer` }
    return { state: 'ok', message: `${email}, by ${how}` }
  })
  const isOpen = hasWorkspace && (await look('database', () => database(context)))
  if (!isOpen) {
    for (const name of ['roles', 'pooler', 'clock', 'product', 'certificates']) checks.push({ name, state: 'not_checked', message: 'needs the database', next: [], exit: 0 })
    return checks
  }
  await look('roles', () => roles(context))
  await look('pooler', () => pooler(context))
  await look('clock', () => clock(context))
  await look('product', () => product(context))
  await look('certificates', () => certificates(context))
  return checks
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
  if (readOnly) return { state: 'fail', message: `${server}: takes no writes; it is a standby, or read-only by its settings`, exit: EXIT.unreachable }
  return { state: 'ok', message: server }
}

async function roles(context: Context): Promise<Seen> {
  const opened = await context.database()
  const writers = await whoIs(opened, 'app')
  const readers = await whoIs(opened, 'reader')
  const mayWrite = await context.connected('reader', async (client) => {
    const { rows } = await client.query<{ may: boolean }>(`SELECT has_table_privilege('onboard.onboarding', 'INSERT') OR current_setting('is_superuser') = 'on' AS may`)
    return rows[0]?.may ?? true
  })
  if (mayWrite) return { state: 'warn', message: `the reader's login ${readers} may write: plans and probes are kept from it by their transaction alone`, next: ['onboard db migrate'] }
  if (writers === readers) return { state: 'warn', message: `one login, ${writers}, reads and writes; ONBOARD_READER_DATABASE_URL would give reading one of its own` }
  return { state: 'ok', message: `${writers} writes, ${readers} reads` }
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
    if (new Set(seen).size > 1) return { state: 'fail', message: 'between here and the server is a transaction pooler: run locks would not hold; use its session mode or go past it', exit: EXIT.invalid }
    return { state: 'warn', message: 'something stands between here and the server; in session mode that is fine, in transaction mode run locks would not hold' }
  })
}

async function clock(context: Context): Promise<Seen> {
  const { now, simulated } = await (await context.database()).clock()
  if (simulated) return { state: 'ok', message: `simulated, at ${now}` }
  const apart = Math.round(Math.abs(Date.parse(now) - Date.now()) / 1000)
  if (apart > 30) return { state: 'warn', message: `the server's clock and this machine's are ${apart} s apart; the server's counts` }
  return { state: 'ok', message: `the server's, ${now.slice(0, 19)}Z` }
}

/** Are the tables and columns there that the config maps? Steps would only find out when they come to them. */
async function product(context: Context): Promise<Seen> {
  const config = (await context.config()).product
  if (config.form !== 'mapped') return { state: 'ok', message: `${config.form}: nothing is mapped` }
  const { mappingFaults } = await import('../product/mapping-check.ts')
  const faults = await context.connected('app', (client) => {
    const many = async <R>(sql: string, params: readonly unknown[] = []): Promise<R[]> => (await client.query(sql, [...params])).rows as R[]
    return mappingFaults(
      { many, one: async <R>(sql: string, params?: readonly unknown[]) => (await many<R>(sql, params))[0] }, config,
    )
  })
  if (faults.length === 0) return { state: 'ok', message: `mapped: ${[config.tenants, config.users].flatMap((one) => one?.table ?? []).join(', ')}, with every column` }
  return { state: 'fail', message: faults.join('; '), exit: EXIT.invalid }
}

/** Certificates of single sign-on that end soon: whose tenants would be locked out. */
async function certificates(context: Context): Promise<Seen> {
  const { product: config } = await context.config()
  if (config.form !== 'reference') return { state: 'ok', message: 'single sign-on is in the product\'s own server' }
  const [{ ending, said }, { tablesOf }] = await Promise.all([import('../identity/login/expiring.ts'), import('../identity/sql.ts')])
  const tables = tablesOf(config.schema ?? 'public')
  const [there] = await context.connected('app', async (client) => (await client.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [tables.connections])).rows)
  if (there?.there !== true) return { state: 'not_checked', message: 'the tables of the reference product are not in this database' }
  const found = await context.connected('app', (client) => ending(
    async <R>(sql: string, params: readonly unknown[] = []) => (await client.query(sql, [...params])).rows as R[],
    tables, null,
  ))
  const soon = found.filter(({ replaced }) => !replaced)
  if (soon.length === 0) return { state: 'ok', message: 'none of single sign-on ends within 30 days' }
  const more = soon.length > 3 ? `; and ${soon.length - 3} more` : ''
  const shown = soon.slice(0, 3)
  const { onboardingsOf } = await import('../journal/names.ts')
  const keys = await context.connected('app', (client) => onboardingsOf(client, shown.map(({ tenant }) => tenant)))
  // A tenant that no onboarding made has no command of ours.
  const next = [...new Set(shown.flatMap(({ tenant }) => keys.get(tenant) ?? []))].map((key) => `onboard diagnose sso ${key}`)
  return { state: 'warn', message: `${shown.map(said).join('; ')}${more}`, next }
}
