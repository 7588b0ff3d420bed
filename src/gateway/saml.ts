/** SAML connections over HTTP: where logins begin, where responses are posted, and single logout. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Session } from '../identity/accounts/sessions.ts'
import { connectionOf } from '../identity/login/connections.ts'
import { refuse, signIn } from '../identity/login/sign-in.ts'
import { LoginRefused } from '../identity/login/types.ts'
import { beginLogin, proofOf, requestFor, type SamlConnection, type Side } from '../identity/saml/login.ts'
import { beginLogout, continueLogout, takeLogout } from '../identity/saml/logout.ts'
import type { Received } from '../identity/saml/logout-message.ts'
import type { Outgoing } from '../identity/saml/send.ts'
import { spUrls } from '../identity/saml/urls.ts'
import { bindBrowser, browserHash } from './browser.ts'
import type { Gateway } from './gateway.ts'
import type { LoginAsked } from './login-asked.ts'
import { mustBeOwnAddress } from './origin.ts'
import { sendPostForm } from './post-form.ts'
import { Refused } from './refusals.ts'
import { ownReturn } from './return-to.ts'
import { refusedReply, signedInReply } from './sso-replies.ts'

type Asked = FastifyRequest<{ Params: { tenant: string; name: string } }>

/** Somebody in thousands of groups has less, even in base64 in a form. */
const BODY_BYTES = 512 * 1024

function sideOf(request: FastifyRequest, connection: SamlConnection): Side {
  const { database: { query }, tables, seal } = request.server.gateway
  return { query, tables, seal, connection, urls: spUrls(mustBeOwnAddress(request), connection.slug, connection.name) }
}

const isAnswer = (received: Received): boolean =>
  received.binding === 'redirect' ? /(^|&)SAMLResponse=/.test(received.query) : received.field === 'SAMLResponse'

const goOn = (reply: FastifyReply, to: Outgoing): FastifyReply =>
  to.binding === 'redirect' ? reply.redirect(to.url.href, 303) : sendPostForm(reply, to.action, to.fields)

/** `/sso/TENANT/NAME/login` of a SAML connection. */
export async function samlLogin(
  request: FastifyRequest, reply: FastifyReply, asked: LoginAsked & { readonly connection: SamlConnection },
): Promise<FastifyReply> {
  try {
    return goOn(reply, await beginLogin(sideOf(request, asked.connection), asked))
  } catch (error) {
    return refusedReply(request, reply, error, { connection: asked.connection, purpose: asked.purpose })
  }
}

/** Where the browser of a session that has just ended goes on; null: nowhere. */
export async function samlLogoutAt(
  request: FastifyRequest, reply: FastifyReply, session: Session, connection: SamlConnection,
): Promise<URL | null> {
  const { subject, session_index } = session
  if (subject === null) return null
  return beginLogout(sideOf(request, connection), { subject, session_index }, bindBrowser(request, reply))
}

export function samlRoutes(app: FastifyInstance, gateway: Gateway): void {
  const { database, tables } = gateway
  const sideFor = async (request: Asked): Promise<Side> => {
    const connection = await connectionOf(database.query, tables, request.params.tenant, request.params.name)
    if (connection?.protocol !== 'saml') throw new Refused(404, 'There is no such connection.')
    return sideOf(request, connection)
  }
  const field = (request: FastifyRequest, name: string): string | undefined => {
    const value = (request.body as Readonly<Record<string, unknown>> | null | undefined)?.[name]
    return typeof value === 'string' ? value : undefined
  }

  app.post('/sso/:tenant/:name/acs', { bodyLimit: BODY_BYTES }, async (request: Asked, reply) => {
    const side = await sideFor(request)
    const { connection } = side
    const message = field(request, 'SAMLResponse')
    if (message === undefined) throw new Refused(400, 'The form has no SAMLResponse.')
    const browser = browserHash(request)
    let proof
    try {
      proof = await proofOf(side, message, browser)
    } catch (error) {
      return refusedReply(request, reply, error, { connection, begun: await requestFor(side, message, browser) })
    }
    try {
      const signedIn = await signIn(database, tables, connection, proof, { ip: request.ip })
      // What comes with an answer of ours is not ours: where to go was written down when it began.
      const return_to =
        proof.request === null ? ownReturn(connection.slug, field(request, 'RelayState')) : signedIn.return_to
      return signedInReply(reply, connection, { ...signedIn, return_to })
    } catch (error) {
      return refusedReply(request, reply, error, { connection, begun: proof.request ?? undefined, isTraced: true })
    }
  })

  const logout = async (request: Asked, reply: FastifyReply, received: Received): Promise<FastifyReply> => {
    const side = await sideFor(request)
    const { connection } = side
    try {
      const ended = await takeLogout(database, side, received, browserHash(request))
      if (ended.kind === 'asked') {
        request.log.info({ connection: connection.id, sessions: ended.sessions }, 'logout by the identity provider')
        if (ended.answer !== null) return goOn(reply, ended.answer)
      }
      return reply.redirect(`/t/${connection.slug}/login?said=signed-out`, 303)
    } catch (error) {
      if (!isAnswer(received) || !(error instanceof LoginRefused)) {
        return refusedReply(request, reply, error, { connection, purpose: 'logout' })
      }
      // Whatever the identity provider says of it, and however: the session here has ended before it was asked.
      await refuse(
        database, tables, connection, { request_id: null, purpose: 'logout', refused: error, ip: request.ip },
      )
      return reply.redirect(`/t/${connection.slug}/login?said=signed-out`, 303)
    }
  }

  app.get('/sso/:tenant/:name/slo', async (request: Asked, reply) => {
    const query = request.url.split('?')[1] ?? ''
    const next = (request.query as { continue?: unknown }).continue
    if (typeof next !== 'string') return logout(request, reply, { binding: 'redirect', query })
    const form = await continueLogout(await sideFor(request), next, browserHash(request))
    if (form === undefined) throw new Refused(404, 'There is no such logout.')
    return goOn(reply, form)
  })

  app.post('/sso/:tenant/:name/slo', { bodyLimit: BODY_BYTES }, async (request: Asked, reply) => {
    const names = (['SAMLRequest', 'SAMLResponse'] as const).filter((one) => field(request, one) !== undefined)
    const [name] = names
    if (name === undefined || names.length > 1) {
      throw new Refused(400, 'The form has no SAMLRequest or SAMLResponse, or both.')
    }
    const relay_state = field(request, 'RelayState') ?? null
    return logout(request, reply, { binding: 'post', field: name, message: field(request, name) ?? '', relay_state })
  })
}
