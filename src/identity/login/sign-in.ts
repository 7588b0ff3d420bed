/** What follows when an identity provider has proved who somebody is: whose account it is, the role, and a session. */
import type { Secret } from '../../contract.ts'
import type { JsonObject } from '../../model.ts'
import { audit } from '../accounts/events.ts'
import { startSession } from '../accounts/sessions.ts'
import type { Database, Query, Tables } from '../sql.ts'
import { type Account, accountOf, type Standing } from './account.ts'
import { ON } from './connections.ts'
import { mapped, shown } from './mapping.ts'
import { reasonOf, writeTrace } from './traces.ts'
import { type Connection, LoginRefused, type Mapping, type Proof, type Purpose, ROLES } from './types.ts'

export interface SignedIn {
  /** null: a test, of somebody who has no account yet. */
  readonly user: { readonly id: string; readonly email: string } | null
  readonly role: string
  /** null: a test, which opens nothing. */
  readonly session: { readonly id: string; readonly token: Secret } | null
  /** A path of ours; null: wherever people begin. */
  readonly return_to: string | null
  /** Address, name and role as mapped, for people. */
  readonly mapped: JsonObject
}

/** What is known of a login when it is refused. */
interface Refusal {
  /** As the answer says, verified or not: it only finds the trace again. */
  readonly request_id: string | null
  readonly purpose: Purpose
  readonly refused: LoginRefused
  readonly subject?: string | null
  readonly attributes?: Proof['attributes'] | null
  readonly ip?: string | null
}

/**
 * Lets somebody in whom the identity provider has proved, or says why not; a trace and an event tell of both. The
 * identity provider has asked for a second factor or not: its session is whole.
 * A test goes the same way, and changes nothing but its trace.
 * @throws LoginRefused
 */
export async function signIn(
  database: Database, tables: Tables, connection: Connection, proof: Proof, { ip }: { readonly ip: string | null },
): Promise<SignedIn> {
  try {
    return await database.transaction((query) => letIn(query, tables, connection, proof, ip))
  } catch (error) {
    if (!(error instanceof LoginRefused)) throw error
    const { subject, attributes, request } = proof
    const about = { request_id: requestOf(proof), purpose: request?.purpose ?? 'login', subject, attributes, ip }
    await refuse(database, tables, connection, { ...about, refused: error })
    throw error
  }
}

/** Writes down that a login was refused, and why. */
export async function refuse(
  database: Database, tables: Tables, connection: Connection,
  { request_id, purpose, refused, subject, attributes, ip }: Refusal,
): Promise<void> {
  await database.transaction(async (query) => {
    await writeTrace(query, tables, connection, {
      request_id, purpose, stage: refused.stage, accepted: false, code: refused.code, reason: reasonOf(refused),
      subject: subject ?? null, user_id: null, mapped: null, attributes: attributes ?? null,
    })
    await audit(query, tables, {
      tenant: connection.tenant_id, event: 'login.refused', user: null, ip: ip ?? null,
      detail: { connection: connection.name, purpose, stage: refused.stage, code: refused.code },
    })
  })
}

async function letIn(
  query: Query, tables: Tables, connection: Connection, proof: Proof, ip: string | null,
): Promise<SignedIn> {
  const purpose = proof.request?.purpose ?? 'login'
  const standing = await standingOf(query, tables, connection)
  if (purpose === 'login' && !standing.enabled) throw new LoginRefused(
    'request', 'disabled', `the connection ${connection.name} is switched off`,
  )
  const { mapping } = standing
  if (mapping === null) {
    throw new LoginRefused(
      'mapping', 'no-mapping', 'it was not declared yet which attributes are address, name and role',
      'Declare it, then try again.',
    )
  }
  const who = mapped(
    mapping, connection.protocol === 'saml' ? { NameID: [proof.subject], ...proof.attributes } : proof.attributes,
  )
  if (standing.must_verify) mustBeVerified(proof, who.email_from)
  const account = await accountOf(query, tables, standing, { subject: proof.subject, ...who }, purpose)
  const told = { ...shown({ ...who, role: account.role }), account: account.what }
  const trace = {
    request_id: requestOf(proof), purpose, accepted: true, code: null, reason: null, subject: proof.subject,
    user_id: account.user?.id ?? null, mapped: told, attributes: proof.attributes,
  }
  const ended = { user: account.user, role: account.role, return_to: proof.request?.return_to ?? null, mapped: told }
  if (purpose === 'test' || account.user === null) {
    await writeTrace(query, tables, connection, { ...trace, stage: 'user' })
    await event(query, tables, connection, account, 'login.test', ip)
    return { ...ended, session: null }
  }
  mayWork(standing, connection, account.role)
  const session = await startSession(query, tables, {
    tenant: connection.tenant_id, user: account.user.id, method: connection.protocol, stage: 'full',
    connection: connection.id, subject: proof.subject, session_index: proof.session_index, id_token: proof.id_token,
  })
  await writeTrace(query, tables, connection, { ...trace, stage: 'session' })
  if (account.what === 'created') await event(query, tables, connection, account, 'user.created', ip)
  await event(query, tables, connection, account, `login.${connection.protocol}`, ip)
  return { ...ended, session }
}

