/** Single logout (SAML profiles §4.4): ours goes on at the identity provider, and theirs ends our sessions. */
import { endSessions } from '../accounts/sessions.ts'
import { begin, newId, take, takeOnce } from '../login/requests.ts'
import type { Begun } from '../login/types.ts'
import { databaseNow } from '../oidc/now.ts'
import type { Database } from '../sql.ts'
import { signingKey } from './keys.ts'
import { ownKeys, type Side } from './login.ts'
import { type Asked, readLogout, type Received } from './logout-message.ts'
import { logoutRequest, logoutResponse } from './messages.ts'
import { refuse } from './refused.ts'
import { type Outgoing, placeOf, send } from './send.ts'

/** How long the identity provider may take to tell everybody else. */
const SECONDS = 15 * 60

/** Whom a session belongs to, as the identity provider named it. */
interface Whom {
  readonly subject: string
  readonly session_index: string | null
}

/**
 * Where the browser of a session that has ended here goes, so that it ends at the identity provider as well; null: that
 * has no place for it, or we have no key.
 */
export async function beginLogout(
  side: Side, { subject, session_index }: Whom, browserHash: string,
): Promise<URL | null> {
  const { query, tables, connection, urls } = side
  const { slo } = connection.settings
  // It has to be signed (SAML profiles §4.4.4.1): no identity provider would take it.
  if (placeOf(slo) === undefined || signingKey(await ownKeys(side)) === undefined) return null
  const detail = { subject, session_index }
  const begun = await begin(query, tables, {
    connection, purpose: 'logout', browser_hash: browserHash, return_to: null, detail, seconds: SECONDS,
  })
  const request = await requestOf(side, begun)
  if (request?.binding === 'redirect') return request.url
  // A form has to be posted: a page of ours has it.
  const form = new URL(urls.slo)
  form.searchParams.set('continue', begun.id)
  return form
}

/** The form of a logout that this browser began; undefined: there is none. @param id of the request */
export async function continueLogout(
  side: Side, id: string, browserHash: string | null,
): Promise<Outgoing | undefined> {
  const { query, tables, connection } = side
  const [begun] = await query<Pick<Begun, 'id' | 'detail'>>(
    `SELECT id, detail FROM ${tables.requests}
      WHERE id = $1 AND tenant_id = $2 AND connection_id = $3 AND browser_hash = $4
        AND purpose = 'logout' AND expires_at > onboard.now()`,
    [id, connection.tenant_id, connection.id, browserHash],
  )
  return begun && requestOf(side, begun)
}

async function requestOf(
  side: Side, { id, detail: { subject, session_index } }: Pick<Begun, 'id' | 'detail'>,
): Promise<Outgoing | undefined> {
  const { query, connection, urls } = side
  const { slo, name_id_format } = connection.settings
  const to = placeOf(slo)
  const signer = signingKey(await ownKeys(side))
  if (to === undefined || signer === undefined || typeof subject !== 'string') return undefined
  const now = (await databaseNow(query)).toISOString()
  const index = typeof session_index === 'string' ? session_index : null
  return send(slo, 'SAMLRequest', logoutRequest({ id, now, to, urls }, subject, index, name_id_format), null, signer)
}

export type Ended =
  /** The identity provider asked: where its browser takes our answer, and how many sessions ended. */
  | { readonly kind: 'asked'; readonly answer: Outgoing | null; readonly sessions: number }
  /** It answered us. */
  | { readonly kind: 'answered' }

/**
 * Takes a message of single logout.
 * @param browserHash of the browser that brought it
 * @throws LoginRefused
 */
export async function takeLogout(
  database: Database, side: Side, received: Received, browserHash: string | null,
): Promise<Ended> {
  const { query, tables, connection, urls } = side
  const now = (await databaseNow(query)).toISOString()
  const said = readLogout(received, { settings: connection.settings, urls, now })
  if (said.kind === 'answered') {
    const begun = await take(query, tables, {
      tenant: connection.tenant_id, connection: connection.id, id: said.in_response_to, browser_hash: browserHash,
    })
    if (begun?.purpose !== 'logout') {
      refuse(
        'request', 'unknown-request', 'the answer belongs to no logout of ours that waits',
      )
    }
    return { kind: 'answered' }
  }
  const sessions = await endedBy(database, side, said)
  const to = placeOf(connection.settings.slo)
  const signer = signingKey(await ownKeys(side))
  if (to === undefined || signer === undefined) return { kind: 'asked', answer: null, sessions }
  const xml = logoutResponse({ id: newId(), now, to, urls }, said.id, sessions === 0 ? 'unknown' : 'done')
  return {
    kind: 'asked', answer: send(connection.settings.slo, 'SAMLResponse', xml, said.relay_state, signer), sessions,
  }
}

/** Each request once; without a session's index it means all of that person. */
async function endedBy(database: Database, { tables, connection }: Side, said: Asked): Promise<number> {
  return database.transaction(async (query) => {
    const isNew = await takeOnce(query, tables, {
      tenant: connection.tenant_id, kind: 'logout', id: `${connection.id} ${said.id}`, until: said.until,
    })
    if (!isNew) refuse('replay', 'replayed', 'this logout was taken already')
    let ended = 0
    for (const session_index of said.session_indexes.length === 0 ? [null] : said.session_indexes) {
      ended += await endSessions(
        query, tables, { connection: connection.id, subject: said.subject, session_index }, 'provider',
      )
    }
    return ended
  })
}
