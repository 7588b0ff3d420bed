import fs from 'node:fs'
import type pg from 'pg'
import { connectClient } from './client.ts'
import { endpoint } from './embedded/endpoint.ts'
import { isUnprepared, prepareDatabase } from './embedded/databases.ts'
import { embeddedHome } from './embedded/home.ts'
import { connectEmbedded } from './embedded/server.ts'
import { OnboardError } from '../errors.ts'
import { refusePooler } from './pooler.ts'
import { roleName, type Role } from './roles.ts'
import { isCurrent, readState, refuseForeign, type State } from './state.ts'
import { labelOf, type DatabaseTarget } from './target.ts'
import { databaseError } from './trouble.ts'

export { resolveTarget, type DatabaseTarget } from './target.ts'

export interface ConnectOptions {
  /** Shown in pg_stat_activity; default `onboard`. */
  readonly application_name?: string
}

/** One database that this version of onboard can work in. */
export interface Database {
  /** `embedded:default` or `server:host:port/db`; never a password. */
  readonly label: string
  readonly kind: 'embedded' | 'server'
  /** 180004 = 18.4 */
  readonly version: number
  /** A standby, or read-only by its settings. */
  readonly readOnly: boolean
  /** A connection of its own; whoever asks ends it. Session time zone UTC; errors are OnboardErrors. */
  connect(role: Role, options?: ConnectOptions): Promise<pg.Client>
  /** Its time (ISO 8601, microseconds), and whether that is a simulated clock's. */
  clock(): Promise<{ now: string; simulated: boolean }>
  /** Connection string for other programs; holds the password where the given URL does. */
  url(role: Role): string
  /** Ends what this object itself still holds open. */
  close(): Promise<void>
}

export interface OpenOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Role of the first connection, which checks the database and is then handed to the first `connect` of that role. */
  readonly role?: Role
}

interface Access {
  connect(role: Role, name: string): Promise<pg.Client>
  url(role: Role): string
  /** Makes it ready where that is ours to do; undefined: it is the user's to do. */
  prepare?(): Promise<unknown>
}

/**
 * Opens a database: starts the embedded server where needed, makes and migrates the embedded database, and checks that
 * this version can work with it. Nothing is created on a server of the user's.
 * @throws OnboardError: unreachable, database-newer, database-too-old, database-not-migrated, login refused.
 */
export async function openDatabase(target: DatabaseTarget, options: OpenOptions = {}): Promise<Database> {
  const label = labelOf(target)
  try {
    const access = target.kind === 'embedded' ? embedded(target, options.env ?? process.env) : server(target)
    return await open(label, target.kind, access, options.role ?? 'app')
  } catch (error) {
    throw databaseError(error, label)
  }
}

async function open(label: string, kind: Database['kind'], access: Access, role: Role): Promise<Database> {
  let { client, state } = await look(access, role, label)
  if (!client || !(await isCurrent(state))) {
    await client?.end()
    if (!access.prepare) throw notMigrated(label)
    await access.prepare()
    ;({ client, state } = await look(access, role, label))
    if (!client) throw notMigrated(label)
  }
  let spare: pg.Client | undefined = client
  const connect: Database['connect'] = async (wanted, { application_name = 'onboard' } = {}) => {
    try {
      if (!spare || wanted !== role) return await access.connect(wanted, application_name)
      const ready = spare
      spare = undefined
      if (application_name !== 'onboard') {
        await ready.query("SELECT set_config('application_name', $1, false)", [application_name])
      }
      return ready
    } catch (error) {
      throw databaseError(error, label)
    }
  }
  const borrow = async <T>(work: (borrowed: pg.Client) => Promise<T>): Promise<T> => {
    if (spare) return work(spare)
    const own = await connect(role)
    return work(own).finally(() => own.end())
  }
  return {
    label,
    kind,
    version: state.version,
    readOnly: state.readOnly,
    connect,
    clock: () => borrow((own) => readClock(own, label)),
    url: (wanted) => access.url(wanted),
    close: async () => {
      const own = spare
      spare = undefined
      await own?.end()
    },
  }
}

async function look(
  access: Access,
  role: Role,
  label: string,
): Promise<{ client: pg.Client; state: State } | { client: undefined; state: State }> {
  let client: pg.Client | undefined
  try {
    client = await access.connect(role, 'onboard')
    const state = await readState(client)
    refuseForeign(state, label)
    return { client, state }
  } catch (error) {
    await client?.end()
    if (access.prepare && isUnprepared(error)) {
      return { client: undefined, state: { version: 0, readOnly: false, applied: null } }
    }
    throw error
  }
}

async function readClock(client: pg.Client, label: string): Promise<{ now: string; simulated: boolean }> {
  try {
    const { rows } = await client.query<{ now: string; simulated: boolean }>(
      `SELECT to_char(coalesce(simulated, clock_timestamp()) AT TIME ZONE 'UTC',
                      'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS now,
              simulated IS NOT NULL AS simulated FROM onboard.clock`,
    )
    return rows[0]!
  } catch (error) {
    throw databaseError(error, label)
  }
}

function embedded({ name }: { readonly name: string }, env: Readonly<Record<string, string | undefined>>): Access {
  const home = embeddedHome(env)
  // Loads while initdb works: a first use will migrate.
  if (!fs.existsSync(home.data)) void import('knex')
  let isKept = false
  return {
    connect: async (role, application_name) => {
      const client = await connectEmbedded(home, { user: roleName(role), database: name, application_name }, isKept)
      isKept = true
      return client
    },
    prepare: () => prepareDatabase(home, name),
    url: (role) => {
      const { host, port, password } = endpoint(home)
      if (password) return `postgresql://${roleName(role)}:${password.toString()}@${host}:${port}/${name}`
      const place = encodeURIComponent(host).replaceAll('%2F', '/')
      return `postgresql:///${name}?host=${place}&port=${port}&user=${roleName(role)}`
    },
  }
}

function server(target: DatabaseTarget & { kind: 'server' }): Access {
  const own = { app: target.url, reader: target.reader_url, owner: target.owner_url }
  const looked = new Set<string>()
  return {
    url: (role) => own[role] ?? target.url,
    connect: async (role, application_name) => {
      const url = own[role] ?? target.url
      const plain = (): Promise<pg.Client> =>
        connectClient({ connectionString: url, application_name, connectionTimeoutMillis: 10_000, keepAlive: true })
      const client = await plain()
      try {
        if (!looked.has(url)) await refusePooler(client, plain, labelOf(target))
        looked.add(url)
        await client.query(`SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres'`)
        // Not every operating system can notice a dead peer at once; then it is noticed later.
        await client.query(`SET client_connection_check_interval = '500ms'`).catch(() => {})
        // A login of its own has just its rights; one that serves several roles must put the others down.
        if (role !== 'app' && !own[role]) await client.query(`SET ROLE ${roleName(role)}`)
        return client
      } catch (error) {
        await client.end()
        throw error
      }
    },
  }
}

function notMigrated(label: string): OnboardError {
  return new OnboardError(
    'invalid',
    'database-not-migrated',
    `${label} does not hold this version's schema; on a server of yours nothing is created unasked.`,
    { suggestions: ['onboard db migrate'] },
  )
}
