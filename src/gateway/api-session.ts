/** Who asks the API: a full session by its cookie, within the tenant's rate. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { audit } from '../identity/accounts/events.ts'
import { may, type Permission } from '../identity/accounts/roles.ts'
import type { Session } from '../identity/accounts/sessions.ts'
import { mustBeOurOrigin } from './form.ts'
import type { Gateway } from './gateway.ts'
import { Refused } from './refusals.ts'
import { currentSession } from './session.ts'

const WINDOW_MS = 15 * 60_000
const sessions = new WeakMap<FastifyRequest, Session>()

/** The session that an API route was let through with. */
export function sessionOfCall(request: FastifyRequest): Session {
  const session = sessions.get(request)
  if (session === undefined) throw new Error('no session: the route is not behind protect()')
  return session
}

/** Lets only full sessions through, as often as the tenant's contract says; all calls of a tenant count together. */
export function protect(app: FastifyInstance): void {
  const rate = app.createRateLimit({
    timeWindow: WINDOW_MS,
    keyGenerator: (request: FastifyRequest) => sessionOfCall(request).tenant.id,
    max: (request: FastifyRequest) =>
      sessionOfCall(request).tenant.rules.api_calls_per_15min ?? Number.MAX_SAFE_INTEGER,
  })
  app.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'GET') mustBeOurOrigin(request)
    const session = await currentSession(request)
    if (session?.stage !== 'full') {
      void reply.header('www-authenticate', 'Cookie realm="onboard"')
      throw new Refused(401, 'Sign in first: this wants the cookie of a session that is complete.')
    }
    sessions.set(request, session)
    if (session.tenant.rules.api_calls_per_15min === null) return
    limited(reply, await rate(request))
  })
}

function limited(reply: FastifyReply, rate: Awaited<ReturnType<ReturnType<FastifyInstance['createRateLimit']>>>): void {
  if (rate.isAllowed) return
  void reply.headers({
    'x-ratelimit-limit': rate.max,
    'x-ratelimit-remaining': rate.remaining,
    'x-ratelimit-reset': rate.ttlInSeconds,
  })
  if (!rate.isExceeded) return
  void reply.header('retry-after', rate.ttlInSeconds)
  throw new Refused(429, `Your contract has ${rate.max} calls in 15 minutes. Try again in ${rate.ttlInSeconds} s.`)
}

/** Throws Refused (403) where the role may not; that it was tried is written down. */
export async function mustBeAllowed(
  gateway: Gateway,
  request: FastifyRequest,
  permission: Permission,
): Promise<Session> {
  const session = sessionOfCall(request)
  if (may(session.user.role, permission)) return session
  await audit(gateway.database.query, gateway.tables, {
    tenant: session.tenant.id,
    event: 'access.refused',
    user: session.user.id,
    ip: request.ip,
    detail: { permission, role: session.user.role },
  })
  throw new Refused(403, `The role ${session.user.role} lacks ${permission}.`)
}
