/** The pages of a tenant's people. */
import { normalizeIP } from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Gateway } from './gateway.ts'
import { STYLE_PATH } from './page.ts'
import { homeRoutes } from './pages/home.ts'
import { loginRoutes } from './pages/login.ts'
import { mfaRoutes } from './pages/mfa.ts'
import { passwordRoutes } from './pages/password.ts'
import { resetRoutes } from './pages/reset.ts'
import { STYLE } from './pages/style.ts'
import { Refused } from './refusals.ts'

/** @param loginsPerMinute attempts from one address at one tenant, at each page where there is something to guess */
export function pageRoutes(
  app: FastifyInstance,
  gateway: Gateway,
  { loginsPerMinute }: { readonly loginsPerMinute: number },
): void {
  const limit = {
    max: loginsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request: FastifyRequest) =>
      `${(request.params as { tenant: string }).tenant} ${normalizeIP(request.ip)}`,
    errorResponseBuilder: (_request: FastifyRequest, { after }: { after: string }) =>
      new Refused(429, `There were too many attempts from your network. Try again in ${after}.`),
  }
  app.get(STYLE_PATH, async (_request, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', 'max-age=3600').send(STYLE),
  )
  loginRoutes(app, gateway, limit)
  passwordRoutes(app, gateway, limit)
  mfaRoutes(app, gateway, limit)
  resetRoutes(app, gateway, limit)
  homeRoutes(app, gateway)
}
