/** Sends a browser to its OpenID provider: code flow (OpenID Connect Core section 3.1) with PKCE (RFC 7636). */
import * as oidc from 'openid-client'
import { begin } from '../login/requests.ts'
import type { Connection } from '../login/types.ts'
import type { Query, Tables } from '../sql.ts'
import { clientOf } from './client.ts'
import type { Providers } from './provider.ts'
import { databaseNow } from './now.ts'
import type { OidcUrls } from './urls.ts'

/** How long somebody may take at the provider. */
const SECONDS = 15 * 60

export type OidcConnection = Connection & { readonly protocol: 'oidc' }

interface Beginning {
  readonly connection: OidcConnection
  readonly urls: OidcUrls
  readonly purpose: 'login' | 'test'
  /** SHA-256 (hex) of the cookie of the browser: another one brings no answer. */
  readonly browserHash: string
  /** A path of ours. */
  readonly returnTo: string | null
  readonly detail: Readonly<Record<string, string>>
}

/**
 * The provider's address to send the browser to. State, nonce and PKCE verifier are new for each login; state is the
 * request's id.
 * @throws OnboardError as `discover`
 */
export async function beginLogin(query: Query, tables: Tables, providers: Providers, given: Beginning): Promise<URL> {
  const { connection, urls, purpose, browserHash, returnTo } = given
  const { settings } = connection
  const facts = await providers.facts(settings.issuer)
  const nonce = oidc.randomNonce()
  const verifier = oidc.randomPKCECodeVerifier()
  const begun = await begin(query, tables, {
    connection, purpose, browser_hash: browserHash, return_to: returnTo, seconds: SECONDS,
    detail: { ...given.detail, nonce, verifier },
  })
  const client = clientOf({ providers, facts, settings, secret: null, proof: 'none', now: await databaseNow(query) })
  return oidc.buildAuthorizationUrl(client, {
    redirect_uri: urls.callback, scope: scopeOf(settings.scopes), state: begun.id, nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  })
}

/** Without `openid` there would be no ID token. */
const scopeOf = (scopes: readonly string[]): string => [...new Set(['openid', ...scopes])].join(' ')
