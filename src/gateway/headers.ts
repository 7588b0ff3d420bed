import type { FastifyHelmetOptions } from '@fastify/helmet'

/**
 * What every answer says to browsers. Pages have no script and one style sheet of ours; a page that needs more says so
 * in a policy of its own.
 */
export function headers(https: boolean): FastifyHelmetOptions {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    strictTransportSecurity: https ? { maxAge: 31_536_000 } : false,
    // Addresses with tokens are told to nobody else. `no-referrer` would take the Origin from our own forms as well.
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  }
}
