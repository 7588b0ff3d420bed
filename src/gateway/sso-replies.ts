/** How a login through an identity provider ends for the browser, whichever protocol it took. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type SignedIn, refuse } from '../identity/login/sign-in.ts'
import { type Begun, type Connection, LoginRefused, type Purpose } from '../identity/login/types.ts'
import { html } from './html.ts'
import { sendErrorPage, sendPage } from './page.ts'
import { ownReturn } from './return-to.ts'
import { signInReply } from './session.ts'

const SHOWN = [['email', 'E-mail address'], ['name', 'Name'], ['role', 'Role']] as const

/** Into the tenant's pages; after a test, to what it showed. */
export function signedInReply(
  reply: FastifyReply, connection: Connection, { session, return_to, mapped }: SignedIn,
): FastifyReply {
  if (session !== null) {
    signInReply(reply, session.token)
    return reply.redirect(ownReturn(connection.slug, return_to) ?? `/t/${connection.slug}/`, 303)
  }
  const rows = SHOWN.flatMap(([field, label]) => (typeof mapped[field] === 'string' ? [[label, mapped[field]]] : []))
  const body = html`<p>The identity provider has signed you in. Nothing was opened by it: this was a test.</p>
<p>What it said of you, as it is understood here:</p>
<dl>${rows.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>
<p>You can close this window.</p>`
  return sendPage(reply, 200, { title: 'The test login succeeded', tenant: null, body })
}

/** Signed out here; a page leads on, because a form may not be answered by another origin (`form-action`). */
export function goOnReply(reply: FastifyReply, tenant: string, to: URL): FastifyReply {
  void reply.header('refresh', `0; url=${to.href}`)
  const body = html`<p>You are signed out here. <a href="${to.href}">Sign out at your identity provider as well</a></p>`
  return sendPage(reply, 200, { title: 'Signing out', tenant, body })
}

interface Known {
  readonly connection: Connection
  /** undefined: nothing of ours was answered. */
  readonly begun?: Begun | undefined
  /** Where nothing was begun. */
  readonly purpose?: Purpose
  /** `signIn` has written its own trace. */
  readonly isTraced?: boolean
}

/**
 * A page that says no more than that it did not work; why is in the trace, for an administrator. What is no
 * LoginRefused is thrown on.
 */
export async function refusedReply(
  request: FastifyRequest, reply: FastifyReply, error: unknown, { connection, begun, purpose, isTraced = false }: Known,
): Promise<FastifyReply> {
  if (!(error instanceof LoginRefused)) throw error
  const { database, tables } = request.server.gateway
  const link = begun?.detail['link']
  const id = typeof link === 'string' ? link : (begun?.id ?? null)
  const what = begun?.purpose ?? purpose ?? 'login'
  if (!isTraced) await refuse(
    database, tables, connection, { request_id: id, purpose: what, refused: error, ip: request.ip },
  )
  request.log.info({ connection: connection.id, stage: error.stage, code: error.code }, 'login refused')
  if (what === 'logout') {
    return sendErrorPage(reply, STATUS[error.code] ?? 403, {
      title: 'You were not signed out',
      text: 'Your identity provider and this application did not agree about it. Sign out here, or close your browser.',
      reference: request.id,
      back: { href: `/t/${connection.slug}/`, text: 'Back to where you were' },
    })
  }
  const text = what === 'test'
    ? 'The test did not succeed. Whoever gave you the link sees why.'
    : `${SENTENCES[error.code] ?? DISAGREED} If it happens again, ask your administrator.`
  return sendErrorPage(
    reply, STATUS[error.code] ?? 403, {
      title: 'You could not be signed in', text, reference: request.id,
      back: what === 'test' ? null : { href: `/t/${connection.slug}/login`, text: 'Back to signing in' },
    },
  )
}

const DISAGREED = 'Your identity provider and this application did not agree about you.'
/** What people may know without learning anything about others. */
const SENTENCES: Readonly<Record<string, string>> = {
  'unknown-request': 'This answer is too old, was used already, or belongs to another browser. Begin again.',
  denied: 'Your identity provider did not let you in, or you cancelled.',
  disabled: 'This way to sign in was switched off.',
  'not-live': 'This application is not open to everybody yet.',
  'provider-unreachable': 'Your identity provider cannot be asked at the moment.',
}
const STATUS: Readonly<Record<string, number>> = { 'unknown-request': 400, 'provider-unreachable': 502 }
