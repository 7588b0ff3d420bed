/** Whether a provider takes a client at all, before anybody signs in by it. */
import { OnboardError } from '../../errors.ts'
import type { Secret } from '../../contract.ts'
import type { Fetch } from '../http.ts'
import { type ProviderFacts, TIMEOUT_MS } from './discovery.ts'

/** No code that any provider has issued: with the right client it is an invalid grant, with the wrong one an invalid client. */
const NO_CODE = 'onboard-tries-whether-the-client-is-known'

/**
 * Asks the token endpoint with client and secret for a code that there is not (RFC 6749 §5.2).
 * @throws OnboardError (verification, `wrong-client`) where the provider refuses the client itself; as `fetch` does
 */
export async function tryClient(
  facts: ProviderFacts, client: { readonly id: string; readonly secret: Secret | null; readonly redirect_uri: string }, fetch: Fetch,
): Promise<void> {
  const { id, secret, redirect_uri } = client
  const isInBody = secret === null || (
    !facts.client_authentication.includes(
      'client_secret_basic',
    ) && facts.client_authentication.includes('client_secret_post')
  )
  const form = new URLSearchParams(
    { grant_type: 'authorization_code', code: NO_CODE, redirect_uri, code_verifier: 'v'.repeat(43) },
  )
  if (isInBody) form.set('client_id', id)
  if (isInBody && secret !== null) form.set('client_secret', secret.reveal())
  // RFC 6749 §2.3.1: both are form-encoded first.
  const encoded = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2)
  const basic = secret === null ? '' : Buffer.from(`${encoded(id)}:${encoded(secret.reveal())}`).toString('base64')
  const answer = await fetch({
    url: facts.token_endpoint, method: 'POST', body: form.toString(), timeout_ms: TIMEOUT_MS, redirects: 0,
    headers: {
      'content-type': 'application/x-www-form-urlencoded', accept: 'application/json',
      ...(isInBody ? {} : { authorization: `Basic ${basic}` }),
    },
  })
  const said = errorIn(answer.body)
  if (answer.status !== 401 && said !== 'invalid_client' && said !== 'unauthorized_client') return
  throw new OnboardError(
    'verification', 'wrong-client',
    `${facts.issuer} does not take the client ${id}${secret === null ? ' without a secret' : ' with this secret'} (${said ?? answer.status}): the ID, the secret or the kind of client is another one there`,
  )
}

function errorIn(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: unknown }
    return typeof error === 'string' ? error.slice(0, 60) : undefined
  } catch {
    return undefined
  }
}
