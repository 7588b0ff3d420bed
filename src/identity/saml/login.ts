/** A login by SAML: how it begins here, and what becomes of the answer. */
import { begin, take, takeOnce } from '../login/requests.ts'
import type { Begun, Connection, Proof } from '../login/types.ts'
import { databaseNow } from '../oidc/now.ts'
import type { Seal } from '../seal.ts'
import type { Query, Tables } from '../sql.ts'
import { keysOf, signingKey, type SpKey } from './keys.ts'
import { authnRequest } from './messages.ts'
import { refuse } from './refused.ts'
import { bytesOf, textOf, verifyResponse } from './response.ts'
import { type Outgoing, placeOf, send } from './send.ts'
import type { SpUrls } from './urls.ts'

export type SamlConnection = Connection & { readonly protocol: 'saml' }

/** How long somebody may take at the identity provider. */
const SECONDS = 15 * 60

export interface Side {
  readonly query: Query
  readonly tables: Tables
  /** null: there is no key, so that nothing is signed or decrypted. */
  readonly seal: Seal | null
  readonly connection: SamlConnection
  readonly urls: SpUrls
}

export async function ownKeys({ query, tables, seal, connection }: Side): Promise<readonly SpKey[]> {
  return seal === null ? [] : keysOf(query, tables, seal, connection.tenant_id)
}

interface Beginning {
  readonly purpose: 'login' | 'test'
  /** SHA-256 (hex) of the browser's cookie: another browser brings no answer. */
  readonly browserHash: string
  /** A path of ours. */
  readonly returnTo: string | null
  readonly detail: Readonly<Record<string, string>>
}

/** The request with which a browser goes to the identity provider. @throws LoginRefused */
export async function beginLogin(side: Side, { purpose, browserHash, returnTo, detail }: Beginning): Promise<Outgoing> {
  const { query, tables, connection, urls } = side
  const { settings } = connection
  const signer = settings.sign_requests ? signingKey(await ownKeys(side)) : null
  if (signer === undefined) {
    refuse(
      'request', 'no-key', 'requests are to be signed, and there is no key of ours to sign with',
      'Let the gateway have the sealing key of the workspace, and the connection a key.',
    )
  }
  const begun = await begin(query, tables, {
    connection, purpose, browser_hash: browserHash, return_to: returnTo, detail, seconds: SECONDS,
  })
  const now = (await databaseNow(query)).toISOString()
  const to = placeOf(settings.sso) ?? refuse('request', 'no-address', 'the identity provider has no address for logins')
  return send(
    settings.sso, 'SAMLRequest', authnRequest({ id: begun.id, now, to, urls }, settings.name_id_format), null, signer,
  )
}

/**
 * What a response proves. The request that it answers is taken, and its assertion is not taken again.
 * @param message the form's SAMLResponse
 * @param browserHash of the browser that brought it; null: it has no cookie of ours
 * @throws LoginRefused
 */
export async function proofOf(side: Side, message: string, browserHash: string | null): Promise<Proof> {
  const { query, tables, connection, urls } = side
  const now = (await databaseNow(query)).toISOString()
  const keys = textOf(bytesOf(message)).includes('EncryptedAssertion') ? await ownKeys(side) : []
  const facts = verifyResponse(message, { settings: connection.settings, urls, now, keys })
  const { subject, session_index, attributes, in_response_to, assertion_id, until } = facts
  const tenant = connection.tenant_id
  let request: Begun | null = null
  if (in_response_to === null) {
    if (!connection.settings.idp_initiated) {
      refuse(
        'request', 'unsolicited', 'the login began at the identity provider, which this connection does not allow',
        'Begin at our login page; or allow it for this connection.',
      )
    }
  } else {
    const answered = { tenant, connection: connection.id, id: in_response_to, browser_hash: browserHash }
    request = (await take(query, tables, answered)) ?? null
    if (request === null || request.purpose === 'logout') {
      refuse(
        'request', 'unknown-request',
        'the response answers no login that waits: it is too old, was answered already, '
          + 'or was begun by another browser, for another connection, or by nobody',
        'Begin again at the login page.',
      )
    }
  }
  const isNew = await takeOnce(query, tables, {
    tenant, kind: 'assertion', id: `${connection.id} ${assertion_id}`, until,
  })
  if (!isNew) refuse('replay', 'replayed', 'this assertion was taken already')
  return { subject, session_index, id_token: null, attributes, request }
}

/**
 * The request that a refused response says it answers, if this browser began it: only so that its trace is found again
 * by who waits for it. It stays where it is.
 */
export async function requestFor(
  { query, tables, connection }: Side, message: string, browserHash: string | null,
): Promise<Begun | undefined> {
  const xml = Buffer.from(message.slice(0, 16_384), 'base64').toString('latin1')
  const id = /\sInResponseTo=["'](_[0-9a-f]{1,100})["']/.exec(xml)?.[1]
  if (id === undefined) return undefined
  const [found] = await query<Begun>(
    `SELECT id, purpose, return_to, detail FROM ${tables.requests}
      WHERE id = $1 AND tenant_id = $2 AND connection_id = $3 AND (browser_hash IS NULL OR browser_hash = $4)`,
    [id, connection.tenant_id, connection.id, browserHash],
  )
  return found
}
