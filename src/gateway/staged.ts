import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Session, SessionStage } from '../identity/accounts/sessions.ts'
import { returnTo } from './form.ts'
import { nextPage } from './pages/login.ts'
import { ownReturn } from './return-to.ts'
import { currentSession, sessionCookie } from './session.ts'
import { openTenant } from './tenant.ts'

/**
 * The session for a page that is for these stages. Whoever has none is sent to sign in, and whoever has another to the
 * page that is due: undefined then, and the reply was sent.
 */
export async function sessionFor(
  request: FastifyRequest,
  reply: FastifyReply,
  stages: readonly SessionStage[],
): Promise<Session | undefined> {
  const tenant = await openTenant(request)
  const session = await currentSession(request)
  if (session !== undefined && stages.includes(session.stage)) return session
  if (session === undefined) void reply.redirect(signInPage(request, tenant.slug), 303)
  else void reply.redirect(nextPage(tenant.slug, session.stage, returnTo(request, tenant.slug)), 303)
  return undefined
}

/** Signing in leads back to the page that was asked for. */
function signInPage(request: FastifyRequest, slug: string): string {
  const [home, wish] = [`/t/${slug}/`, returnTo(request, slug)]
  const back = wish === home && request.method === 'GET' ? (ownReturn(slug, request.url) ?? home) : wish
  const query = new URLSearchParams({
    ...(sessionCookie(request) === undefined ? {} : { said: 'ended' }),
    ...(back === home ? {} : { return_to: back }),
  })
  return `${home}login${query.size === 0 ? '' : `?${query}`}`
}
