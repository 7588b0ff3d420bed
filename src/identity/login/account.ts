/** Whose account a proved identity is. A directory (SCIM) has the last word: it says who is there, and active. */
import type { Query, Tables } from '../sql.ts'
import { LoginRefused, type Mapping, type Purpose, ROLES } from './types.ts'

/** The connection and its tenant at the moment of a login. */
export interface Standing {
  readonly tenant: string
  readonly connection: string
  readonly status: 'provisioning' | 'live' | 'suspended'
  /** Both the connection and single sign-on of the tenant. */
  readonly enabled: boolean
  readonly mapping: Mapping | null
  /** Whether somebody unknown gets an account. */
  readonly jit: boolean
  /** Whether a directory says who has one. */
  readonly scim: boolean
  /** Whether an address counts only where the provider says that it has verified it. */
  readonly must_verify: boolean
}

interface Who {
  readonly subject: string
  readonly email: string
  readonly name: string
  readonly role: string
  readonly role_from: string | null
}

export interface Account {
  /** null: there would be one, were this no test. */
  readonly user: { readonly id: string; readonly email: string } | null
  readonly role: string
  /** `known` by its subject, `linked` by its address at this first login, `created` now. */
  readonly what: 'known' | 'linked' | 'created'
}

interface Row {
  readonly id: string
  readonly email: string
  readonly role: string
  readonly active: boolean
  readonly role_mapped: boolean
  readonly break_glass: boolean
  /** Whether a directory has described it. */
  readonly scim: boolean
  /** Of the identity of this connection that it belongs to; null: to none yet. */
  readonly subject: string | null
}

/**
 * Finds the account by issuer and subject, else by its address, else makes one where that is agreed; of a test nothing
 * is written.
 * @throws LoginRefused (user)
 */
export async function accountOf(
  query: Query, tables: Tables, standing: Standing, who: Who, purpose: Purpose,
): Promise<Account> {
  const isTest = purpose === 'test'
  const known = await bySubject(query, tables, standing, who)
  const row = known ?? (await byAddress(query, tables, standing, who))
  if (row !== undefined) {
    mayEnter(row, who, known !== undefined)
    const role = await roleOf(query, tables, standing, row, who)
    if (!isTest) await entered(query, tables, standing, row, who, role)
    return { user: { id: row.id, email: row.email }, role, what: known === undefined ? 'linked' : 'known' }
  }
  mayCreate(standing, who)
  if (isTest) return { user: null, role: who.role, what: 'created' }
  return created(query, tables, standing, who)
}

/** Locked until the login is committed: what a directory changes at this moment comes before or after it. */
async function found(query: Query, tables: Tables, where: string, params: readonly string[]): Promise<Row | undefined> {
  const [row] = await query<Row>(
    `SELECT u.id::text, u.email, u.role, u.active, u.role_mapped, u.break_glass, u.document IS NOT NULL AS scim,
            (SELECT i.subject FROM ${tables.identities} i
              WHERE i.connection_id = $2 AND i.user_id = u.id LIMIT 1) AS subject
       FROM ${tables.users} u WHERE u.tenant_id = $1 AND ${where} LIMIT 1 FOR NO KEY UPDATE OF u`,
    params,
  )
  return row
}

function bySubject(
  query: Query, tables: Tables, { tenant, connection }: Standing, { subject }: Who,
): Promise<Row | undefined> {
  return found(
    query, tables, `u.id = (SELECT user_id FROM ${tables.identities} WHERE connection_id = $2 AND subject = $3)`,
    [tenant, connection, subject],
  )
}

/** An address that a directory gives as name of the user counts as well, after that of the mail. */
function byAddress(
  query: Query, tables: Tables, { tenant, connection }: Standing, { email }: Who,
): Promise<Row | undefined> {
  return found(
    query, tables,
    '(lower(u.email) = lower($3) OR lower(u.user_name) = lower($3)) ORDER BY lower(u.email) = lower($3) DESC',
    [tenant, connection, email],
  )
}

