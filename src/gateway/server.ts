import { randomUUID } from 'node:crypto'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import fastify, { type FastifyInstance } from 'fastify'
import type { Letter } from '../contract.ts'
import type { Passwords } from '../identity/accounts/password-login.ts'
import type { Fetch } from '../identity/http.ts'
import type { Seal } from '../identity/seal.ts'
import { type Database, tablesOf } from '../identity/sql.ts'
import { createPasswords } from '../product/password.ts'
import { apiRoutes } from './api.ts'
import { refusals } from './refusals.ts'
import type { Gateway } from './gateway.ts'
import { headers } from './headers.ts'
import { createMeters } from './meters.ts'
import { originOf } from './origin.ts'
import { pageRoutes } from './pages.ts'
import { scimRoutes } from './scim.ts'
import { ssoRoutes } from './sso.ts'

export interface GatewaySettings {
  readonly database: Database
  /** Schema of the reference product's tables. */
  readonly schema: string
  readonly publicUrl: string | null
  /** Where customers were told that it is; left out: nobody was told. */
  readonly appUrl?: string | null
  /** Proxies whose X-Forwarded-* headers are believed: addresses and networks. */
  readonly trustedProxies: readonly string[]
  /** Certificate and key, PEM; null: HTTP. */
  readonly tls: { readonly cert: Uint8Array; readonly key: Uint8Array } | null
  /** Where structured logs go, one JSON object a line; null: nowhere. */
  readonly log: { write(line: string): void } | null
  /** Keeps what must be read again: keys of second factors and of connections. Left out: there is none. */
  readonly seal?: Seal | null
  /** Asks servers on the network. Left out: it must not. */
  readonly fetch?: Fetch | null
  /** Left out: mail goes nowhere. */
  readonly mail?: ((letter: Letter) => Promise<void>) | null
  readonly passwords?: Passwords
  /** Attempts to sign in that one address may make in a minute; left out: 30. */
  readonly loginsPerMinute?: number
  /** Requests that each tenant's directory may make in a minute; left out: 6,000. */
  readonly scimPerMinute?: number
}

/** Of a request; what identifies people or opens doors is in no log: neither query nor headers. */
const logged = ({ method, url, ip }: { method: string; url: string; ip: string }) => (
  { method, path: url.split('?')[0], ip }
)

/** The gateway, ready to listen. Closing it ends open requests first. */
export function createGateway(settings: GatewaySettings): FastifyInstance {
  const { database, schema, publicUrl, appUrl = null, trustedProxies, tls, log } = settings
  const options = {
    logger: log === null ? false : { stream: log, serializers: { req: logged } },
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    // A slash at the end and the case of a path make no difference to directories.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1_000 },
    forceCloseConnections: 'idle' as const,
    requestTimeout: 30_000,
    genReqId: () => randomUUID(),
    // What a schema does not name is refused, and what has another type is another thing.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  }
  const https = tls === null ? {} : { https: { cert: Buffer.from(tls.cert), key: Buffer.from(tls.key) } }
  const app = fastify({ ...options, ...https } as never) as unknown as FastifyInstance
  const meters = createMeters()
  const gateway: Gateway = {
    database, tables: tablesOf(schema), meters, seal: settings.seal ?? null, fetch: settings.fetch ?? null,
    mail: settings.mail ?? null, passwords: settings.passwords ?? createPasswords(),
    publicUrl: (request) => publicUrl ?? `${request.protocol}://${request.host}`,
    appUrl, ownOrigin: (request) => originOf({ publicUrl, appUrl, isProxied: trustedProxies.length > 0 }, request),
  }
  app.decorate('gateway', gateway)
  void app.register(cookie)
  void app.register(formbody)
  void app.register(helmet, headers(tls !== null || publicUrl?.startsWith('https:') === true))
  void app.register(rateLimit, { global: false, cache: 10_000 })
  refusals(app)
  app.addHook('onResponse', async (request, reply) => {
    meters.saw({
      route: request.routeOptions.url ?? 'none', method: request.method, status: reply.statusCode,
      seconds: reply.elapsedTime / 1000,
    })
  })
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store')
    void reply.header('x-content-type-options', 'nosniff')
  })
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    try {
      await database.query('SELECT 1')
      return { status: 'ready' }
    } catch {
      return reply.code(503).send({ status: 'the database cannot be asked' })
    }
  })
  app.get(
    '/metrics', async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(meters.text()),
  )
  scimRoutes(app, { database, schema, perMinute: settings.scimPerMinute ?? 6_000 })
  // After the plugins: what limits rates sees the routes that come later.
  void app.register(async (scope) => {
    const { loginsPerMinute = 30 } = settings
    pageRoutes(scope, gateway, { loginsPerMinute })
    apiRoutes(scope, gateway)
    // There is nothing to guess there, and a whole office comes from one address in the morning.
    ssoRoutes(scope, gateway, { perMinute: 10 * loginsPerMinute })
  })
  return app
}
