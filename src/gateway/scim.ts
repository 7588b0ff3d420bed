/** SCIM over HTTP: the token, the media type, the headers. What a request means is identity/scim's. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Json } from '../model.ts'
import { createSyncLog } from '../identity/scim/log.ts'
import { MOST_BYTES } from '../identity/scim/discovery.ts'
import { ScimError } from '../identity/scim/error.ts'
import { createScimServer, type ScimAnswer } from '../identity/scim/server.ts'
import { type Database, tablesOf } from '../identity/sql.ts'
import { createDoor } from './scim-door.ts'
import { entryOf } from './scim-log.ts'

interface Settings {
  readonly database: Database
  /** Schema of the reference product's tables. */
  readonly schema: string
  /** Requests that each tenant's directory may make in a minute. */
  readonly perMinute: number
}

/** What a body was refused for, by status. */
const REFUSED: Readonly<Record<number, string>> = {
  413: `the body has more than ${MOST_BYTES} bytes`,
  415: 'send application/scim+json',
}

/** Puts `/scim/v2/{tenant}/…` into a gateway. */
export function scimRoutes(app: FastifyInstance, { database, schema, perMinute }: Settings): void {
  const tables = tablesOf(schema)
  const server = createScimServer(database, tables)
  const log = createSyncLog(database.query, tables, (error) => app.log.error(error))
  const door = createDoor({ query: database.query, tables, log, perMinute })
  app.addHook('onClose', () => log.flush())
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      ['application/scim+json', 'application/json'],
      { parseAs: 'string', bodyLimit: MOST_BYTES },
      (_request, text, done) => {
        try {
          done(null, text === '' ? undefined : JSON.parse(text as string))
        } catch {
          done(new ScimError(400, 'invalidSyntax', 'the body is no JSON'), undefined)
        }
      },
    )
    scope.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
      if (error instanceof ScimError) return send(reply, { status: error.status, body: error.body() as never })
      const status = error.statusCode ?? 500
      if (status >= 500) request.log.error(error)
      const said = status < 500 ? error.message : 'the server has failed'
      const detail = REFUSED[status] ?? said
      return send(reply, { status, body: new ScimError(status, null, detail).body() as never })
    })
    scope.route({
      method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: '/scim/v2/:tenant/*',
      handler: async (request: FastifyRequest<{ Params: { tenant: string; '*': string } }>, reply) => {
        const { tenant: slug, '*': path } = request.params
        const { tenant, isOn } = await door(request, reply, slug)
        const base = `${originFor(request)}/scim/v2/${slug}`
        const asked = {
          method: request.method,
          path: `/${path}`,
          query: request.query as Record<string, unknown>,
          body: request.body as Json | undefined,
          ifMatch: request.headers['if-match'],
          ifNoneMatch: request.headers['if-none-match'],
        }
        const answer = await server.answer({ tenant, base, isOn, ip: request.ip }, asked)
        const entry = entryOf(request, tenant, path, answer)
        if (entry !== undefined) log.note(entry)
        return send(reply, answer)
      },
    })
  })
}

/** The gateway's own address, of which the locations of resources are made; whoever asks has no say in it. */
function originFor(request: FastifyRequest): string {
  const { ownOrigin, appUrl } = request.server.gateway
  const origin = ownOrigin(request) ?? (appUrl === null ? null : new URL(appUrl).origin)
  if (origin !== null) return origin
  throw new ScimError(421, null, 'this gateway was not told its own address, and this is none of this machine')
}

function send(reply: FastifyReply, { status, body, location, etag }: ScimAnswer): FastifyReply {
  void reply.code(status)
  if (location !== undefined) void reply.header('location', location)
  if (etag !== undefined) void reply.header('etag', etag)
  if (body === undefined) return reply.send()
  return reply.type('application/scim+json; charset=utf-8').send(JSON.stringify(body))
}
