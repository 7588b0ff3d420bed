/** OpenID connections over HTTP: where browsers come back, and where providers report logouts. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Session } from '../identity/accounts/sessions.ts'
import { connectionOf } from '../identity/login/connections.ts'
import { take } from '../identity/login/requests.ts'
import { signIn } from '../identity/login/sign-in.ts'
import { type Begun, LoginRefused } from '../identity/login/types.ts'
import { beginLogin, type OidcConnection } from '../identity/oidc/begin.ts'
import { finishLogin } from '../identity/oidc/finish.ts'
import { backChannelLogout, logoutAt } from '../identity/oidc/logout.ts'
import { LogoutRefused } from '../identity/oidc/logout-token.ts'
import { databaseNow } from '../identity/oidc/now.ts'
import { createProviders, type Providers } from '../identity/oidc/provider.ts'
import { refusalOf } from '../identity/oidc/refusal.ts'
import { clientSecretOf } from '../identity/oidc/secret.ts'
import { oidcUrls, type OidcUrls } from '../identity/oidc/urls.ts'
import { audit } from '../identity/accounts/events.ts'
import { bindBrowser, browserHash } from './browser.ts'
import type { Gateway } from './gateway.ts'
import type { LoginAsked } from './login-asked.ts'
import { mustBeOwnAddress } from './origin.ts'
import { Refused } from './refusals.ts'
import { refusedReply, signedInReply } from './sso-replies.ts'

type Asked = FastifyRequest<{ Params: { tenant: string; name: string } }>

const known = new WeakMap<Gateway, Providers>()

/** What a gateway knows of its providers. */
function providersOf(gateway: Gateway): Providers {
  const had = known.get(gateway)
  if (had !== undefined) return had
  const made = createProviders(
    gateway.fetch ?? (() => Promise.reject(new Refused(503, 'This gateway asks nobody on the network.'))),
  )
  known.set(gateway, made)
  return made
}

const urlsOf = (request: FastifyRequest, { slug, name }: OidcConnection): OidcUrls =>
  oidcUrls(mustBeOwnAddress(request), slug, name)

/** `/sso/TENANT/NAME/login` of an OpenID connection. */
export async function oidcLogin(
  request: FastifyRequest, reply: FastifyReply, asked: LoginAsked & { readonly connection: OidcConnection },
): Promise<FastifyReply> {
  const { gateway } = request.server
  try {
    const to = await beginLogin(
      gateway.database.query, gateway.tables, providersOf(gateway),
      { ...asked, urls: urlsOf(request, asked.connection) },
    )
    return reply.redirect(to.href, 303)
  } catch (error) {
    return refusedReply(request, reply, refusalOf(error), { connection: asked.connection, purpose: asked.purpose })
  }
}

export function oidcRoutes(app: FastifyInstance, gateway: Gateway): void {
  const { database, tables } = gateway
  const providers = providersOf(gateway)
  const connectionFor = async ({ params: { tenant, name } }: Asked): Promise<OidcConnection> => {
    const connection = await connectionOf(database.query, tables, tenant, name)
    if (connection?.protocol !== 'oidc') throw new Refused(404, 'There is no such connection.')
    return connection
  }
  const begunFor = (request: Asked, connection: OidcConnection): Promise<Begun | undefined> => {
    const { state } = request.query as { readonly state?: unknown }
    if (typeof state !== 'string') return Promise.resolve(undefined)
    return take(
      database.query, tables,
      { tenant: connection.tenant_id, connection: connection.id, id: state, browser_hash: browserHash(request) },
    )
  }

  app.get('/sso/:tenant/:name/callback', async (request: Asked, reply) => {
    const connection = await connectionFor(request)
    const begun = await begunFor(request, connection)
    let proof
    try {
      if (begun === undefined) throw noRequest()
      const secret = await clientSecretOf(database.query, tables, gateway.seal, connection)
      proof = await finishLogin(providers, {
        connection, urls: urlsOf(request, connection), begun, secret, now: await databaseNow(database.query),
        parameters: new URL(request.url, 'https://gateway.invalid').searchParams,
      })
    } catch (error) {
      return refusedReply(request, reply, error, { connection, begun })
    }
    try {
      return signedInReply(reply, connection, await signIn(database, tables, connection, proof, { ip: request.ip }))
    } catch (error) {
      return refusedReply(request, reply, error, { connection, begun, isTraced: true })
    }
  })

  // A browser that comes back from a logout: its session has ended before it went there.
  app.get('/sso/:tenant/:name/logout', async (request: Asked, reply) => {
    const connection = await connectionFor(request)
    await begunFor(request, connection)
    return reply.redirect(`/t/${connection.slug}/login?said=signed-out`, 303)
  })

  app.post('/sso/:tenant/:name/backchannel-logout', { bodyLimit: 64 * 1024 }, async (request: Asked, reply) => {
    const connection = await connectionFor(request)
    const token = (request.body as { logout_token?: unknown } | undefined)?.logout_token
    try {
      if (typeof token !== 'string') throw new LogoutRefused('no-token', 'logout_token is missing')
      const ended = await backChannelLogout(database, tables, providers, connection, token)
      request.log.info({ connection: connection.id, ended }, 'logout by the provider')
      return reply.code(200).send()
    } catch (error) {
      const refused = refusedLogout(error)
      await audit(database.query, tables, {
        tenant: connection.tenant_id, event: 'logout.refused', user: null, ip: request.ip,
        detail: { connection: connection.name, code: refused.code },
      })
      // Section 2.8 of OpenID Connect Back-Channel Logout.
      return reply.code(400).send({ error: 'invalid_request', error_description: refused.message })
    }
  })
}

/** What goes wrong with a logout token, or between us and the provider, as a refusal; anything else is thrown on. */
function refusedLogout(error: unknown): LogoutRefused {
  if (error instanceof LogoutRefused) return error
  const refused = refusalOf(error)
  if (refused instanceof LoginRefused) return new LogoutRefused(refused.code, refused.message)
  throw error
}

function noRequest(): LoginRefused {
  return new LoginRefused(
    'request', 'unknown-request',
    'the answer belongs to no login that waits: it is too old, was answered already, or was begun by another browser,' +
      ' for another connection, or by nobody',
    'Begin again at the login page; a bookmark of the address of the provider is no beginning.',
  )
}

/** Where the browser of a session that has ended goes on, so that it ends at the provider as well; null: nowhere. */
export async function oidcLogoutAt(
  request: FastifyRequest, reply: FastifyReply, session: Session, connection: OidcConnection,
): Promise<URL | null> {
  const { gateway } = request.server
  const { database, tables } = gateway
  try {
    return await logoutAt(database.query, tables, providersOf(gateway), {
      connection, urls: urlsOf(
        request, connection,
      ), idToken: session.id_token, browserHash: bindBrowser(request, reply),
    })
  } catch (error) {
    // Nobody stays signed in here because the provider does not answer.
    if (!(refusalOf(error) instanceof LoginRefused)) throw error
    return null
  }
}
