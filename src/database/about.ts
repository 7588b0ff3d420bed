import fs from 'node:fs'
import { connectRunning } from './embedded/server.ts'
import { embeddedHome, SUPERUSER, type Home } from './embedded/home.ts'
import { KEPT, others } from './embedded/keeping.ts'
import { connectClient } from './client.ts'
import { pendingMigrations } from './migrations/index.ts'
import { readState } from './state.ts'
import { labelOf, type DatabaseTarget } from './target.ts'
import { databaseError } from './trouble.ts'

/** How a database stands; looking starts and changes nothing. */
export interface About {
  readonly database: string
  readonly kind: 'embedded' | 'server'
  readonly running: boolean
  /** PostgreSQL's, `18.4`; null where it does not run. */
  readonly version: string | null
  readonly read_only: boolean | null
  /** Migrations that were run and that are to be run; null where nobody could look. */
  readonly migrations: { readonly applied: readonly string[]; readonly pending: readonly string[] } | null
  /** Only of the embedded server. */
  readonly embedded: {
    readonly folder: string
    readonly socket: string
    readonly log: string
    readonly made: boolean
    /** Watched by the process that ends it when idle. */
    readonly kept: boolean
    readonly idle_seconds: number
    readonly databases: readonly { readonly name: string; readonly bytes: number }[]
    /** Names under which programs are connected. */
    readonly connected: readonly string[]
  } | null
}

/** @throws OnboardError where a server of the user's does not answer or refuses the login. */
export async function aboutDatabase(
  target: DatabaseTarget, env: Readonly<Record<string, string | undefined>>,
): Promise<About> {
  try {
    return target.kind === 'embedded' ? await aboutEmbedded(target, embeddedHome(env)) : await aboutServer(target)
  } catch (error) {
    throw databaseError(error, labelOf(target))
  }
}

type Part = Pick<About, 'version' | 'read_only' | 'migrations'>

async function partOf(client: Awaited<ReturnType<typeof connectClient>>): Promise<Part> {
  const { version, readOnly, applied } = await readState(client)
  const pending = (await pendingMigrations(applied ?? [], null)).map(({ record }) => record)
  return {
    version: `${Math.trunc(version / 10_000)}.${version % 10_000}`,
    read_only: readOnly,
    migrations: { applied: applied ?? [], pending },
  }
}

async function aboutServer(target: Extract<DatabaseTarget, { kind: 'server' }>): Promise<About> {
  const client = await connectClient({
    connectionString: target.url, application_name: 'onboard db status', connectionTimeoutMillis: 10_000,
  })
  const part = await partOf(client).finally(() => client.end())
  return { database: labelOf(target), kind: 'server', running: true, ...part, embedded: null }
}

async function aboutEmbedded(target: Extract<DatabaseTarget, { kind: 'embedded' }>, home: Home): Promise<About> {
  const base = { database: labelOf(target), kind: 'embedded' } as const
  const places = {
    folder: home.dir, socket: home.socket, log: home.log, made: fs.existsSync(home.data),
    idle_seconds: home.idleSeconds,
  }
  const login = { user: SUPERUSER, application_name: 'onboard db status' }
  const client = await connectRunning(home, { ...login, database: 'postgres' })
  if (!client) {
    const embedded = { ...places, kept: false, databases: [], connected: [] }
    return { ...base, running: false, version: null, read_only: null, migrations: null, embedded }
  }
  try {
    const { rows } = await client.query<{ name: string; bytes: string }>(
      `SELECT datname AS name, pg_database_size(oid) AS bytes FROM pg_database
        WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1`,
    )
    const kept = await client.query<{ kept: boolean }>(`SELECT ${KEPT} AS kept`)
    const databases = rows.map(({ name, bytes }) => ({ name, bytes: Number(bytes) }))
    const embedded = { ...places, kept: kept.rows[0]!.kept, databases, connected: await others(client) }
    const inside = databases.some(({ name }) => name === target.name)
      ? await connectRunning(home, { ...login, database: target.name })
      : undefined
    const part = inside === undefined
      ? { ...(await partOf(client)), migrations: null }
      : await partOf(inside).finally(() => inside.end())
    return { ...base, running: true, ...part, embedded }
  } finally {
    await client.end()
  }
}
