/** HTTP for actions: guarded, with an end in time and in size. The only user of undici. */
import { callbackify } from 'node:util'
import { Agent, EnvHttpProxyAgent, request as send, type Dispatcher } from 'undici'
import type { HttpAnswer, HttpRequest } from '../contract.ts'
import { OnboardError } from '../errors.ts'
import { type Address, createGuard, type Guard } from './network-guard.ts'

/** More of an answer is not read. */
const KEPT_BYTES = 1024 * 1024

interface Settings {
  /** Hosts and networks that may be reached though they are private (`network.allow`). */
  readonly allow: readonly string[]
  /** Our own environment: proxies, and what `secret_headers` name. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Certificates to trust instead of the system's, PEM. */
  readonly ca?: readonly string[]
  /** Why nothing may be asked, where it may not: an untrusted workspace. */
  readonly refused?: () => Promise<string | null>
}

/** Asks servers, as `Reader.http` promises. `close` ends the connections that it keeps. */
export function createHttp({ allow, env, ca, refused }: Settings) {
  const guard = createGuard(allow)
  let direct: Agent | undefined
  let proxies: Dispatcher | undefined
  const http = async (asked: HttpRequest): Promise<HttpAnswer> => {
    const headers: Record<string, string> = { 'user-agent': 'onboard', ...asked.headers, ...secretsOf(asked, env) }
    let url = addressOf(asked.url)
    for (let left = asked.redirects; ; left--) {
      const why = (await refused?.()) ?? null
      if (why !== null) {
        throw new OnboardError('forbidden', 'untrusted', `${url.host} was not asked: ${why}`, {
          suggestions: ['onboard trust'],
        })
      }
      // What is wrong with a name is said before a connection hides it; behind a proxy, the proxy looks names up.
      const at = proxied(url, env) ? null : await guard(url.hostname)
      const dispatcher = at === null ? (proxies ??= proxyOf(env, ca)) : (direct ??= agentOf(guard, ca))
      const answer = await once({ ...asked, headers }, url, dispatcher, at)
      const to = answer.headers['location']
      if (left <= 0 || to === undefined || answer.status < 300 || answer.status > 399) return answer
      const next = addressOf(new URL(to, url).href)
      // A secret is for the host that it was meant for.
      if (next.origin !== url.origin) for (const name of Object.keys(asked.secret_headers ?? {})) delete headers[name]
      url = next
    }
  }
  return { http, close: async () => void (await Promise.all([direct?.close(), proxies?.close()])) }
}

function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new OnboardError('invalid', 'no-address', `${text} is no address that begins with http:// or https://`)
}

/** Connects to the very address that the guard looked at. */
function agentOf(guard: Guard, ca: readonly string[] | undefined): Agent {
  const find = callbackify(guard)
  return new Agent({
    connect: {
      ...(ca === undefined ? {} : { ca: [...ca] }),
      lookup: (host, options, done) => find(host, (error, found) => {
        // Node wants a list where it asks for all; of an error it looks at nothing else.
        if (options.all === true) done(error, [found] as never)
        else done(error, found?.address ?? '', found?.family ?? 4)
      }),
    },
  })
}

function proxyOf(env: Settings['env'], ca: readonly string[] | undefined): Dispatcher {
  const http = env['HTTP_PROXY'] ?? env['http_proxy']
  const https = env['HTTPS_PROXY'] ?? env['https_proxy']
  return new EnvHttpProxyAgent({
    ...(http ? { httpProxy: http } : {}),
    ...(https ? { httpsProxy: https } : {}),
    // Decided by `proxied` already, so that both never differ.
    noProxy: '',
    ...(ca === undefined ? {} : { requestTls: { ca: [...ca] } }),
  })
}

/** Is this address asked for through a proxy? By HTTP_PROXY, HTTPS_PROXY and NO_PROXY, as everywhere. */
function proxied(url: URL, env: Settings['env']): boolean {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  if (!(env[name] ?? env[name.toLowerCase()])) return false
  const none = (env['NO_PROXY'] ?? env['no_proxy'] ?? '').split(/[\s,]+/).filter((one) => one !== '')
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return !none.some((written) => {
    const [host = '', only] = written.toLowerCase().replace(/^\*?\.?/, '').split(':')
    if (only !== undefined && only !== port) return false
    return written === '*' || url.hostname === host || url.hostname.endsWith(`.${host}`)
  })
}

function secretsOf({ secret_headers = {}, url }: HttpRequest, env: Settings['env']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secret_headers).map(([name, { env: variable, prefix = '' }]) => {
      const value = env[variable]
      if (value) return [name, `${prefix}${value}`]
      throw new OnboardError(
        'invalid', 'no-credential',
        `the environment variable ${variable} is not set: ${addressOf(url).host} asks for it`,
      )
    }),
  )
}

async function once(asked: HttpRequest, url: URL, dispatcher: Dispatcher, at: Address | null): Promise<HttpAnswer> {
  const begun = performance.now()
  const signal = AbortSignal.timeout(asked.timeout_ms)
  try {
    const answer = await send(url, {
      dispatcher, signal, method: asked.method, headers: { ...asked.headers },
      ...(asked.body === undefined ? {} : { body: asked.body }),
    })
    const body = await textOf(answer.body)
    const cookies = [answer.headers['set-cookie'] ?? []].flat()
    return {
      status: answer.statusCode, headers: joined(answer.headers), cookies, body, url: url.href,
      address: at?.address ?? null, ms: performance.now() - begun,
    }
  } catch (error) {
    throw troubleOf(error, url.host, asked.timeout_ms, signal.aborted)
  }
}

function troubleOf(error: unknown, host: string, timeout: number, late: boolean): OnboardError {
  if (late) {
    return new OnboardError('unreachable', 'timeout', `${host} did not answer within ${timeout / 1000} s`, {
      cause: error,
    })
  }
  for (let e: unknown = error; e instanceof Error; e = e.cause) if (e instanceof OnboardError) return e
  const { message, code } = error as { message?: string; code?: string }
  return new OnboardError(
    'unreachable', 'no-answer', `${host} cannot be asked: ${message || code || 'no reason given'}`, { cause: error },
  )
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const kept: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    kept.push(chunk)
    size += chunk.length
    if (size > KEPT_BYTES) break // leaving the loop ends the connection
  }
  return Buffer.concat(kept).subarray(0, KEPT_BYTES).toString('utf8')
}

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (
    value === undefined ? [] : [[name.toLowerCase(), [value].flat().join(', ')]]
  )))
}
