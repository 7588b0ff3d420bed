/** What went wrong between us and a provider, in words for an administrator. */
import * as oidc from 'openid-client'
import { OnboardError } from '../../errors.ts'
import { LoginRefused } from '../login/types.ts'

/** The library's errors and what they wrap, outermost first. */
function* chainOf(error: unknown): Generator<object> {
  for (let one = error, left = 8; one !== null && typeof one === 'object' && left > 0; left--) {
    yield one
    one = (one as { cause?: unknown }).cause
  }
}

/** Any error of a login → a refusal; what is none of these is a fault of ours and goes on as it is. */
export function refusalOf(error: unknown): unknown {
  const chain = [...chainOf(error)]
  const refused = chain.find((one) => one instanceof LoginRefused)
  if (refused !== undefined) return refused
  const ours = chain.find((one) => one instanceof OnboardError)
  if (ours !== undefined) return new LoginRefused(
    'request', ours.kind === 'verification' ? ours.code : 'provider-unreachable', ours.message,
  )
  for (const one of chain) {
    if (one instanceof oidc.AuthorizationResponseError) return answered(one)
    if (one instanceof oidc.ResponseBodyError) return redeemed(one)
    if (one instanceof oidc.WWWAuthenticateChallengeError) return challenged(one)
  }
  const code = chain.map((one) => (one as { code?: unknown }).code).find(
    (one) => typeof one === 'string' && one.startsWith('OAUTH_'),
  )
  return typeof code === 'string' ? judged(code, chain) : error
}

/** The provider sent the browser back with an error (RFC 6749 section 4.1.2.1). */
function answered({ error, error_description }: oidc.AuthorizationResponseError): LoginRefused {
  const said = `the provider refused: ${saying(error, error_description)}`
  const advice: Readonly<Record<string, string>> = {
    access_denied: 'Assign the application to the person at the provider, or ask whether they cancelled.',
    unauthorized_client: 'Allow the authorization code flow for this client at the provider.',
    invalid_scope: 'Ask for scopes that the provider knows.',
    login_required: 'Sign in at the provider first.',
  }
  return new LoginRefused(
    'request', error === 'access_denied' ? 'denied' : 'provider-refused', said, advice[error] ?? null,
  )
}

/** The token endpoint, or the one of claims, said no (RFC 6749 section 5.2). */
function redeemed({ error, error_description }: oidc.ResponseBodyError): LoginRefused {
  if (error === 'invalid_client' || error === 'unauthorized_client') return wrongSecret(
    saying(error, error_description),
  )
  if (error === 'invalid_grant') {
    return new LoginRefused(
      'conditions', 'code-refused', `the provider did not take the code: ${saying(error, error_description)}`,
      'It is too old, was used already, or the redirect address registered there is another one. Try again.',
    )
  }
  return new LoginRefused('request', 'provider-refused', `the provider refused: ${saying(error, error_description)}`)
}

function challenged({ status, cause }: oidc.WWWAuthenticateChallengeError): LoginRefused {
  const { error, error_description } = cause[0]?.parameters ?? {}
  if (error === undefined || error === 'invalid_client') return wrongSecret(`status ${status}`)
  return new LoginRefused('request', 'provider-refused', `the provider refused: ${saying(error, error_description)}`)
}

const wrongSecret = (said: string): LoginRefused => new LoginRefused(
  'request', 'wrong-client-secret', `the provider does not know this client by its id and secret: ${said}`,
  'Give the client id and a client secret that has not expired, as they stand at the provider.',
)

/** A claim that the library refused → stage, code, what is wrong with it. */
const CLAIMS: Readonly<Record<string, readonly [LoginRefused['stage'], string, string]>> = {
  iss: ['conditions', 'wrong-issuer', 'comes from another issuer than the one that was agreed'],
  aud: ['conditions', 'wrong-audience', 'is meant for another application'],
  azp: ['conditions', 'wrong-party', 'was issued to another application (azp)'],
  nonce: ['replay', 'wrong-nonce', 'does not carry the nonce of this login: it was made for another one'],
  exp: ['conditions', 'expired', 'has expired'],
  nbf: ['conditions', 'not-yet-valid', 'is not valid yet'],
  iat: ['conditions', 'no-issue-time', 'does not say when it was issued'],
  sub: ['structure', 'no-subject', 'does not say whose it is'],
}

function judged(code: string, chain: readonly object[]): LoginRefused {
  const messages = chain.map((one) => (one instanceof Error ? one.message : ''))
  const claim = chain.map(
    (one) => (one as { claim?: unknown }).claim,
  ).find((one) => typeof one === 'string') ?? named(messages)
  const known = typeof claim === 'string' ? CLAIMS[claim] : undefined
  if (known !== undefined) return new LoginRefused(known[0], known[1], `the ID token ${known[2]}`, advice(known[1]))
  const says = (text: string): boolean => messages.some((one) => one.includes(text))
  if (says('"iss" (issuer) response parameter') || says('response parameter "iss"')) {
    return new LoginRefused(
      'conditions', 'wrong-issuer',
      says('missing')
        ? 'the answer does not name its issuer, which this provider promises (RFC 9207)'
        : 'the answer comes from another issuer than the one that was asked (RFC 9207)',
    )
  }
  if (says('signature verification failed')) return new LoginRefused(
    'signature', 'wrong-signature', 'the signature of the ID token is not by the key that it names',
  )
  if (code === NO_KEY || says('no applicable keys') || says('multiple applicable keys')) return new LoginRefused(
    'signature', 'unknown-key', 'no one key of the provider is meant by the ID token',
  )
  if (says('"sub" property value') || says('"response" body "sub"')) return new LoginRefused(
    'conditions', 'userinfo-disagrees', 'the claims that were asked for are of somebody else',
  )
  if (says('"id_token" property')) return new LoginRefused(
    'structure', 'no-id-token', 'the provider sent no ID token', 'Allow the scope openid for this client.',
  )
  return new LoginRefused(
    'structure', 'bad-answer',
    `the provider's answer will not do: ${messages.filter((one) => one !== '').join(': ').slice(0, 300)}`,
  )
}

const NO_KEY = 'OAUTH_KEY_SELECTION_FAILED'

function advice(code: string): string | null {
  if (code === 'expired' || code === 'not-yet-valid') return "Set the provider's clock, or this machine's, by NTP."
  if (code === 'wrong-audience') return 'Give the client id as it stands at the provider.'
  return null
}

/** `JWT "nonce" (nonce) claim missing` → nonce */
function named(messages: readonly string[]): string | undefined {
  return messages.map(
    (one) => /(?:JWT|ID Token) "(\w+)" \(/.exec(one)?.[1],
  ).find((one) => one !== undefined && one !== 'alg')
}

/** Of somebody else: short, in one line. */
function saying(error: string, description: string | undefined): string {
  const said = description === undefined ? error : `${error} (${description})`
  return said.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 300)
}
