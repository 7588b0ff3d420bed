/** /t/:tenant/login: by the identity providers that are switched on, or by address and password. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type LoggedIn, logIn } from '../../identity/accounts/password-login.ts'
import type { SessionStage } from '../../identity/accounts/sessions.ts'
import type { Tenant } from '../../identity/accounts/tenant.ts'
import { connectionsOf } from '../../identity/login/connections.ts'
import { asked, field, formToken, mustBeOurForm, returnTo, secretField } from '../form.ts'
import type { Gateway } from '../gateway.ts'
import { type Html, html } from '../html.ts'
import { form, input } from '../inputs.ts'
import { sendPage } from '../page.ts'
import { currentSession, signInReply } from '../session.ts'
import { openTenant } from '../tenant.ts'

const NOTICES: Readonly<Record<string, string>> = {
  'password-set': 'Your password is set. Sign in with it.',
  'signed-out': 'You are signed out.',
  ended: 'Your session has ended. Sign in again.',
}
const REFUSED = {
  wrong:
    'E-mail address or password is not right. '
    + 'After several attempts it takes a little while until the next one counts.',
  expired: 'This temporary password is no longer good. Ask for a link to set a new one.',
  'not-open': 'This account is being set up, and only its administrators can sign in yet.',
} as const

const NO_WAY_IN = html`<p>No identity provider is switched on here. Ask your administrator.</p>`
const OR = html`<p class="or">or with a password</p>`

/** The page on which a session of this stage goes on. */
export function nextPage(tenant: string, stage: SessionStage, home: string): string {
  const page = { full: null, change_password: 'password', totp: 'mfa', enrol_totp: 'mfa' }[stage]
  if (page === null) return home
  return `/t/${tenant}/${page}${home === `/t/${tenant}/` ? '' : `?return_to=${encodeURIComponent(home)}`}`
}

/** What the page has to say of what came before it. */
interface Said {
  readonly email?: string
  readonly error?: string
  readonly notice?: string | undefined
}

export function loginRoutes(app: FastifyInstance, gateway: Gateway, limit: object): void {
  const { database, tables, passwords, meters } = gateway
  app.get('/t/:tenant/login', async (request, reply) => {
    const tenant = await openTenant(request)
    const session = await currentSession(request)
    if (session !== undefined)
      return reply.redirect(nextPage(tenant.slug, session.stage, returnTo(request, tenant.slug)), 303)
    const said = asked(request, 'said')
    return page(request, reply, tenant, { notice: Object.hasOwn(NOTICES, said) ? NOTICES[said] : undefined })
  })
  app.post('/t/:tenant/login', { config: { rateLimit: limit } }, async (request, reply) => {
    const tenant = await openTenant(request)
    mustBeOurForm(request)
    const [email, password] = [field(request, 'email').trim(), secretField(request, 'password')]
    const done: LoggedIn = await logIn(database, tables, passwords, { tenant, email, password, ip: request.ip })
    meters.login({ method: 'password', result: done.outcome === 'in' ? 'accepted' : 'refused' })
    if (done.outcome === 'refused') return page(request, reply, tenant, { email, error: REFUSED[done.why] })
    signInReply(reply, done.token)
    return reply.redirect(nextPage(tenant.slug, done.stage, returnTo(request, tenant.slug)), 303)
  })

  async function page(
    request: FastifyRequest, reply: FastifyReply, tenant: Tenant, { email, error, notice }: Said,
  ): Promise<FastifyReply> {
    const choices = (await connectionsOf(database.query, tables, tenant.slug)).filter(({ enabled }) => enabled)
    const back = returnTo(request, tenant.slug)
    const query = back === `/t/${tenant.slug}/` ? '' : `?return_to=${encodeURIComponent(back)}`
    const emergency = html`<p><a href="/t/${tenant.slug}/login?emergency=1">Sign in with an emergency account</a></p>`
    const isHidden = tenant.rules.password.disabled && error === undefined && asked(request, 'emergency') === ''
    return sendPage(reply, error === undefined ? 200 : 403, {
      title: 'Sign in',
      tenant: tenant.name,
      notice: notice ?? null,
      errors: error === undefined ? [] : [{ field: 'email', text: error }],
      body: html`${choices.map(({ name }) => html`<p><a class="button" \
href="/sso/${tenant.slug}/${name}/login${query}">Single sign-on${choices.length > 1 && ` (${name})`}</a></p>`)}
${tenant.rules.password.disabled && choices.length === 0 && NO_WAY_IN}
${isHidden ? emergency : html`
${choices.length > 0 && OR}${passwordForm(request, reply, tenant, email, query)}`}`,
    })
  }
}

function passwordForm(
  request: FastifyRequest,
  reply: FastifyReply,
  { slug }: Tenant,
  email: string | undefined,
  query: string,
): Html {
  return html`${form(
    `/t/${slug}/login${query}`,
    'Sign in',
    formToken(request, reply),
    input({
      id: 'email',
      label: 'E-mail address',
      type: 'email',
      autocomplete: 'username',
      ...(email === undefined ? {} : { value: email }),
    }),
    input({ id: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' }),
  )}
<p><a href="/t/${slug}/reset">Forgot your password?</a></p>`
}
