/** What the gateway's routes share: made once in server.ts, handed to each group of routes. */
import type { FastifyRequest } from 'fastify'
import type { Letter } from '../contract.ts'
import type { Passwords } from '../identity/accounts/password-login.ts'
import type { Fetch } from '../identity/http.ts'
import type { Seal } from '../identity/seal.ts'
import type { Database, Tables } from '../identity/sql.ts'
import type { Meters } from './meters.ts'

export interface Gateway {
  readonly database: Database
  readonly tables: Tables
  /** Origin under which this client reaches the gateway, as it says itself: for its own cookies and forms alone. */
  publicUrl(request: FastifyRequest): string
  /** The gateway's own, in which whoever asks has no say: for mails and protocols. null: it was asked under another. */
  ownOrigin(request: FastifyRequest): string | null
  /** Where customers reach it by what they were told; null: nobody said. */
  readonly appUrl: string | null
  /** null: there is no key, so that nothing can be kept that must be read again. */
  readonly seal: Seal | null
  /** Asks servers on the network, guarded; null: it must not. */
  readonly fetch: Fetch | null
  /** null: mail goes nowhere. */
  readonly mail: ((letter: Letter) => Promise<void>) | null
  readonly passwords: Passwords
  readonly meters: Meters
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly gateway: Gateway
  }
}

/** true: browsers reach it by https, so that its cookies are for https alone. */
export const isSecure = (gateway: Gateway, request: FastifyRequest): boolean =>
  gateway.publicUrl(request).startsWith('https:')
