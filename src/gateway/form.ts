/** Forms come from our own pages, or nothing comes of them. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type {} from '@fastify/cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Secret } from '../contract.ts'
import { isSecure } from './gateway.ts'
import { type Html, html } from './html.ts'
import { Refused } from './refusals.ts'
import { ownReturn } from './return-to.ts'

const VALUE = /^[A-Za-z0-9_-]{43}$/
const FIELD = 'form_token'

/** The hidden field that a form of this browser must have; a browser without a cookie for it is given one. */
export function formToken(request: FastifyRequest, reply: FastifyReply): Html {
  const had = cookieOf(request)
  const value = had ?? randomBytes(32).toString('base64url')
  const secure = isSecure(request.server.gateway, request)
  if (had === undefined)
    void reply.setCookie(nameOf(request), value, { path: '/', httpOnly: true, sameSite: 'lax', secure })
  return html`<input type="hidden" name="${FIELD}" value="${tokenFor(value)}">`
}

/** Throws Refused (403) for a form that is not from a page that this browser got from us. */
export function mustBeOurForm(request: FastifyRequest): void {
  mustBeOurOrigin(request)
  const [value, given] = [cookieOf(request), Buffer.from(field(request, FIELD))]
  const wanted = Buffer.from(value === undefined ? '' : tokenFor(value))
  if (wanted.length > 0 && given.length === wanted.length && timingSafeEqual(given, wanted)) return
  throw new Refused(
    403,
    'This form is too old, or your browser keeps no cookies. Go back, load the page again, and send it once more.',
  )
}

/** Throws Refused (403) where a browser says that another site has sent this. */
export function mustBeOurOrigin(request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site } = request.headers
  const isOurs =
    origin === undefined
      ? site === undefined || site === 'same-origin'
      : origin === request.server.gateway.publicUrl(request)
  if (!isOurs) throw new Refused(403, 'This was sent from another site. Open the page here, and send it from there.')
}

/** A field of the form; '' where it is not there. Of several of one name the first. */
export function field(request: FastifyRequest, name: string): string {
  const body = request.body as Readonly<Record<string, unknown>> | null | undefined
  const value = body !== null && typeof body === 'object' && Object.hasOwn(body, name) ? [body[name]].flat()[0] : ''
  return typeof value === 'string' ? value : ''
}

export const secretField = (request: FastifyRequest, name: string): Secret => new Secret(field(request, name))

/** A parameter of the query; '' where it is not there. */
export function asked(request: FastifyRequest, name: string): string {
  const query = request.query as Readonly<Record<string, unknown>>
  const value = Object.hasOwn(query, name) ? [query[name]].flat()[0] : ''
  return typeof value === 'string' ? value : ''
}

/** Where to go afterwards: a page of this tenant, as it was asked for, or its home. */
export function returnTo(request: FastifyRequest, tenant: string): string {
  return ownReturn(tenant, field(request, 'return_to') || asked(request, 'return_to')) ?? `/t/${tenant}/`
}

const nameOf = (request: FastifyRequest): string =>
  isSecure(request.server.gateway, request) ? '__Host-onboard-form' : 'onboard-form'
function cookieOf(request: FastifyRequest): string | undefined {
  const value = request.cookies[nameOf(request)]
  return value !== undefined && VALUE.test(value) ? value : undefined
}
const tokenFor = (value: string): string => createHmac('sha256', value).update('form').digest('base64url')
