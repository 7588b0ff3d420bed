/**
 * An OpenID provider in this process: plays the customer's, in the demo and in tests. A real one (`oidc-provider`),
 * with a sign-in page of its own; it listens on loopback alone, forgets everything when it is closed, and is for
 * nothing else.
 */
import { generateKeyPairSync, randomBytes, type JsonWebKey } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type Configuration, type JWK } from 'oidc-provider'
import { memoryAdapter } from './openid-memory.ts'
import { CREDENTIALS, escaped, HTML, page, textOf, WRONG } from './provider-page.ts'

export interface Person {
  /** `sub`. */
  readonly id: string
  readonly email: string
  readonly password: string
  readonly name: string
  readonly email_verified?: boolean
  /** Further claims, such as groups. */
  readonly claims?: Readonly<Record<string, unknown>>
}

export interface Client {
  readonly client_id: string
  readonly client_secret: string
  readonly callback: string
  /** Where a browser goes after a logout, and where logouts are reported. */
  readonly logout?: string
  readonly backchannel?: string
}

export interface OpenIdProvider {
  readonly issuer: string
  /** The client is known from now on; its addresses are compared character by character. */
  register(client: Client): void
  /** Signs with a new key from now on; those before still verify. */
  rotate(): void
  close(): Promise<void>
}

export async function startOpenIdProvider(people: readonly Person[], { port = 0 } = {}): Promise<OpenIdProvider> {
  const clients = new Map<string, Client>()
  const keys = [newKey()]
  const adapter = memoryAdapter()
  const cookieKey = randomBytes(32).toString('base64url')
  let answer: (
    request: IncomingMessage, response: ServerResponse
  ) => void = (_request, response) => void response.writeHead(503).end()
  const server = createServer((request, response) => answer(request, response))
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const begin = (): void => {
    const provider = new Provider(
      issuer, configured({ clients: [...clients.values()], keys, adapter, cookieKey, people }),
    )
    const standard = provider.callback()
    answer = (request, response) => {
      const uid = /^\/interaction\/([\w-]+)$/.exec(request.url ?? '')?.[1]
      if (uid === undefined) return void standard(request, response)
      void signInPage(provider, people, request, response).catch(
        () => response.writeHead(400, HTML).end(page('<p>This sign-in is over. Begin again.</p>')),
      )
    }
  }
  begin()
  return {
    issuer,
    register(client) {
      clients.set(client.client_id, client)
      begin()
    },
    rotate() {
      keys.unshift(newKey())
      begin()
    },
    close: () => new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    }),
  }
}

interface Parts {
  readonly clients: readonly Client[]
  readonly keys: readonly JsonWebKey[]
  readonly adapter: ReturnType<typeof memoryAdapter>
  readonly cookieKey: string
  readonly people: readonly Person[]
}

function configured({ clients, keys, adapter, cookieKey, people }: Parts): Configuration {
  return {
    adapter, jwks: { keys: keys as unknown as JWK[] }, cookies: { keys: [cookieKey] },
    clients: clients.map(({ client_id, client_secret, callback, logout, backchannel }) => ({
      client_id, client_secret, redirect_uris: [callback],
      post_logout_redirect_uris: logout === undefined ? [] : [logout],
      ...(backchannel === undefined ? {} : {
        backchannel_logout_uri: backchannel, backchannel_logout_session_required: true,
      }),
    })),
    claims: {
      openid: ['sub'], email: ['email', 'email_verified'],
      profile: ['name', ...new Set(people.flatMap((one) => Object.keys(one.claims ?? {})))],
    },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false }, backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true, logoutSource: leave,
        postLogoutSuccessSource: (ctx) => void (ctx.body = page('<p>You are signed out.</p>')),
      },
    },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    findAccount: (_ctx, sub) => {
      const one = people.find(({ id }) => id === sub)
      return one && {
        accountId: sub,
        claims: () => ({
          ...one.claims, sub, email: one.email, email_verified: one.email_verified ?? true, name: one.name,
        }),
      }
    },
    // What the person does at the customer's own provider, the customer's administrator has consented to.
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant(
        { clientId: ctx.oidc.client?.clientId ?? '', accountId: ctx.oidc.session?.accountId ?? '' },
      )
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    },
    renderError: (ctx, { error, error_description }) => {
      ctx.type = 'html'
      ctx.body = page(
        `<p>${escaped(error)}${error_description === undefined ? '' : `: ${escaped(String(error_description))}`}</p>`,
      )
    },
    ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 3600, IdToken: 600, Interaction: 600, Session: 3600 },
    // The applications that it tells of logouts are on this machine, which the library would keep it from.
    fetch: (url, options = {}) => globalThis.fetch(
      url,
      {
        method: options.method ?? 'GET', headers: options.headers ?? {}, body: options.body ?? null,
        signal: options.signal ?? null,
      },
    ),
  }
}

function newKey(): JsonWebKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { ...privateKey.export({ format: 'jwk' }), kid: randomBytes(8).toString('hex'), alg: 'RS256', use: 'sig' }
}

/** GET: the form. POST: the password is looked at. */
async function signInPage(
  provider: Provider, people: readonly Person[], request: IncomingMessage, response: ServerResponse,
): Promise<void> {
  await provider.interactionDetails(request, response)
  const given = request.method === 'POST' ? new URLSearchParams(await textOf(request)) : undefined
  const one = people.find(({ email, password }) => email === given?.get('email') && password === given.get('password'))
  if (one !== undefined) return provider.interactionFinished(request, response, { login: { accountId: one.id } })
  if (given?.get('cancel') === 'yes') return provider.interactionFinished(
    request, response, { error: 'access_denied', error_description: 'The person cancelled.' },
  )
  const wrong = given === undefined ? '' : WRONG
  response.writeHead(given === undefined ? 200 : 401, HTML).end(page(`${wrong}
<form method="post">${CREDENTIALS}
<p><button type="submit">Sign in</button> <button type="submit" name="cancel" value="yes">Cancel</button></p>
</form>`))
}

function leave(ctx: { body: unknown; type: string }, form: string): void {
  ctx.type = 'html'
  ctx.body = page(
    `<p>Sign out here as well?</p>${form}
<button type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>`,
  )
}
