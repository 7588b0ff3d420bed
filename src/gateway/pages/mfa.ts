/** /t/:tenant/mfa: the code of an authenticator app, after it was enrolled once. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Enrolment, enrolment, passCode, SealedOtherwise } from '../../identity/accounts/second-factor.ts'
import type { Session } from '../../identity/accounts/sessions.ts'
import { field, formToken, mustBeOurForm, returnTo } from '../form.ts'
import type { Gateway } from '../gateway.ts'
import { type Html, html } from '../html.ts'
import { form, input, signOutForm } from '../inputs.ts'
import { sendPage } from '../page.ts'
import { Refused } from '../refusals.ts'
import { signInReply } from '../session.ts'
import { sessionFor } from '../staged.ts'
import { returnField } from './password.ts'

const WRONG = 'This code is not right, or it was used already. '
  + 'Wait for the next one; after several attempts it takes a little while until the next one counts.'

const SEALED_OTHERWISE = 'Your second factor was kept under another key than this gateway has now, '
  + 'so that no code can be checked. Tell whoever runs it: its documentation says what to do (sealing key).'

const NO_KEY = 'A second factor is demanded, and this gateway has no key with which to keep one. '
  + 'Whoever runs it finds the setting in its documentation (sealing key).'

export function mfaRoutes(app: FastifyInstance, { database, tables, seal, meters }: Gateway, limit: object): void {
  app.get('/t/:tenant/mfa', async (request, reply) => {
    const session = await sessionFor(request, reply, ['totp', 'enrol_totp'])
    return session === undefined ? reply : page(request, reply, session)
  })
  app.post('/t/:tenant/mfa', { config: { rateLimit: limit } }, async (request, reply) => {
    const session = await sessionFor(request, reply, ['totp', 'enrol_totp'])
    if (session === undefined) return reply
    mustBeOurForm(request)
    const given = { code: field(request, 'code'), ip: request.ip }
    const token = await passCode(database, tables, mustSeal(), session, given).catch(explained)
    meters.login({ method: 'totp', result: token === undefined ? 'refused' : 'accepted' })
    if (token === undefined) return page(request, reply, session, WRONG)
    signInReply(reply, token)
    return reply.redirect(returnTo(request, session.tenant.slug), 303)
  })

  function explained(error: unknown): never {
    throw error instanceof SealedOtherwise ? new Refused(503, SEALED_OTHERWISE) : error
  }

  function mustSeal() {
    if (seal !== null) return seal
    throw new Refused(503, NO_KEY)
  }

  async function page(
    request: FastifyRequest,
    reply: FastifyReply,
    session: Session,
    wrong?: string,
  ): Promise<FastifyReply> {
    const { slug, name } = session.tenant
    const isNew = session.stage === 'enrol_totp'
    const enrolled = isNew ? await enrolment(database.query, tables, mustSeal(), session).catch(explained) : undefined
    return sendPage(reply, wrong === undefined ? 200 : 403, {
      title: enrolled === undefined ? 'Enter the code of your app' : 'Set up a second factor',
      tenant: name,
      errors: wrong === undefined ? [] : [{ field: 'code', text: wrong }],
      body: html`${enrolled !== undefined && instructions(name, enrolled)}
${form(
  `/t/${slug}/mfa`,
  'Go on',
  formToken(request, reply),
  returnField(request, slug),
  input({
    id: 'code',
    label: 'Code',
    type: 'text',
    inputmode: 'numeric',
    autocomplete: 'one-time-code',
    hint: 'Six digits.',
    error: wrong,
  }),
)}
${enrolled === undefined && html`<p>Is the phone lost? An administrator of ${name} lets you set up another one.</p>`}
${signOutForm(slug, formToken(request, reply))}`,
    })
  }
}

/** How an app is given the key. */
function instructions(tenant: string, { key, uri }: Enrolment): Html {
  return html`<p>${tenant} asks for a second factor: a code that an authenticator app on your phone shows. \
Give the app this key, by hand:</p>
<p><code id="key">${key.reveal().replaceAll(/(.{4})(?=.)/g, '$1 ')}</code></p>
<p>Or, on the phone itself, open <a href="${uri.reveal()}">this address in the app</a>.</p>
<details><summary>The address, to copy</summary><p><code id="uri">${uri.reveal()}</code></p></details>
<p>Then enter the code that it shows.</p>`
}
