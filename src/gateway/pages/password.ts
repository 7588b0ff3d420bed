/** /t/:tenant/password: a password of one's own, instead of a temporary one or of the one before. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Changed, changePassword } from '../../identity/accounts/new-password.ts'
import type { Session } from '../../identity/accounts/sessions.ts'
import { formToken, mustBeOurForm, returnTo, secretField } from '../form.ts'
import type { Gateway } from '../gateway.ts'
import { type Html, html } from '../html.ts'
import { form, input, signOutForm } from '../inputs.ts'
import { sendPage } from '../page.ts'
import { signInReply } from '../session.ts'
import { sessionFor } from '../staged.ts'
import { nextPage } from './login.ts'

export function passwordRoutes(app: FastifyInstance, { database, tables, passwords }: Gateway, limit: object): void {
  app.get('/t/:tenant/password', async (request, reply) => {
    const session = await sessionFor(request, reply, ['full', 'change_password'])
    return session === undefined ? reply : page(request, reply, session)
  })
  app.post('/t/:tenant/password', { config: { rateLimit: limit } }, async (request, reply) => {
    const session = await sessionFor(request, reply, ['full', 'change_password'])
    if (session === undefined) return reply
    mustBeOurForm(request)
    const next = secretField(request, 'next')
    if (next.reveal() !== secretField(request, 'again').reveal()) {
      return page(request, reply, session, { field: 'again', why: 'The new password is not the same both times.' })
    }
    const given = { current: secretField(request, 'current'), next, ip: request.ip }
    const done: Changed = await changePassword(database, tables, passwords, session, given)
    if (done.outcome === 'refused') return page(request, reply, session, done)
    signInReply(reply, done.token)
    const { slug } = session.tenant
    return reply.redirect(
      session.stage === 'full'
        ? `/t/${slug}/?said=password-changed`
        : nextPage(slug, done.stage, returnTo(request, slug)),
      303,
    )
  })
}

const TEMPORARY = html`<p>You have signed in with a temporary password. It is good for nothing else.</p>`

function page(
  request: FastifyRequest,
  reply: FastifyReply,
  { tenant, stage }: Session,
  wrong?: { readonly field: string; readonly why: string },
): FastifyReply {
  const back = html`<p><a href="/t/${tenant.slug}/">Back</a></p>`
  return sendPage(reply, wrong === undefined ? 200 : 422, {
    title: stage === 'full' ? 'Change your password' : 'Choose a password of your own',
    tenant: tenant.name,
    errors: wrong === undefined ? [] : [{ field: wrong.field, text: wrong.why }],
    body: html`${stage !== 'full' && TEMPORARY}
${form(
  `/t/${tenant.slug}/password`,
  'Set the password',
  formToken(request, reply),
  returnField(request, tenant.slug),
  stage === 'full' &&
    input({
      id: 'current',
      label: 'Current password',
      type: 'password',
      autocomplete: 'current-password',
      error: errorOf(wrong, 'current'),
    }),
  ...newPasswordInputs(tenant.rules.password.min_length, wrong),
)}
${stage === 'full' ? back : signOutForm(tenant.slug, formToken(request, reply))}`,
  })
}

/** The two fields of a new password. */
export function newPasswordInputs(
  least: number,
  wrong?: { readonly field: string; readonly why: string },
): readonly Html[] {
  return [
    input({
      id: 'next',
      label: 'New password',
      type: 'password',
      autocomplete: 'new-password',
      hint: `At least ${least} characters.`,
      error: errorOf(wrong, 'next'),
    }),
    input({
      id: 'again',
      label: 'New password again',
      type: 'password',
      autocomplete: 'new-password',
      error: errorOf(wrong, 'again'),
    }),
  ]
}

export const returnField = (request: FastifyRequest, tenant: string): Html =>
  html`<input type="hidden" name="return_to" value="${returnTo(request, tenant)}">`

const errorOf = (
  wrong: { readonly field: string; readonly why: string } | undefined,
  id: string,
): string | undefined => (wrong?.field === id ? wrong.why : undefined)
