import type { Json, JsonObject } from '../../src/model.ts'
import type { TestGateway } from './support.ts'

export interface Got {
  readonly status: number
  readonly headers: Headers
  readonly body: JsonObject | undefined
}

/** A directory of the tests: plain requests with the token of one tenant. */
export interface ScimClient {
  readonly tenant: string
  readonly url: string
  readonly token: string
  send(method: string, path: string, body?: Json, headers?: Record<string, string>): Promise<Got>
  /** Every resource of a list, page by page. */
  all(path: string): Promise<readonly Json[]>
}

export async function scimClient(gateway: TestGateway, slug: string): Promise<ScimClient> {
  const { id, url, token } = await gateway.tenant(slug)
  const send: ScimClient['send'] = async (method, path, body, headers = {}) => {
    const type = body === undefined ? {} : { 'content-type': 'application/scim+json' }
    const answer = await fetch(url + path, { method, headers: { authorization: `Bearer ${token}`, ...type, ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : (JSON.parse(text) as JsonObject) }
  }
  return {
    tenant: id, url, token, send,
    async all(path) {
      const found: Json[] = []
      for (;;) {
        const { body } = await send('GET', `${path}?startIndex=${found.length + 1}&count=50`)
        found.push(...((body?.['Resources'] ?? []) as Json[]))
        if (found.length >= Number(body?.['totalResults'])) return found
      }
    },
  }
}

/** A list in an answer, such as Resources; fails where there is none. */
export function listOf({ body }: Pick<Got, 'body'>, name: string): readonly JsonObject[] {
  const list = body?.[name]
  if (!Array.isArray(list)) throw new Error(`no ${name} in ${JSON.stringify(body)}`)
  return list as readonly JsonObject[]
}

/** The meta of a resource; fails where there is none. */
export function metaOf({ body }: { readonly body: JsonObject | undefined }): JsonObject {
  const meta = body?.['meta']
  if (meta === null || typeof meta !== 'object') throw new Error(`no meta in ${JSON.stringify(body)}`)
  return meta as JsonObject
}
