import fastify, { type FastifyInstance } from 'fastify'
import type { Database } from '../identity/sql.ts'
import { createMeters } from './meters.ts'
import { scimRoutes } from './scim.ts'

export interface GatewaySettings {
  readonly database: Database
  /** Schema of the reference product's tables. */
  readonly schema: string
  readonly publicUrl: string | null
  /** Proxies whose X-Forwarded-* headers are believed: addresses and networks. */
  readonly trustedProxies: readonly string[]
  /** Certificate and key, PEM; null: HTTP. */
  readonly tls: { readonly cert: Uint8Array; readonly key: Uint8Array } | null
  /** Where structured logs go, one JSON object a line; null: nowhere. */
  readonly log: { write(line: string): void } | null
}

/** The gateway, ready to listen. Closing it ends open requests first. */
export function createGateway(settings: GatewaySettings): FastifyInstance {
  const { database, schema, publicUrl, trustedProxies, tls, log } = settings
  const options = {
    // What identifies people or opens doors is in no log: neither query nor headers.
    logger: log === null ? false : { stream: log, serializers: { req: ({ method, url, ip }: { method: string; url: string; ip: string }) => ({ method, path: url.split('?')[0], ip }) } },
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    // A slash at the end and the case of a path make no difference to directories.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 1_000 },
    forceCloseConnections: 'idle' as const,
    requestTimeout: 30_000,
  }
  const app = (tls === null ? fastify(options) : fastify({ ...options, https: { cert: Buffer.from(tls.cert), key: Buffer.from(tls.key) } } as never)) as FastifyInstance
  const meters = createMeters()
  app.addHook('onResponse', async (request, reply) => {
    meters.saw({
      route: request.routeOptions.url ?? 'none', method: request.method, status: reply.statusCode,
      seconds: reply.elapsedTime / 1000,
    })
  })
  app.addHook('onSend', async (_request, reply) => {
    void reply.headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
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
  scimRoutes(app, { database, schema, publicUrl })
  return app
}
