import type { HttpAnswer, HttpRequest } from '../contract.ts'

/**
 * Asks a server: guarded as `Reader.http` is, which may be passed as it is. Throws OnboardError: forbidden for an
 * address that is not public, unreachable where nobody answers.
 */
export type Fetch = (asked: HttpRequest) => Promise<HttpAnswer>
