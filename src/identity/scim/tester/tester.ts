/** The words of the SCIM tester: what a check is, what it is given, and what it finds. Imports nothing that acts. */
import type { Json, JsonObject } from '../../../model.ts'

/** Whose requests are sent: those of the RFC, or the shapes in which Okta and Microsoft Entra ID send them. */
export const DIALECTS = ['rfc', 'okta', 'entra'] as const
export type Dialect = (typeof DIALECTS)[number]

export interface ScimRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the base URL, with its query: `/Users?count=1`. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Json | undefined
}

export interface ScimResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** As received, capped. */
  readonly text: string
}

/** One request with its answer; the token is nowhere in it. */
export interface Exchange {
  readonly request: ScimRequest
  readonly response: ScimResponse
  readonly ms: number
}

/** Sends one request to the endpoint; throws OnboardError (unreachable) where there is no answer. */
export type Transport = (request: ScimRequest, token: string | null) => Promise<ScimResponse>

export type Verdict = 'pass' | 'warn' | 'fail' | 'not_checked'

export interface Finding {
  readonly id: string
  readonly title: string
  /** `RFC 7644 §3.3`. */
  readonly paragraph: string
  readonly verdict: Verdict
  /** What is wrong or doubtful, or why it was not checked; empty where it passed. */
  readonly said: readonly string[]
  /** What an administrator of the customer would see of it; null where nothing is wrong. */
  readonly admin: string | null
  readonly exchanges: readonly Exchange[]
}

export interface Report {
  readonly url: string
  readonly dialect: Dialect
  /** ISO 8601 instant. */
  readonly started_at: string
  readonly findings: readonly Finding[]
  /** How often the server asked to be given time (429), and was. */
  readonly throttled: number
  /** Test identities that could not be removed: `User onboard-scim-test-1@…`. */
  readonly left: readonly string[]
  readonly verdict: 'pass' | 'warn' | 'fail'
}

/** What the server says of itself in /ServiceProviderConfig. */
export interface Features {
  readonly etag: boolean
  readonly sort: boolean
  readonly bulk: boolean
}

/** A test identity, as the server returned it when it was made. */
export interface Made {
  readonly id: string
  /** userName or displayName. */
  readonly name: string
}

/** What the checks of one run know of each other. */
export interface Bench {
  readonly names: Names
  features: Features | null
  /** Test users and groups that exist now, in the order in which they were made. */
  readonly users: Made[]
  readonly groups: Made[]
}

/** Names of test identities: always the same, so that a later run finds what a killed one has left. */
export interface Names {
  user(number: number): string
  group(number: number): string
}

/** What one check is given. */
export interface Trial {
  readonly bench: Bench
  readonly dialect: Dialect
  /** Sends a request with the token; its answer is recorded with the check. */
  send(
    method: ScimRequest['method'],
    path: string,
    body?: JsonObject,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>
  /** The same with another token, or with none. */
  sendAs(token: string | null, method: ScimRequest['method'], path: string): Promise<Answer>
  /** Something is wrong; the check goes on. */
  fault(said: string): void
  /** Something is allowed but causes trouble. */
  doubt(said: string): void
  /** Ends the check: what it needs is not there. */
  skip(reason: string): never
}

/** An answer with its body read as JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** undefined: no body, or none that is JSON. */
  readonly body: JsonObject | undefined
}

export interface Check {
  readonly id: string
  readonly title: string
  readonly paragraph: string
  /** Default: every dialect. */
  readonly dialects?: readonly Dialect[]
  /** What an administrator sees where it fails. */
  readonly admin: string
  run(trial: Trial): Promise<void>
}
