/** openid-client, set up for one login: our way to ask, our clock, signatures always checked. */
import * as oidc from 'openid-client'
import type { HttpRequest, Secret } from '../../contract.ts'
import type { Fetch } from '../http.ts'
import { type OidcSettings, LoginRefused } from '../login/types.ts'
import { type ProviderFacts, TIMEOUT_MS } from './discovery.ts'
import { has } from './keys.ts'
import type { Providers } from './provider.ts'

interface Setting {
  readonly providers: Providers
  readonly facts: ProviderFacts
  readonly settings: OidcSettings
  /** null: a client without one, proved by PKCE alone. */
  readonly secret: Secret | null
  /** Where nothing is redeemed: `none`. */
  readonly proof: ClientProof
  /** The database's clock; the library is told how far this machine's is from it. */
  readonly now: Date
}

/** A configuration for one login: nothing of it is kept, so that no key outlives what `keys` knows. */
export function clientOf({ providers, facts, settings, secret, proof, now }: Setting): oidc.Configuration {
  const server = {
    issuer: facts.issuer, authorization_endpoint: facts.authorization_endpoint, token_endpoint: facts.token_endpoint,
    jwks_uri: facts.jwks_uri, id_token_signing_alg_values_supported: [...facts.signatures],
    authorization_response_iss_parameter_supported: facts.names_issuer,
    ...(facts.userinfo_endpoint === null ? {} : { userinfo_endpoint: facts.userinfo_endpoint }),
    ...(facts.end_session_endpoint === null ? {} : { end_session_endpoint: facts.end_session_endpoint }),
  }
  const metadata = {
    [oidc.clockSkew]: Math.round((now.getTime() - Date.now()) / 1000),
    [oidc.clockTolerance]: settings.clock_skew_s,
  }
  const client = new oidc.Configuration(server, settings.client_id, metadata, authOf(proof, secret))
  oidc.enableNonRepudiationChecks(client)
  // Discovery lets plain HTTP through for a provider on this machine alone.
  if (facts.issuer.startsWith('http:')) oidc.allowInsecureRequests(client)
  client[oidc.customFetch] = fetchOf(providers, facts)
  return client
}

/** How a client proves itself at the token endpoint (RFC 6749 section 2.3.1): `none` is by PKCE alone. */
export type ClientProof = 'client_secret_post' | 'client_secret_basic' | 'none'

/**
 * The ways to try, in this order. A provider says which ones it knows, not which one it has for this client; the body
 * comes first, because not all decode what the header has to encode.
 */
export function proofsOf({ client_authentication }: ProviderFacts, secret: Secret | null): readonly ClientProof[] {
  if (secret === null) return ['none']
  const known = (['client_secret_post', 'client_secret_basic'] as const).filter(
    (one) => client_authentication.includes(one),
  )
  return known.length > 0 ? known : ['client_secret_basic']
}

function authOf(proof: ClientProof, secret: Secret | null): oidc.ClientAuth {
  if (proof === 'none' || secret === null) return oidc.None()
  return proof === 'client_secret_post'
    ? oidc.ClientSecretPost(secret.reveal())
    : oidc.ClientSecretBasic(secret.reveal())
}

/**
 * Requests of the library, by our guarded way. Keys come from those kept; the ID token that has just come says which of
 * them is needed, so that a rotated one is there before the library looks for it.
 */
function fetchOf({ fetch, keys }: Providers, facts: ProviderFacts): oidc.CustomFetch {
  let kid: string | undefined
  return async (url, { method, headers, body }) => {
    if (url === facts.jwks_uri) {
      const set = await keys.of(url, kid)
      if (!has(set, kid)) throw new LoginRefused(
        'signature', 'unknown-key',
        `the ID token is signed with a key (${kid?.slice(0, 80)}) that the provider does not publish at ${url}`,
      )
      return Response.json(set)
    }
    const answer = await asked(fetch, url, method, headers, body)
    if (url === facts.token_endpoint && answer.ok) kid = await signedWith(answer.clone(), facts)
    return answer
  }
}

async function asked(
  fetch: Fetch, url: string, method: string, headers: Record<string, string>, body: unknown,
): Promise<Response> {
  const sent = body === undefined || body === null ? {} : { body: String(body) }
  const { status, headers: got, body: text } = await fetch(
    { url, method: method as HttpRequest['method'], headers, ...sent, timeout_ms: TIMEOUT_MS, redirects: 0 },
  )
  const known = Object.entries(got).filter(([name]) => ['content-type', 'www-authenticate', 'date'].includes(name))
  return new Response([204, 205, 304].includes(status) ? null : text, { status, headers: Object.fromEntries(known) })
}

/** The `kid` of an ID token's header. First of all refuses an algorithm that is no signature of the provider's. */
async function signedWith(answer: Response, { signatures }: ProviderFacts): Promise<string | undefined> {
  const body = (await answer.json().catch(() => null)) as { id_token?: unknown } | null
  if (typeof body?.id_token !== 'string') return undefined
  const header = headerOf(body.id_token)
  const alg = header?.['alg']
  if (typeof alg !== 'string' || !signatures.includes(alg)) {
    throw new LoginRefused(
      'signature', 'wrong-algorithm',
      `the ID token is signed by ${String(alg).slice(0, 40)}; accepted are ${signatures.join(', ')}`,
    )
  }
  return typeof header?.['kid'] === 'string' ? header['kid'] : undefined
}

/** The header of a JWT (RFC 7515 section 4), not verified; undefined: there is none. */
export function headerOf(token: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8')) as Record<string, unknown>
  } catch {
    return undefined
  }
}
