/**
 * Knows a browser again between the beginning of a login and its end: an answer that another browser brings is refused
 * (login CSRF). The cookie says nothing about anybody and is worth nothing alone.
 */
import { createHash, randomBytes } from 'node:crypto'
import type {} from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { isSecure } from './gateway.ts'

const BYTES = 32
const FORM = /^[A-Za-z0-9_-]{43}$/
/** Longer than any login takes. */
const SECONDS = 3600

/** SHA-256 (hex) of this browser's cookie; null: it has none. */
export function browserHash(request: FastifyRequest): string | null {
  const value = request.cookies[nameOf(request)]
  return value !== undefined && FORM.test(value) ? hashed(value) : null
}

/** The same, with a cookie given to a browser that has none, and given again to one whose cookie grows old. */
export function bindBrowser(request: FastifyRequest, reply: FastifyReply): string {
  const had = request.cookies[nameOf(request)]
  const value = had !== undefined && FORM.test(had) ? had : randomBytes(BYTES).toString('base64url')
  const secure = isSecure(request.server.gateway, request)
  // A SAML response is posted from another site, which only SameSite=None survives; that needs Secure. On plain HTTP
  // (loopback) both ends are of one site.
  const sameSite = secure ? 'none' : 'lax'
  void reply.setCookie(nameOf(request), value, { path: '/', httpOnly: true, secure, sameSite, maxAge: SECONDS })
  return hashed(value)
}

function nameOf(request: FastifyRequest): string {
  return isSecure(request.server.gateway, request) ? '__Host-onboard-sso' : 'onboard-sso'
}
const hashed = (value: string): string => createHash('sha256').update(value).digest('hex')
