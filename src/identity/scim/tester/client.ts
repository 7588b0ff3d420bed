/** The tester's side of the wire: one request after the other, 429 waited out, the token in no record. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Json, JsonObject } from '../../../model.ts'
import { AGENT } from './bench.ts'
import type { Answer, Exchange, ScimRequest, Transport } from './tester.ts'

/** A server that asks for more time than this in one go is not waited for. */
const PATIENCE_MS = 60_000
const MOST_WAITS = 5

export interface Client {
  send(
    method: ScimRequest['method'],
    path: string,
    body?: JsonObject,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>
  sendAs(token: string | null, method: ScimRequest['method'], path: string): Promise<Answer>
  /** What was sent and answered since the last time this was asked. */
  exchanges(): readonly Exchange[]
  throttled(): number
}

export function createClient(transport: Transport, token: string): Client {
  let recorded: Exchange[] = []
  let throttled = 0
  const send = async (bearer: string | null, request: ScimRequest): Promise<Answer> => {
    for (let waits = 0; ; waits++) {
      const started = performance.now()
      const response = await transport(request, bearer)
      const wait =
        response.status === 429 && waits < MOST_WAITS ? retryAfter(response.headers['retry-after']) : undefined
      if (wait === undefined) {
        recorded.push({
          request,
          response: { ...response, text: response.text.replaceAll(token, '***') },
          ms: Math.round(performance.now() - started),
        })
        return { status: response.status, headers: response.headers, body: parsed(response.text) }
      }
      throttled++
      await sleep(wait)
    }
  }
  return {
    send: (method, path, body, headers = {}) => send(token, request(method, path, body, headers)),
    sendAs: (bearer, method, path) => send(bearer, request(method, path, undefined, {})),
    exchanges: () => {
      const all = recorded
      recorded = []
      return all
    },
    throttled: () => throttled,
  }
}

function request(
  method: ScimRequest['method'],
  path: string,
  body: JsonObject | undefined,
  headers: Readonly<Record<string, string>>,
): ScimRequest {
  const type = body === undefined ? {} : { 'content-type': 'application/scim+json' }
  return { method, path, headers: { accept: 'application/scim+json', 'user-agent': AGENT, ...type, ...headers }, body }
}

/** Retry-After (RFC 9110 §10.2.3): seconds, or a date; undefined where it is missing or asks for too much. */
function retryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return ms <= PATIENCE_MS ? Math.max(ms, 0) : undefined
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as JsonObject) : undefined
  } catch {
    return undefined
  }
}
