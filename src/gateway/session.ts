/** The cookie of a session. */
import type {} from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Secret } from '../contract.ts'
import { isInside } from '../identity/accounts/networks.ts'
import { type Session, sessionOf } from '../identity/accounts/sessions.ts'
import { isSecure } from './gateway.ts'

const TOKEN = /^[A-Za-z0-9_-]{43}$/
const nameOf = (secure: boolean): string => (secure ? '__Host-onboard' : 'onboard')

/** Hands the session to the browser; it ends there with the browser, here with its limits. */
export function signInReply(reply: FastifyReply, token: Secret): void {
  const secure = isSecure(reply.server.gateway, reply.request)
  void reply.setCookie(nameOf(secure), token.reveal(), { path: '/', httpOnly: true, sameSite: 'lax', secure })
}

export function signOutReply(reply: FastifyReply): void {
  const secure = isSecure(reply.server.gateway, reply.request)
  void reply.clearCookie(nameOf(secure), { path: '/', httpOnly: true, sameSite: 'lax', secure })
}

/** The value of the session's cookie; undefined: this browser has none. */
export function sessionCookie(request: FastifyRequest): string | undefined {
  const value = request.cookies[nameOf(isSecure(request.server.gateway, request))]
  return value !== undefined && TOKEN.test(value) ? value : undefined
}

/**
 * The session of this request's cookie in the tenant of its path (`:tenant`), in whatever stage; undefined: there is
 * none, or it comes from where the tenant's people may not come from.
 */
export async function currentSession(request: FastifyRequest): Promise<Session | undefined> {
  const { gateway } = request.server
  const token = sessionCookie(request)
  const { tenant } = request.params as { readonly tenant?: string }
  if (token === undefined || tenant === undefined) return undefined
  const session = await sessionOf(gateway.database.query, gateway.tables, tenant, token)
  return session !== undefined && isInside(session.tenant.rules.networks, request.ip) ? session : undefined
}
