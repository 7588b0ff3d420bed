/**
 * The gateway's own address. Audience, recipient and redirect URI are made of it, and links in mails: were it what a
 * Host header claims, an assertion for somebody else would do here, and a link could lead anywhere.
 */
import type { FastifyRequest } from 'fastify'
import { Refused } from './refusals.ts'

export interface Addresses {
  /** As whoever started the gateway gave it: then it is this, whatever is asked. */
  readonly publicUrl: string | null
  /** As customers were told it: it is this where it is asked under it. */
  readonly appUrl: string | null
  /** Proxies stand before it, so that an address of this machine is a claim of somebody elsewhere. */
  readonly isProxied: boolean
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?|::ffff:127\.\d+\.\d+\.\d+)$/
const isLoopback = (host: string): boolean => LOOPBACK.test(host)

/** `https://app.vendor.example`; null: it was asked under an address that is none of its own. */
export function originOf({ publicUrl, appUrl, isProxied }: Addresses, request: FastifyRequest): string | null {
  if (publicUrl !== null) return publicUrl
  const asked = `${request.protocol}://${request.host}`
  const url = URL.parse(asked)
  // Nothing but a host: `localhost:80@elsewhere.example` begins like this machine.
  if (url === null || url.href !== `${url.origin}/` || /[^A-Za-z0-9.:[\]-]/.test(request.host)) return null
  if (appUrl !== null && url.origin === new URL(appUrl).origin) return url.origin
  const isHere = !isProxied && isLoopback(url.hostname) && isLoopback(request.socket.localAddress ?? '')
  return isHere ? url.origin : null
}

/** Throws Refused (421, RFC 9110 §15.5.20) where it was asked under an address that is none of its own. */
export function mustBeOwnAddress(request: FastifyRequest): string {
  const { appUrl, ...gateway } = request.server.gateway
  const origin = gateway.ownOrigin(request)
  if (origin !== null) return origin
  const { tenant = '' } = request.params as { readonly tenant?: string }
  const asked = `${request.protocol}://${request.host}`
  request.log.warn({ asked, own: appUrl }, 'asked under another address')
  if (appUrl === null) throw new Refused(
    421, 'This gateway was not told its own address, without which nobody signs in by an identity provider.',
  )
  const own = new URL(appUrl)
  if (request.host === own.host) throw new Refused(
    421,
    'This was asked without TLS. If a proxy encrypts before this gateway, whoever runs it names that proxy'
      + ' (--trust-proxy) or its address (--public-url).',
  )
  const login = `${own.origin}/t/${encodeURIComponent(tenant)}/login`
  throw new Refused(421, `This is not the address of the application. Begin at ${login}`)
}
