/** Signing in and out through a connection: which protocol has its turn. */
import { normalizeIP } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Session } from '../identity/accounts/sessions.ts'
import { connectionOf, connectionsOf } from '../identity/login/connections.ts'
import { openTestLink } from '../identity/login/test-link.ts'
import type { Connection } from '../identity/login/types.ts'
import { type Query, sqlState, type Tables } from '../identity/sql.ts'
import { bindBrowser } from './browser.ts'
import type { Gateway } from './gateway.ts'
import type { LoginAsked } from './login-asked.ts'
import { oidcLogin, oidcLogoutAt, oidcRoutes } from './oidc.ts'
import { mustBeOwnAddress } from './origin.ts'
import { Refused } from './refusals.ts'
import { ownReturn } from './return-to.ts'
import { samlLogin, samlLogoutAt, samlRoutes } from './saml.ts'
import { samlMetadataRoute } from './saml-metadata.ts'
import { openTenant } from './tenant.ts'

/** SQLSTATE of a row that refers to one that is not there. */
const FOREIGN_KEY = '23503'
const NONE = 'There is no such way to sign in.'

type Asked = FastifyRequest<{
  Params: { tenant: string; name: string }
  Querystring: { test?: unknown; return_to?: unknown }
}>

/** @param perMinute requests from one address for one tenant: each of them writes something down */
export function ssoRoutes(app: FastifyInstance, gateway: Gateway, { perMinute }: { readonly perMinute: number }): void {
  const { database: { query }, tables } = gateway
  void app.register(async (scope) => {
    limitRate(scope, perMinute)
    scope.addHook('onRequest', async (request) => void mustBeOwnAddress(request))
    scope.get('/sso/:tenant/:name/login', async (request: Asked, reply) => {
      const { tenant, name } = request.params
      const connection = await connectionOf(query, tables, tenant, name)
      if (connection === undefined) throw new Refused(404, NONE)
      const asked = await askedOf(query, tables, connection, request)
      // A test opens nothing; it may come from the vendor's own network.
      if (asked.purpose === 'login') await openTenant(request)
      const returnTo = ownReturn(tenant, request.query.return_to)
      return begun(request, reply, { ...asked, connection, browserHash: bindBrowser(request, reply), returnTo })
    })
    oidcRoutes(scope, gateway)
    samlRoutes(scope, gateway)
    samlMetadataRoute(scope, gateway)
  })
}

function limitRate(app: FastifyInstance, perMinute: number): void {
  const rate = app.createRateLimit({
    max: perMinute, timeWindow: 60_000,
    keyGenerator: (request) => `${(request.params as { tenant?: string }).tenant ?? ''} ${normalizeIP(request.ip)}`,
  })
  app.addHook('onRequest', async (request, reply) => {
    const found = await rate(request)
    if (found.isAllowed || !found.isExceeded) return
    void reply.header('retry-after', found.ttlInSeconds)
    throw new Refused(
      429, `There were too many attempts from your network. Try again in ${found.ttlInSeconds} seconds.`,
    )
  })
}

/** A link of a test works before the connection is switched on; everything else afterwards. */
async function askedOf(
  query: Query, tables: Tables, connection: Connection, { query: { test } }: Asked,
): Promise<Pick<LoginAsked, 'purpose' | 'detail'>> {
  if (test !== undefined) {
    const link = typeof test === 'string' ? await openTestLink(query, tables, connection, test) : undefined
    if (link === undefined) throw new Refused(404, 'This link is not good any more. Ask for a new one.')
    return { purpose: 'test', detail: { link } }
  }
  if (!connection.enabled) throw new Refused(404, NONE)
  return { purpose: 'login', detail: {} }
}

async function begun(request: FastifyRequest, reply: FastifyReply, asked: LoginAsked): Promise<FastifyReply> {
  const { connection } = asked
  try {
    if (connection.protocol === 'oidc') return await oidcLogin(request, reply, { ...asked, connection })
    return await samlLogin(request, reply, { ...asked, connection })
  } catch (error) {
    // Taken away since it was looked up: what begins refers to it.
    if (sqlState(error) === FOREIGN_KEY) throw new Refused(404, NONE)
    throw error
  }
}

/**
 * Where the browser of a session that has just ended goes on, so that it ends at the identity provider as well; null:
 * it began by password, or the provider has no such place.
 */
export async function ssoLogoutAt(request: FastifyRequest, reply: FastifyReply, session: Session): Promise<URL | null> {
  const { database: { query }, tables } = request.server.gateway
  if (session.connection === null) return null
  const all = await connectionsOf(query, tables, session.tenant.slug)
  const connection = all.find(({ id }) => id === session.connection)
  if (connection === undefined) return null
  if (connection.protocol === 'oidc') return oidcLogoutAt(request, reply, session, connection)
  return samlLogoutAt(request, reply, session, connection)
}
