/** What `/sso/TENANT/NAME/login` found out before the protocol has its turn. */
import type { Connection } from '../identity/login/types.ts'

export interface LoginAsked {
  readonly connection: Connection
  readonly purpose: 'login' | 'test'
  /** A path of ours, already checked; null: the tenant's home. */
  readonly returnTo: string | null
  /** SHA-256 (hex) of the cookie of this browser: what `begin` wants as browser_hash. */
  readonly browserHash: string
  /** Goes into the request's detail as it is: `{ link }` of a test. */
  readonly detail: Readonly<Record<string, string>>
}
