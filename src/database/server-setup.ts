import os from 'node:os'
import type pg from 'pg'
import { codeOf, connectClient, ident } from './client.ts'
import { OnboardError } from '../errors.ts'
import { migrate } from './migrate.ts'
import { roleName, type Role } from './roles.ts'
import { readState, refuseForeign } from './state.ts'
import { labelOf, type DatabaseTarget } from './target.ts'
import { databaseError } from './trouble.ts'

type Server = Extract<DatabaseTarget, { kind: 'server' }>

/** What a login sees that sets a database up. */
interface Ground {
  readonly login: string
  readonly database: string
  readonly version: number
  readonly superuser: boolean
  readonly roles: readonly string[]
  readonly may_create_schema: boolean
  readonly has_schema: boolean
  readonly product_schema: boolean
  readonly may_use_product_schema: boolean
}

/**
 * Prepares a database on a server of the user's: roles, memberships, schema `onboard`, and the reference product's
 * tables only in a schema that is named. Doing it again does what is missing.
 * @returns names of the migrations that were run
 * @throws OnboardError forbidden `setup-refused` with the SQL for an administrator, where rights are missing
 */
export async function setUpServer(target: Server, product: string | null): Promise<readonly string[]> {
  const label = labelOf(target)
  const url = target.owner_url ?? target.url
  try {
    const client = await connectClient({
      connectionString: url, application_name: 'onboard migrate', connectionTimeoutMillis: 10_000,
    })
    let login: string
    try {
      refuseForeign(await readState(client).catch(allowUnreadable), label)
      const statements = await setupStatements(client, target, product)
      await runAll(client, statements, label)
      login = (await look(client, product)).login
    } finally {
      await client.end()
    }
    return await migrate({ connectionString: url }, { label, product, asOwner: login !== roleName('owner') })
  } catch (error) {
    throw databaseError(error, label)
  }
}

/** The SQL that is missing before the migrations can be run, for whoever has the rights. */
export async function missingSetup(target: Server, product: string | null): Promise<readonly string[]> {
  try {
    const client = await connectClient({
      connectionString: target.owner_url ?? target.url, connectionTimeoutMillis: 10_000,
    })
    return await setupStatements(client, target, product).finally(() => client.end())
  } catch (error) {
    throw databaseError(error, labelOf(target))
  }
}

/** A login that may not see the migrations yet is about to get the right. */
function allowUnreadable(error: unknown): { version: number; readOnly: boolean; applied: null } {
  if (codeOf(error) !== '42501') throw error
  return { version: 180_000, readOnly: false, applied: null }
}

async function look(client: pg.Client, product: string | null): Promise<Ground> {
  const { rows } = await client.query<Ground>(
    `SELECT session_user::text AS login, current_database()::text AS database,
            current_setting('server_version_num')::int AS version,
            (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) AS superuser,
            ARRAY(SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'onboard\\_%') AS roles,
            coalesce((SELECT has_database_privilege(r.oid, current_database(), 'CREATE')
                        FROM pg_roles r WHERE rolname = 'onboard_owner'), false) AS may_create_schema,
            to_regnamespace('onboard') IS NOT NULL AS has_schema,
            to_regnamespace(quote_ident($1)) IS NOT NULL AS product_schema,
            coalesce((SELECT has_schema_privilege(r.oid, to_regnamespace(quote_ident($1))::oid, 'CREATE')
                        FROM pg_roles r WHERE rolname = 'onboard_owner'), false) AS may_use_product_schema`,
    [product ?? ''],
  )
  return rows[0]!
}

async function setupStatements(client: pg.Client, target: Server, product: string | null): Promise<string[]> {
  const ground = await look(client, product)
  const roles = (['owner', 'app', 'reader'] as const).map(roleName)
  const sql = roles.filter((name) => !ground.roles.includes(name)).map((name) => `CREATE ROLE ${name} NOLOGIN`)
  for (const [role, login] of memberships(target, ground)) {
    if (!(await isMember(client, ground, role, login))) sql.push(grant(role, login, ground.version))
  }
  const makesSchema = !ground.has_schema || (product !== null && !ground.product_schema)
  if (makesSchema && !ground.may_create_schema) {
    sql.push(`GRANT CREATE ON DATABASE ${ident(ground.database)} TO onboard_owner`)
  }
  if (product !== null && ground.product_schema && !ground.may_use_product_schema) {
    // WITH GRANT OPTION: the owner passes USAGE on to the app and the reader.
    sql.push(`GRANT CREATE ON SCHEMA ${ident(product)} TO onboard_owner`)
    sql.push(`GRANT USAGE ON SCHEMA ${ident(product)} TO onboard_owner WITH GRANT OPTION`)
  }
  return sql
}

/** Who has to be a member of which role. */
function memberships(target: Server, { login, superuser }: Ground): (readonly [Role, string])[] {
  const app = loginOf(target.url)
  const wanted: (readonly [Role, string])[] = [
    ['app', app],
    // A run looks as the reader on its own connection, whether or not the reader has a login besides.
    ['reader', app],
  ]
  if (target.reader_url) wanted.push(['reader', loginOf(target.reader_url)])
  if (!superuser) wanted.push(['owner', login])
  return wanted.filter(([role, member]) => member !== roleName(role))
}

function loginOf(url: string): string {
  const parsed = new URL(url)
  const named = parsed.username || parsed.searchParams.get('user')
  return named ? decodeURIComponent(named) : (process.env['PGUSER'] ?? os.userInfo().username)
}

async function isMember(client: pg.Client, ground: Ground, role: Role, login: string): Promise<boolean> {
  if (!ground.roles.includes(roleName(role))) return false
  const settable = ground.version >= 160_000 ? ' AND m.set_option' : ''
  const { rows } = await client.query<{ member: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_auth_members m
                      JOIN pg_roles r ON r.oid = m.roleid
                      JOIN pg_roles l ON l.oid = m.member
                     WHERE r.rolname = $1 AND l.rolname = $2${settable}) AS member`,
    [roleName(role), login],
  )
  return rows[0]?.member === true
}

function grant(role: Role, login: string, version: number): string {
  // Who migrates does not go about with the owner's rights; before 16 that cannot be said.
  const options = version >= 160_000 ? ` WITH INHERIT ${role === 'owner' ? 'FALSE' : 'TRUE'}, SET TRUE` : ''
  return `GRANT ${roleName(role)} TO ${ident(login)}${options}`
}

async function runAll(client: pg.Client, statements: readonly string[], label: string): Promise<void> {
  if (statements.length === 0) return
  try {
    await client.query(['BEGIN', ...statements, 'COMMIT'].join(';\n'))
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    if (codeOf(error) !== '42501') throw error
    throw new OnboardError(
      'forbidden',
      'setup-refused',
      `${label}: this login may not set the database up (${(error as Error).message}). ` +
        `An administrator runs first: ${statements.join('; ')};`,
      {
        suggestions: ['onboard db migrate --print-sql', 'export ONBOARD_OWNER_DATABASE_URL=postgres://ADMIN@HOST/DB'],
        cause: error,
      },
    )
  }
}