/** A test by a link is found again by its link, any other by what was asked. */
function requestOf({ request }: Proof): string | null {
  const link = request?.detail['link']
  return typeof link === 'string' ? link : (request?.id ?? null)
}

/**
 * The connection and its tenant as they are now, and kept so until this login is committed: once it is switched off,
 * nobody comes in by it any more.
 */
async function standingOf(query: Query, tables: Tables, connection: Connection): Promise<Standing> {
  const [row] = await query<StandingRow>(
    `SELECT ${ON} AS enabled, c.mapping, c.settings, t.status,
            coalesce(t.settings #>> '{enabled,scim}', 'false') = 'true' AS scim
       FROM ${tables.connections} c JOIN ${tables.tenants} t ON t.id = c.tenant_id WHERE c.id = $1 FOR SHARE OF c`,
    [connection.id],
  )
  if (row === undefined) throw new LoginRefused('request', 'gone', `the connection ${connection.name} was removed`)
  const { enabled, mapping, settings, scim, status } = row
  return {
    tenant: connection.tenant_id, connection: connection.id, status, enabled, mapping, jit: settings.jit, scim,
    must_verify: 'email_verified' in settings && settings.email_verified === 'required',
  }
}

interface StandingRow {
  readonly enabled: boolean
  readonly mapping: Mapping | null
  readonly settings: Connection['settings']
  readonly status: Standing['status']
  readonly scim: boolean
}

/** Whether this tenant lets this person in now: as sessions of any other origin are (accounts/sessions.ts). */
function mayWork({ status }: Standing, { slug }: Connection, role: string): void {
  if (status === 'live' || (status === 'provisioning' && role === ROLES[0])) return
  throw status === 'suspended'
    ? new LoginRefused('session', 'suspended', `the tenant ${slug} is suspended`)
    : new LoginRefused('session', 'not-live', `the tenant ${slug} is not live yet: administrators alone sign in`)
}

/** OpenID Connect Core 1.0 §5.1: `email` is anybody's word until `email_verified` is true. */
function mustBeVerified({ attributes }: Proof, from: string): void {
  if (from !== 'email') {
    throw new LoginRefused(
      'mapping', 'email-not-verified',
      `the mail address comes from ${from}; only of email does the provider say whether it has verified it`,
      'Map email; or trust the addresses of this provider, where it has them from its own directory.',
    )
  }
  const said = Object.hasOwn(attributes, 'email_verified') ? attributes['email_verified']?.[0] : undefined
  if (said === 'true') return
  throw new LoginRefused(
    'mapping', 'email-not-verified',
    said === undefined
      ? 'the provider does not say whether it has verified the mail address (no email_verified)'
      : 'the provider has not verified the mail address',
    'Have the address verified there; '
      + 'or trust the addresses of this provider, where it has them from its own directory.',
  )
}

async function event(
  query: Query, tables: Tables, connection: Connection, account: Account, name: string, ip: string | null,
): Promise<void> {
  await audit(query, tables, {
    tenant: connection.tenant_id, event: name, user: account.user?.id ?? null, ip,
    detail: { connection: connection.name, role: account.role },
  })
}
