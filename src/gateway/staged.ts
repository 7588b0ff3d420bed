import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Session, SessionStage } from '../identity/accounts/sessions.ts'
import { returnTo } from './form.ts'
import { nextPage } from './pages/login.ts'
import { currentSession } from './session.ts'
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
  const home = returnTo(request, tenant.slug)
  if (session !== undefined) void reply.redirect(nextPage(tenant.slug, session.stage, home), 303)
  else
    void reply.redirect(
      `/t/${tenant.slug}/login${home === `/t/${tenant.slug}/` ? '' : `?return_to=${encodeURIComponent(home)}`}`,
      303,
    )
  return undefined
}
