import type { Transport } from '../identity/scim/tester/tester.ts'
import { createHttp } from './http.ts'

const TIMEOUT_MS = 30_000

/**
 * Sends SCIM requests to one endpoint. Its host may be private, because a person named it; redirects are not followed,
 * because the token is for that host. `close` ends its connections.
 */
export function scimTransport(
  base: string, env: Readonly<Record<string, string | undefined>>,
): { readonly transport: Transport; close(): Promise<void> } {
  const { http, close } = createHttp({ allow: [new URL(base).hostname.replace(/^\[|\]$/g, '')], env })
  return {
    close,
    transport: async ({ method, path, headers, body }, token) => {
      const answer = await http({
        url: base + path, method, timeout_ms: TIMEOUT_MS, redirects: 0,
        headers: { ...headers, ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: answer.status, headers: answer.headers, text: answer.body }
    },
  }
}
