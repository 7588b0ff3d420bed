/** What a provider sends when somebody has signed out there (OpenID Connect Back-Channel Logout 1.0, section 2.4). */
import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose'
import type { OidcSettings } from '../login/types.ts'
import { headerOf } from './client.ts'
import type { Providers } from './provider.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const MOST_BYTES = 16 * 1024
/** Anybody may send a token with any `kid`: the provider is not asked more often for new keys because of it. */
const PATIENCE_MS = 10_000
/** Older tokens are refused (section 2.6 leaves the bound to us), so that a `jti` need not be remembered for longer. */
const OLDEST_S = 300

/** Who has signed out: all sessions of a subject, or one by its `sid`. */
export interface SignedOut {
  readonly subject: string | null
  readonly sid: string | null
  readonly jti: string
  /** ISO 8601 instant from which on this token is refused for its age. */
  readonly until: string
}

/** A logout token that ends nothing; the code is for traces and tests. */
export class LogoutRefused extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** @throws LogoutRefused, or OnboardError as `discover` */
export async function readLogoutToken(
  providers: Providers, settings: OidcSettings, token: string, now: Date,
): Promise<SignedOut> {
  if (token.length > MOST_BYTES) throw new LogoutRefused('too-large', `a logout token has at most ${MOST_BYTES} bytes`)
  const facts = await providers.facts(settings.issuer)
  const header = headerOf(token)
  const kid = typeof header?.['kid'] === 'string' ? header['kid'] : undefined
  const set = await providers.keys.of(facts.jwks_uri, kid, PATIENCE_MS)
  const options = {
    algorithms: [...facts.signatures], issuer: facts.issuer, audience: settings.client_id,
    clockTolerance: settings.clock_skew_s, currentDate: now, requiredClaims: ['iat', 'exp', 'jti', 'events'],
  }
  const { payload } = await jwtVerify(
    token, createLocalJWKSet(set as unknown as JSONWebKeySet), options,
  ).catch((error: unknown) => {
    throw error instanceof errors.JOSEError ? new LogoutRefused(codeOf(error), error.message) : error
  })
  return signedOut(payload, header?.['typ'], settings, now)
}

function signedOut(payload: JWTPayload, typ: unknown, { clock_skew_s }: OidcSettings, now: Date): SignedOut {
  const { events, sub, sid, jti, nonce, iat = 0 } = payload
  const refuse = (code: string, what: string): never => {
    throw new LogoutRefused(code, what)
  }
  // An ID token is signed by the same key for the same client: neither must ever pass for the other.
  if (nonce !== undefined) refuse('has-nonce', 'a logout token has no nonce')
  if (typ !== undefined && !/^(application\/)?(logout\+jwt|jwt)$/i.test(String(typ))) refuse(
    'wrong-type', `a logout token is no ${String(typ).slice(0, 40)}`,
  )
  const event = (events as Readonly<Record<string, unknown>> | null | undefined)?.[EVENT]
  if (event === null || typeof event !== 'object' || Array.isArray(event)) refuse(
    'no-event', 'the token does not tell of a logout',
  )
  const subject = typeof sub === 'string' && sub !== '' ? sub : null
  const session = typeof sid === 'string' && sid !== '' ? sid : null
  if (subject === null && session === null) refuse(
    'nobody', 'the token says neither who has signed out nor from which session',
  )
  if (typeof jti !== 'string' || jti === '') return refuse('no-jti', 'the token has no id')
  const age_s = now.getTime() / 1000 - iat
  if (age_s < -clock_skew_s) refuse('issued-in-future', 'the token was issued in the future')
  if (age_s > OLDEST_S + clock_skew_s) refuse('too-old', `the token is older than ${OLDEST_S} s`)
  return { subject, sid: session, jti, until: new Date((iat + OLDEST_S + 2 * clock_skew_s + 60) * 1000).toISOString() }
}

function codeOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed) {
    const codes: Readonly<Record<string, string>> = {
      iss: 'wrong-issuer', aud: 'wrong-audience', jti: 'no-jti', events: 'no-event', exp: 'no-expiry',
      iat: 'no-issue-time', nbf: 'not-yet-valid',
    }
    return codes[error.claim] ?? 'bad-claim'
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'wrong-algorithm'
  if (error instanceof errors.JWKSNoMatchingKey) return 'unknown-key'
  if (error instanceof errors.JWKSMultipleMatchingKeys) return 'unknown-key'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'wrong-signature'
  return 'no-token'
}
