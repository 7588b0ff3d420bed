/** What is known of the providers of all connections: asked for when it is needed, kept for a while. */
import type { Fetch } from '../http.ts'
import { discover, type ProviderFacts } from './discovery.ts'
import { createKeys, type Keys } from './keys.ts'

const FRESH_MS = 10 * 60_000
/** As many as a gateway plausibly has; more only cost another request. */
const MOST = 1_000

export interface Providers {
  readonly fetch: Fetch
  readonly keys: Keys
  /** Throws as `discover`. What failed is not kept. */
  facts(issuer: string): Promise<ProviderFacts>
}

/** @param clock milliseconds that only grow */
export function createProviders(fetch: Fetch, clock: () => number = () => performance.now()): Providers {
  const kept = new Map<string, { readonly facts: ProviderFacts; readonly at: number }>()
  return {
    fetch, keys: createKeys(fetch, clock),
    async facts(issuer) {
      const had = kept.get(issuer)
      if (had !== undefined && clock() - had.at < FRESH_MS) return had.facts
      const facts = await discover(issuer, { fetch })
      if (kept.size >= MOST) kept.clear()
      kept.set(issuer, { facts, at: clock() })
      return facts
    },
  }
}
