/** /t/:tenant/reset: asks for a link by mail, and sets a password by one; the link of a welcome is the same. */
import { randomUUID } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { beginReset, invitedBy, setPassword, tenantOfLink } from '../../identity/accounts/new-password.ts'
import type { Tenant } from '../../identity/accounts/tenant.ts'
import { asked, field, formToken, mustBeOurForm, secretField } from '../form.ts'
import type { Gateway } from '../gateway.ts'
import { html } from '../html.ts'
import { form, input } from '../inputs.ts'
import { sendPage } from '../page.ts'
import { Refused } from '../refusals.ts'
import { openTenant } from '../tenant.ts'
import { newPasswordInputs } from './password.ts'
import { resetLetter } from './reset-letter.ts'

/** Letters to one address of one tenant in a quarter of an hour. */
const LETTERS = { max: 3, timeWindow: 15 * 60_000 }

export function resetRoutes(app: FastifyInstance, gateway: Gateway, limit: object): void {
  const { database, tables, passwords } = gateway
  const letters = app.createRateLimit({
    ...LETTERS,
    keyGenerator: (request: FastifyRequest) =>
      `${(request.params as { tenant: string }).tenant}/${field(request, 'email').trim().toLowerCase()}`,
  })
  const sending = new Set<Promise<void>>()
  app.addHook('onClose', async () => void (await Promise.all(sending)))

  // A link of a welcome names no tenant.
  app.get('/set-password', async (request, reply) => {
    const token = asked(request, 'token')
    const slug = await tenantOfLink(database.query, tables, token)
    if (slug === undefined)
      throw new Refused(404, 'This link was used already, or another one has taken its place. Ask for a new one.')
    return reply.redirect(`/t/${slug}/reset?token=${encodeURIComponent(token)}`, 303)
  })
  app.get('/t/:tenant/reset', async (request, reply) => {
    const tenant = await openTenant(request)
    const token = asked(request, 'token')
    return token === '' ? askPage(request, reply, tenant) : setPage(request, reply, tenant, token)
  })
  app.post('/t/:tenant/reset', { config: { rateLimit: limit } }, async (request, reply) => {
    const tenant = await openTenant(request)
    mustBeOurForm(request)
    const token = field(request, 'token')
    return token === '' ? send(request, reply, tenant) : set(request, reply, tenant, token)
  })

  function askPage(request: FastifyRequest, reply: FastifyReply, tenant: Tenant, error?: string): FastifyReply {
    const address = input({ id: 'email', label: 'E-mail address', type: 'email', autocomplete: 'username' })
    return sendPage(reply, error === undefined ? 200 : 422, {
      title: 'Forgot your password?',
      tenant: tenant.name,
      errors: error === undefined ? [] : [{ field: 'email', text: error }],
      body: html`<p>You get a mail with a link to choose a new one.</p>
${form(`/t/${tenant.slug}/reset`, 'Send the mail', formToken(request, reply), address)}
<p><a href="/t/${tenant.slug}/login">Back to signing in</a></p>`,
    })
  }

  /** The answer is the same, and takes as long, whoever is asked for. */
  async function send(request: FastifyRequest, reply: FastifyReply, tenant: Tenant): Promise<FastifyReply> {
    const email = field(request, 'email').trim()
    if (!/^[^\s@]+@[^\s@]+$/.test(email) || email.length > 254)
      return askPage(request, reply, tenant, 'Enter an e-mail address.')
    const rate = await letters(request)
    if (rate.isAllowed || !rate.isExceeded) {
      const sent = letter(request, tenant, email)
        .catch((error: unknown) => request.log.error(error))
        .finally(() => sending.delete(sent))
      sending.add(sent)
    }
    return sendPage(reply, 200, {
      title: 'Look into your mail',
      tenant: tenant.name,
      notice: 'If there is an account with this address that has a password, a mail is on its way.',
      body: html`<p>The link in it is good for an hour, once. \
If nothing comes, look into the folder for unwanted mail, or ask your administrator \
whether you sign in another way.</p>`,
    })
  }

  async function letter(request: FastifyRequest, tenant: Tenant, email: string): Promise<void> {
    const origin = gateway.ownOrigin(request)
    if (gateway.mail === null || origin === null)
      throw new Error('no mail was sent: there is no postbox, or no public URL for its links')
    const link = await beginReset(database, tables, tenant, { email, ip: request.ip })
    if (link === undefined) return
    const [{ at } = { at: '' }] = await database.query<{ at: string }>(
      `SELECT to_char(onboard.now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at`,
    )
    const address = `${origin}/t/${tenant.slug}/reset?token=${link.token.reveal()}`
    await gateway.mail(
      resetLetter({ id: randomUUID(), to: link.email, tenant: tenant.name, address, minutes: link.minutes, at }),
    )
  }

  async function setPage(
    request: FastifyRequest,
    reply: FastifyReply,
    tenant: Tenant,
    token: string,
    wrong?: { readonly field: string; readonly why: string },
  ): Promise<FastifyReply> {
    const invited = await invitedBy(database.query, tables, tenant, token)
    if (invited === undefined) return gonePage(reply, tenant)
    return sendPage(reply, wrong === undefined ? 200 : 422, {
      title: 'Choose a password',
      tenant: tenant.name,
      errors: wrong === undefined ? [] : [{ field: wrong.field, text: wrong.why }],
      body: html`<p>For ${invited.email}.</p>
${form(
  `/t/${tenant.slug}/reset`,
  'Set the password',
  formToken(request, reply),
  html`<input type="hidden" name="token" value="${token}">\
<input type="hidden" name="username" autocomplete="username" value="${invited.email}">`,
  ...newPasswordInputs(tenant.rules.password.min_length, wrong),
)}`,
    })
  }

  async function set(
    request: FastifyRequest,
    reply: FastifyReply,
    tenant: Tenant,
    token: string,
  ): Promise<FastifyReply> {
    const next = secretField(request, 'next')
    if (next.reveal() !== secretField(request, 'again').reveal()) {
      return setPage(request, reply, tenant, token, {
        field: 'again',
        why: 'The new password is not the same both times.',
      })
    }
    const refused = await setPassword(database, tables, passwords, tenant, { token, next, ip: request.ip })
    if (refused === null) return reply.redirect(`/t/${tenant.slug}/login?said=password-set`, 303)
    if (refused.why === 'link') return gonePage(reply, tenant)
    return setPage(request, reply, tenant, token, { field: 'next', why: refused.said })
  }
}

function gonePage(reply: FastifyReply, tenant: Tenant): FastifyReply {
  return sendPage(reply, 410, {
    title: 'This link is no longer good',
    tenant: tenant.name,
    body: html`<p>It was used already, its time is over, or a newer one has taken its place.</p>
<p><a class="button" href="/t/${tenant.slug}/reset">Ask for a new one</a></p>`,
  })
}
