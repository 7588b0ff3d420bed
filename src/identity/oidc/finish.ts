/** The answer of an OpenID provider: the code is redeemed, the ID token verified, the claims read. */
import * as oidc from 'openid-client'
import type { Secret } from '../../contract.ts'
import { type Begun, LoginRefused, type Mapping, type Proof } from '../login/types.ts'
import type { OidcConnection } from './begin.ts'
import { attributesOf } from './claims.ts'
import { clientOf, proofsOf } from './client.ts'
import type { ProviderFacts } from './discovery.ts'
import type { Providers } from './provider.ts'
import { refusalOf } from './refusal.ts'
import type { OidcUrls } from './urls.ts'

interface Answer {
  readonly connection: OidcConnection
  readonly urls: OidcUrls
  /** What came back to the callback. */
  readonly parameters: URLSearchParams
  /** The request that it answers; taken, so that it answers no other. */
  readonly begun: Begun
  readonly secret: Secret | null
  readonly now: Date
}

/** `sub` is at most this long (OpenID Connect Core section 2). */
const LONGEST_SUBJECT = 255

/** @throws LoginRefused with the reason, whatever goes wrong between the provider and us */
export async function finishLogin(providers: Providers, answer: Answer): Promise<Proof> {
  try {
    return await proved(providers, answer)
  } catch (error) {
    throw refusalOf(error)
  }
}

async function proved(providers: Providers, answer: Answer): Promise<Proof> {
  const { connection, begun, now } = answer
  const { settings, mapping } = connection
  const facts = await providers.facts(settings.issuer)
  const { client, tokens } = await redeemed(providers, facts, answer)
  const claims = tokens.claims()
  if (claims === undefined) throw new LoginRefused('structure', 'no-id-token', 'the provider sent no ID token')
  checkClaims(claims, connection, now)
  const more = facts.userinfo_endpoint === null || hasAll(claims, mapping) ? {} : await moreClaims(
    client, tokens.access_token, claims.sub,
  )
  const attributes = attributesOf(merged(claims, more))
  return {
    subject: claims.sub, session_index: typeof claims['sid'] === 'string' ? claims['sid'] : null,
    id_token: tokens.id_token ?? null, attributes, request: begun,
  }
}

interface Redeemed {
  readonly client: oidc.Configuration
  readonly tokens: Awaited<ReturnType<typeof oidc.authorizationCodeGrant>>
}

/** The code for tokens. Where the provider does not take the client, it is asked once more in the other way. */
async function redeemed(
  providers: Providers, facts: ProviderFacts, { connection, urls, parameters, begun, secret, now }: Answer,
): Promise<Redeemed> {
  // The pinned address and nothing of what was asked for: the redirect URI is compared by the provider.
  const came = new URL(`${urls.callback}?${parameters.toString()}`)
  const checks = {
    expectedState: begun.id, expectedNonce: textOf(begun, 'nonce'), pkceCodeVerifier: textOf(begun, 'verifier'),
    idTokenExpected: true,
  }
  let last: unknown
  for (const proof of proofsOf(facts, secret)) {
    const client = clientOf({ providers, facts, settings: connection.settings, secret, proof, now })
    try {
      return { client, tokens: await oidc.authorizationCodeGrant(client, came, checks) }
    } catch (error) {
      last = refusalOf(error)
      if (!(last instanceof LoginRefused) || last.code !== 'wrong-client-secret') break
    }
  }
  throw last
}

/** Without them, somebody could get in with less of a role than they have: so what fails here fails the login. */
async function moreClaims(client: oidc.Configuration, token: string, subject: string): Promise<oidc.UserInfoResponse> {
  try {
    return await oidc.fetchUserInfo(client, token, subject)
  } catch (error) {
    const refused = refusalOf(error)
    if (!(
      refused instanceof LoginRefused
    ) || refused.code === 'userinfo-disagrees' || refused.code === 'provider-unreachable') throw error
    throw new LoginRefused(
      'mapping', 'no-claims',
      `the ID token does not hold all that is mapped, and the provider gave no more (userinfo): ${refused.message}`,
    )
  }
}

/** What is signed outweighs what is only said; and that an address is verified is said of that address alone. */
function merged(claims: oidc.IDToken, more: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { email_verified, ...rest } = more
  const isSame = claims['email'] === undefined || claims['email'] === more['email']
  return { ...rest, ...(isSame && email_verified !== undefined ? { email_verified } : {}), ...claims }
}

/** What the library leaves to us (OpenID Connect Core section 3.1.3.7, points 5 and 10). */
function checkClaims({ azp, iat, sub }: oidc.IDToken, { settings }: OidcConnection, now: Date): void {
  if (azp !== undefined && azp !== settings.client_id) throw new LoginRefused(
    'conditions', 'wrong-party',
    `the ID token was issued to ${String(azp).slice(0, 100)} (azp), not to ${settings.client_id}`,
  )
  const ahead_s = Math.ceil(iat - now.getTime() / 1000)
  if (ahead_s > settings.clock_skew_s) {
    throw new LoginRefused(
      'conditions', 'issued-in-future',
      `the ID token was issued ${ahead_s} s in the future; the clocks may be ${settings.clock_skew_s} s apart`,
      "Set the provider's clock, or this machine's, by NTP.",
    )
  }
  if (sub === '' || sub.length > LONGEST_SUBJECT) throw new LoginRefused(
    'structure', 'no-subject',
    `the ID token has a subject of ${sub.length} characters; 1 to ${LONGEST_SUBJECT} are allowed`,
  )
}

/** Whether every attribute that is mapped first is there already; else the provider is asked for more (section 5.4). */
function hasAll(claims: oidc.IDToken, mapping: Mapping | null): boolean {
  if (mapping === null) return false
  const wanted = [mapping.email, mapping.name, mapping.role ?? []].filter((names) => names.length > 0)
  const there = attributesOf(claims)
  const isVerified = !mapping.email.includes('email') || Object.hasOwn(there, 'email_verified')
  return isVerified && wanted.every((names) => names.some((name) => Object.hasOwn(there, name)))
}

function textOf({ detail }: Begun, name: string): string {
  const value = detail[name]
  if (typeof value !== 'string') throw new LoginRefused(
    'request', 'unknown-request', 'this answers a request that was not a login',
  )
  return value
}
