/** /t/:tenant/: who is signed in, and the way out. */
import type { FastifyInstance } from 'fastify'
import { audit } from '../../identity/accounts/events.ts'
import { endSessions } from '../../identity/accounts/sessions.ts'
import { asked, formToken, mustBeOurForm } from '../form.ts'
import type { Gateway } from '../gateway.ts'
import { html } from '../html.ts'
import { form } from '../inputs.ts'
import { sendPage } from '../page.ts'
import { ssoLogoutAt } from '../sso.ts'
import { goOnReply } from '../sso-replies.ts'
import { currentSession, signOutReply } from '../session.ts'
import { sessionFor } from '../staged.ts'
import { openTenant } from '../tenant.ts'

const BY = { password: 'password', saml: 'single sign-on (SAML)', oidc: 'single sign-on (OpenID Connect)' } as const

export function homeRoutes(app: FastifyInstance, { database, tables }: Gateway): void {
  app.get('/t/:tenant', async (request, reply) => {
    const session = await sessionFor(request, reply, ['full'])
    if (session === undefined) return reply
    const { tenant, user, method } = session
    const change = html`<li><a href="/t/${tenant.slug}/password">Change your password</a></li>`
    return sendPage(reply, 200, {
      title: `Welcome, ${user.full_name}`,
      tenant: tenant.name,
      notice:
        asked(request, 'said') === 'password-changed'
          ? 'Your password is changed. Other sessions of yours have ended.'
          : null,
      body: html`<dl><dt>Signed in as</dt><dd>${user.email}</dd>\
<dt>Role</dt><dd>${user.role}</dd><dt>Signed in by</dt><dd>${BY[method]}</dd></dl>
${method === 'password' && html`<ul class="links">${change}</ul>`}
${form(`/t/${tenant.slug}/logout`, 'Sign out', formToken(request, reply))}`,
    })
  })
  app.post('/t/:tenant/logout', async (request, reply) => {
    const tenant = await openTenant(request)
    mustBeOurForm(request)
    const session = await currentSession(request)
    if (session !== undefined) {
      await endSessions(database.query, tables, { session: session.id }, 'logout')
      await audit(database.query, tables, {
        tenant: tenant.id,
        event: 'logout',
        user: session.user.id,
        ip: request.ip,
        detail: { session: session.id },
      })
    }
    signOutReply(reply)
    const elsewhere = session === undefined ? null : await ssoLogoutAt(request, reply, session)
    if (elsewhere !== null) return goOnReply(reply, tenant.name, elsewhere)
    return reply.redirect(`/t/${tenant.slug}/login?said=signed-out`, 303)
  })
}