function mayEnter(row: Row, who: Who, isKnown: boolean): void {
  if (!row.active) {
    throw new LoginRefused(
      'user', 'deactivated', `the account of ${row.email} is deactivated${row.scim ? ' by the directory' : ''}`,
      row.scim ? 'Assign the application to the person again in the directory.' : 'Activate the account.',
    )
  }
  if (isKnown || row.subject === null || row.subject === who.subject) return
  throw new LoginRefused(
    'user', 'other-subject',
    `the account of ${who.email} belongs to another identity of this provider (${row.subject}), `
      + `and now came ${who.subject}`,
    'Have the provider send the same subject at each login: a persistent NameID, not a transient one. '
      + 'Is it somebody new with an old address, remove the old account first.',
  )
}

function mayCreate({ jit, scim }: Standing, { email }: Who): void {
  const why = scim ? 'accounts come from the directory here (SCIM)' : jit ? null : 'a first login makes no account here'
  if (why === null) return
  throw new LoginRefused(
    'user', 'unknown-user',
    `there is no account of ${email}, and ${why}`,
    scim
      ? 'Assign the application to the person in the directory, and wait for its next synchronisation.'
      : 'Invite the person first, or let first logins make accounts.',
  )
}

/**
 * The role that the account has after this login. A mapping changes what a mapping gave, and that of people of a
 * directory whose groups give none; never that of the last administrator, nor of an account for emergencies.
 */
async function roleOf(
  query: Query, tables: Tables, { tenant, mapping }: Standing, row: Row, who: Who,
): Promise<string> {
  const isOurs = row.scim ? !row.role_mapped : row.role_mapped
  if ((mapping?.role ?? []).length === 0 || !isOurs || row.break_glass || row.role === who.role) return row.role
  if (row.role !== ROLES[0]) return who.role
  // Of two administrators who lose the role at one moment, the second sees that the first has.
  await query(`SELECT 1 FROM ${tables.tenants} WHERE id = $1 FOR NO KEY UPDATE`, [tenant])
  const [other] = await query(
    `SELECT 1 FROM ${tables.users} WHERE tenant_id = $1 AND id <> $2 AND role = $3 AND active LIMIT 1`,
    [tenant, row.id, ROLES[0]],
  )
  return other === undefined ? row.role : who.role
}

async function entered(
  query: Query, tables: Tables, { tenant, connection }: Standing, row: Row, { subject }: Who, role: string,
): Promise<void> {
  await query(
    `INSERT INTO ${tables.identities} (tenant_id, connection_id, subject, user_id, last_login_at)
     VALUES ($1, $2, $3, $4, onboard.now())
     ON CONFLICT (connection_id, subject) DO UPDATE SET last_login_at = onboard.now()`,
    [tenant, connection, subject, row.id],
  )
  if (role !== row.role) {
    await query(
      `UPDATE ${tables.users} SET role = $2, version = version + 1, updated_at = onboard.now() WHERE id = $1`,
      [row.id, role],
    )
  }
  await query(`UPDATE ${tables.users} SET last_login_at = onboard.now() WHERE id = $1`, [row.id])
}

/** Of two first logins at one moment the second finds what the first has made. */
async function created(query: Query, tables: Tables, standing: Standing, who: Who): Promise<Account> {
  const rows = await query<{ id: string }>(
    `INSERT INTO ${tables.users} (tenant_id, email, full_name, role, role_mapped)
     VALUES ($1, $2, $3, $4, true) ON CONFLICT DO NOTHING RETURNING id::text`,
    [standing.tenant, who.email, who.name, who.role],
  )
  const row = await byAddress(query, tables, standing, who)
  if (row === undefined) {
    throw new LoginRefused('user', 'unknown-user', `there is no account of ${who.email}, and none could be made`)
  }
  mayEnter(row, who, false)
  await entered(query, tables, standing, row, who, row.role)
  return { user: { id: row.id, email: row.email }, role: row.role, what: rows.length === 1 ? 'created' : 'linked' }
}
