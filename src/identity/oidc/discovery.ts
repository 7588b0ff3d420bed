/** What an OpenID provider says of itself (OpenID Connect Discovery 1.0), read with suspicion. */
import type { HttpAnswer } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import type { JsonObject } from '../../model.ts'
import type { Fetch } from '../http.ts'

/** How long a provider may take for one answer. */
export const TIMEOUT_MS = 10_000
/** No provider's document comes near it. */
const MOST_BYTES = 256 * 1024
const WELL_KNOWN = '/.well-known/openid-configuration'
/** Signatures that only the provider can make: not `none`, nor HS256, which whoever has the client secret can make. */
export const SIGNATURES = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519',
] as const

/** What was found out about a provider. */
export interface ProviderFacts {
  readonly issuer: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly jwks_uri: string
  readonly userinfo_endpoint: string | null
  /** Where a logout of ours goes on; null: it has none. */
  readonly end_session_endpoint: string | null
  /** With which it signs, of those that we accept. */
  readonly signatures: readonly string[]
  /** How a client may prove itself at the token endpoint. */
  readonly client_authentication: readonly string[]
  /** Whether every answer names the issuer (RFC 9207). */
  readonly names_issuer: boolean
  readonly backchannel_logout: boolean
}

/**
 * Asks an issuer for its configuration. The document must be of this very issuer, character by character (section 4.3),
 * and all that it names must be reached over TLS; plain HTTP is for this machine, where `network.allow` lets it be
 * asked.
 * @throws OnboardError invalid: this is no issuer; verification: what it says will not do; else as `fetch`
 */
export async function discover(issuer: string, { fetch }: { readonly fetch: Fetch }): Promise<ProviderFacts> {
  const url = issuerUrl(issuer)
  const at = `${url.href.replace(/\/$/, '')}${WELL_KNOWN}`
  return factsOf(
    issuer,
    documentOf(
      await fetch(
        { url: at, method: 'GET', headers: { accept: 'application/json' }, timeout_ms: TIMEOUT_MS, redirects: 0 },
      ),
      at,
    ),
  )
}

function issuerUrl(issuer: string): URL {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined
  const wrong = (what: string): never => {
    throw new OnboardError('invalid', 'bad-issuer', `${issuer.slice(0, 200)} is no issuer: ${what}`)
  }
  if (url === undefined) return wrong('it is an address such as https://login.customer.example')
  if (issuer.includes(WELL_KNOWN)) return wrong(`leave out ${WELL_KNOWN}`)
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') return wrong(
    'it has neither query, fragment nor user name',
  )
  if (!isSafe(url)) return wrong('it begins with https://')
  return url
}

/** The document, or why there is none. */
function documentOf({ status, headers, body }: HttpAnswer, at: string): JsonObject {
  const wrong = (code: string, what: string): never => {
    throw new OnboardError('verification', code, `${at} ${what}`)
  }
  if (status >= 300 && status < 400) wrong(
    'discovery-redirects',
    `leads to ${headers['location']?.slice(0, 200) ?? 'elsewhere'}: give the issuer that the provider itself names`,
  )
  if (status === 404) wrong('no-discovery', 'is not there: this is not the issuer, or it is no OpenID provider')
  if (status !== 200) wrong('no-discovery', `answers with ${status}`)
  if (Buffer.byteLength(body) > MOST_BYTES) wrong(
    'discovery-too-large', `has more than ${MOST_BYTES / 1024} KiB, which no provider's configuration has`,
  )
  let read: unknown
  try {
    read = JSON.parse(body)
  } catch {
    wrong('discovery-no-json', /^\s*</.test(body) ? 'is a web page and no JSON' : 'is no JSON')
  }
  if (read === null || typeof read !== 'object' || Array.isArray(read)) wrong('discovery-no-json', 'is no JSON object')
  return read as JsonObject
}

function factsOf(issuer: string, said: JsonObject): ProviderFacts {
  const wrong = (code: string, what: string): never => {
    throw new OnboardError('verification', code, `The configuration of ${issuer} ${what}`)
  }
  if (said['issuer'] !== issuer) wrong('issuer-disagrees', differs(issuer, said['issuer']))
  const endpoint = (name: string): string | null => {
    const value = said[name]
    if (value === undefined || value === null) return null
    const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
    if (url === undefined || url.hash !== '') return wrong('bad-endpoint', `has a ${name} that is no address`)
    // A provider on this machine may name itself by plain HTTP; nobody else may name this machine.
    if (!isSafe(url) || (url.protocol === 'http:' && !issuer.startsWith('http:'))) return wrong(
      'plain-endpoint', `has a ${name} without TLS: ${url.origin}`,
    )
    return value as string
  }
  const needed = (name: string): string => endpoint(name) ?? wrong('no-endpoint', `has no ${name}`)
  // Discovery section 3: RS256 must be among them; Core section 9: client_secret_basic is what is not said.
  const signed = listOf(said['id_token_signing_alg_values_supported'], ['RS256'])
  const signatures = SIGNATURES.filter((one) => signed.includes(one))
  if (signatures.length === 0) wrong(
    'no-signature',
    `signs ID tokens by ${signed.slice(0, 9).join(', ') || 'nothing'}, none of which only the provider can make`,
  )
  if (!listOf(said['response_types_supported'], ['code']).includes('code')) wrong(
    'no-code-flow', 'does not offer the authorization code flow',
  )
  const pkce = said['code_challenge_methods_supported']
  if (Array.isArray(pkce) && !pkce.includes('S256')) wrong('no-pkce', 'offers PKCE, but not by S256')
  return {
    issuer, authorization_endpoint: needed('authorization_endpoint'), token_endpoint: needed('token_endpoint'),
    jwks_uri: needed('jwks_uri'), userinfo_endpoint: endpoint('userinfo_endpoint'),
    end_session_endpoint: endpoint('end_session_endpoint'), signatures,
    client_authentication: listOf(said['token_endpoint_auth_methods_supported'], ['client_secret_basic']),
    names_issuer: said['authorization_response_iss_parameter_supported'] === true,
    backchannel_logout: said['backchannel_logout_supported'] === true,
  }
}

function differs(issuer: string, said: unknown): string {
  if (typeof said !== 'string' || said === '') return 'does not say whose it is'
  if (said.includes('{tenantid}')) {
    return `is for every customer of the provider (${said}): give the issuer with the id of your own directory`
  }
  const isNearly = said.replace(/\/$/, '') === issuer.replace(/\/$/, '')
  const advice = isNearly ? ': give it with that slash, or without, as it stands there' : ''
  return `says that it is of ${said.slice(0, 200)}${advice}`
}

/** With TLS, or on this machine. */
function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname))
}

function listOf(value: unknown, otherwise: readonly string[]): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [...otherwise]
}
