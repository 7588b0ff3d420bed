/** Whether a provider takes a client at all, before anybody signs in by it. */
import { OnboardError } from '../../errors.ts'
import type { HttpRequest, Secret } from '../../contract.ts'
import type { Fetch } from '../http.ts'
import { type ClientProof, proofsOf } from './client.ts'
import { type ProviderFacts, TIMEOUT_MS } from './discovery.ts'

/** Issued by no provider: with the right client it is an invalid grant, with the wrong one an invalid client. */
const NO_CODE = 'onboard-tries-whether-the-client-is-known'

interface Client {
  readonly id: string
  /** null: a public client. */
  readonly secret: Secret | null
  readonly redirect_uri: string
}

/**
 * Asks the token endpoint with client and secret for a code that there is not (RFC 6749 §5.2), in each way that the
 * provider knows, as a login does.
 * @throws OnboardError (verification, `wrong-client`) where the provider refuses the client itself; as `fetch` does
 */
export async function tryClient(facts: ProviderFacts, client: Client, fetch: Fetch): Promise<void> {
  let refused = ''
  for (const proof of proofsOf(facts, client.secret)) {
    const answer = await fetch(requestOf(facts, client, proof))
    const said = errorIn(answer.body)
    if (answer.status !== 401 && said !== 'invalid_client' && said !== 'unauthorized_client') return
    refused = said ?? String(answer.status)
  }
  const secret = client.secret === null ? 'without a secret' : 'with this secret'
  throw new OnboardError(
    'verification', 'wrong-client',
    `${facts.issuer} does not take the client ${client.id} ${secret} (${refused}): `
      + 'the ID, the secret or the kind of client is another one there',
  )
}

function requestOf(facts: ProviderFacts, { id, secret, redirect_uri }: Client, proof: ClientProof): HttpRequest {
  const form = new URLSearchParams({
    grant_type: 'authorization_code', code: NO_CODE, redirect_uri, code_verifier: 'v'.repeat(43),
  })
  if (proof !== 'client_secret_basic') form.set('client_id', id)
  if (proof === 'client_secret_post' && secret !== null) form.set('client_secret', secret.reveal())
  // RFC 6749 §2.3.1: both are form-encoded first.
  const encoded = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2)
  const basic = secret === null ? '' : Buffer.from(`${encoded(id)}:${encoded(secret.reveal())}`).toString('base64')
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
  return {
    url: facts.token_endpoint, method: 'POST', body: form.toString(), timeout_ms: TIMEOUT_MS, redirects: 0,
    headers: proof === 'client_secret_basic' ? { ...headers, authorization: `Basic ${basic}` } : headers,
  }
}

function errorIn(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: unknown }
    return typeof error === 'string' ? error.slice(0, 60) : undefined
  } catch {
    return undefined
  }
}
