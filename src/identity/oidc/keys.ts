/** Keys with which a provider signs (RFC 7517): kept for a while, and asked for again when it signs with a new one. */
import { OnboardError } from '../../errors.ts'
import type { JsonObject } from '../../model.ts'
import type { Fetch } from '../http.ts'
import { TIMEOUT_MS } from './discovery.ts'

const MOST_BYTES = 256 * 1024
const MOST_KEYS = 100
/** Kept keys are asked for again after this, so that one that the provider has withdrawn signs no more. */
const FRESH_MS = 10 * 60_000

export interface KeySet {
  readonly keys: readonly JsonObject[]
}

export interface Keys {
  /**
   * All keys of a provider. Where `kid` is none of those kept they are asked for once more: it may have been made
   * since.
   * @param patience_ms not more often than this, where the `kid` is anybody's word
   */
  of(jwksUri: string, kid: string | undefined, patience_ms?: number): Promise<KeySet>
}

/** @param clock milliseconds that only grow */
export function createKeys(fetch: Fetch, clock: () => number = () => performance.now()): Keys {
  const kept = new Map<string, { readonly set: KeySet; readonly at: number }>()
  return {
    async of(jwksUri, kid, patience_ms = 0) {
      const had = kept.get(jwksUri)
      const age = had === undefined ? Infinity : clock() - had.at
      if (had !== undefined && age < FRESH_MS && (has(had.set, kid) || age < patience_ms)) return had.set
      const set = await asked(fetch, jwksUri)
      kept.set(jwksUri, { set, at: clock() })
      return set
    },
  }
}

/** Without a `kid`, any key may be meant. */
export function has({ keys }: KeySet, kid: string | undefined): boolean {
  return kid === undefined || keys.some((one) => one['kid'] === kid)
}

async function asked(fetch: Fetch, uri: string): Promise<KeySet> {
  const { status, body } = await fetch(
    { url: uri, method: 'GET', headers: { accept: 'application/json' }, timeout_ms: TIMEOUT_MS, redirects: 0 },
  )
  const wrong = (what: string): never => {
    throw new OnboardError('verification', 'no-keys', `The provider's keys at ${uri} ${what}`)
  }
  if (status !== 200) wrong(`cannot be read: it answers with ${status}`)
  if (Buffer.byteLength(body) > MOST_BYTES) wrong(`have more than ${MOST_BYTES / 1024} KiB`)
  let read: unknown
  try {
    read = JSON.parse(body)
  } catch {
    wrong('are no JSON')
  }
  const keys = (read as { keys?: unknown } | null)?.keys
  if (!Array.isArray(keys) || keys.length > MOST_KEYS) return wrong('are no set of keys')
  // A symmetric key among them would be no secret.
  return {
    keys: keys.filter(
      (one): one is JsonObject => one !== null && typeof one === 'object' && !Array.isArray(one) && one.kty !== 'oct',
    ),
  }
}
