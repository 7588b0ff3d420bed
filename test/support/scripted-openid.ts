/** An OpenID provider that says whatever a test wants it to say. Its requests are real, its keys are its own. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT, type JWK } from 'jose'

export interface Key {
  readonly kid: string
  readonly alg: string
  readonly private: KeyObject
  readonly public: JWK
}

export function newKey(kid: string, alg: 'ES256' | 'RS256' = 'ES256'): Key {
  const pair = alg === 'ES256'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const published = { ...pair.publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' } as JWK
  return { kid, alg, private: pair.privateKey, public: published }
}

type Said = { readonly status?: number; readonly headers?: Record<string, string>; readonly body: unknown }

/** What it says; a test changes any of it. */
export interface Script {
  /** Laid over its configuration; `undefined` takes a member out. */
  configuration: Record<string, unknown>
  /** Instead of the configuration. */
  wellKnown: Said | null
  keys: Key[]
  /** What the token endpoint says to this form. */
  token: (form: URLSearchParams, headers: Record<string, unknown>) => Said | Promise<Said>
  userinfo: Said
}

export interface ScriptedProvider {
  readonly issuer: string
  readonly script: Script
  /** Requests by path. */
  readonly asked: Map<string, number>
  sign(claims: Record<string, unknown>, key?: Key, header?: Record<string, unknown>): Promise<string>
  /** As it was at the beginning. */
  reset(): void
  close(): Promise<void>
}

export async function scriptedProvider(): Promise<ScriptedProvider> {
  const first = newKey('first')
  const fresh = (): Script => ({
    configuration: {}, wellKnown: null, keys: [first],
    token: () => ({ status: 400, body: { error: 'invalid_grant' } }), userinfo: { body: { sub: 'ada-1' } },
  })
  const script = fresh()
  const asked = new Map<string, number>()
  let issuer = ''
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', issuer).pathname
    asked.set(path, (asked.get(path) ?? 0) + 1)
    let form = ''
    for await (const chunk of request) form += String(chunk)
    if (path === '/.well-known/openid-configuration') {
      return send(response, script.wellKnown ?? { body: configurationOf(issuer, script) })
    }
    if (path === '/keys') return send(response, { body: { keys: script.keys.map((one) => one.public) } })
    if (path === '/token') return send(response, await script.token(new URLSearchParams(form), request.headers))
    if (path === '/userinfo') return send(response, script.userinfo)
    send(response, { status: 404, body: 'nothing here' })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer, script, asked,
    sign: (claims, key = first, header = {}) => (
      new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.private)
    ),
    reset() {
      Object.assign(script, fresh())
      asked.clear()
    },
    close: () => new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    }),
  }
}

function configurationOf(issuer: string, { configuration }: Script): Record<string, unknown> {
  const all: Record<string, unknown> = {
    issuer,
    authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys`,
    userinfo_endpoint: `${issuer}/userinfo`, end_session_endpoint: `${issuer}/end`, response_types_supported: ['code'],
    subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256', 'ES256', 'HS256', 'none'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    code_challenge_methods_supported: ['S256'], backchannel_logout_supported: true,
    ...configuration,
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
}

function send(response: ServerResponse, { status = 200, headers = {}, body }: Said): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text)
}
