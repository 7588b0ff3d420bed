/** Signing in through an identity provider: what SAML and OIDC have in common. */
import type { Json } from '../../model.ts'

/** A certificate with which an identity provider signs. */
export interface Certificate {
  readonly pem: string
  readonly subject: string
  /** SHA-256 of its DER, hex in pairs with colons, as administrators compare it. */
  readonly fingerprint: string
  /** ISO 8601 instants. */
  readonly not_before: string
  readonly not_after: string
}

export type Binding = 'redirect' | 'post'

/** What a SAML identity provider published, and what was agreed with it. */
export interface SamlSettings {
  readonly entity_id: string
  /** Addresses of single sign-on and single logout, by binding. */
  readonly sso: { readonly [binding in Binding]?: string }
  readonly slo: { readonly [binding in Binding]?: string }
  /** All that may sign now; several overlap during a rotation. */
  readonly certificates: readonly Certificate[]
  /** ISO 8601 instant after which what it published holds no more; null: not said. */
  readonly valid_until: string | null
  /** Where its metadata can be fetched again; null: it was given as a file. */
  readonly metadata_url: string | null
  /** When it was fetched or given. */
  readonly metadata_at: string
  /** Whether a login may begin at the identity provider. */
  readonly idp_initiated: boolean
  readonly sign_requests: boolean
  /** URI of the NameID format asked for; null: whatever it sends. */
  readonly name_id_format: string | null
  /** How far the clocks may be apart, in seconds. */
  readonly clock_skew_s: number
  /** Whether somebody unknown gets an account at the first login. */
  readonly jit: boolean
}

/** What an OpenID provider published, and what was agreed with it. */
export interface OidcSettings {
  /** Pinned: another one is refused. */
  readonly issuer: string
  readonly client_id: string
  readonly scopes: readonly string[]
  readonly clock_skew_s: number
  readonly jit: boolean
  /** Whether an address counts that the provider has not verified. */
  readonly email_verified: 'required' | 'trusted'
}

/** Which attributes (SAML) or claims (OIDC) are what of ours. */
export interface Mapping {
  /** Names in order of preference; the first that is there counts. */
  readonly email: readonly string[]
  readonly name: readonly string[]
  /** Where the role is said; none: everybody new gets `role_default`. */
  readonly role?: readonly string[]
  /** A value of that attribute → a role of ours; several that hold give the first in this order. */
  readonly roles?: readonly { readonly value: string; readonly role: Role }[]
  /** Of those whom no line says anything about. */
  readonly role_default: Role
}

/** Roles of the product, highest first. */
export const ROLES = ['admin', 'manager', 'member', 'viewer'] as const
export type Role = (typeof ROLES)[number]

interface ConnectionBase {
  readonly id: string
  readonly tenant_id: string
  /** Of the tenant. */
  readonly slug: string
  readonly name: string
  readonly enabled: boolean
  readonly mapping: Mapping | null
}
/** A row of `sso_connections`; the client secret is never part of it. */
export type Connection = ConnectionBase &
  (
    | { readonly protocol: 'saml'; readonly settings: SamlSettings }
    | { readonly protocol: 'oidc'; readonly settings: OidcSettings }
  )

/** `test`: by a link, before the connection is enabled; it gives no session. */
export type Purpose = 'login' | 'test' | 'logout'

/** A login that was begun by us and is answered once. */
export interface Begun {
  readonly id: string
  readonly purpose: Purpose
  readonly return_to: string | null
  readonly detail: { readonly [key: string]: Json }
}

/** What an identity provider has proved, every byte of it verified. */
export interface Proof {
  /** SAML: `NameID`; OIDC: `sub`. Unique within the connection. */
  readonly subject: string
  readonly session_index: string | null
  /** OIDC, for logout. */
  readonly id_token: string | null
  /** Attributes or claims by name, as lists of text. */
  readonly attributes: { readonly [name: string]: readonly string[] }
  /** null: the identity provider began it. */
  readonly request: Begun | null
}

/** How far a login came. */
export type Stage =
  'request' | 'structure' | 'schema' | 'signature' | 'conditions' | 'replay' | 'mapping' | 'user' | 'session'

/** Nobody is let in, and why: the code for machines, the sentence for an administrator (never for whoever tries). */
export class LoginRefused extends Error {
  readonly stage: Stage
  /** `wrong-audience`, `expired`, `unknown-user`. */
  readonly code: string
  /** What the administrator may do about it. */
  readonly suggestion: string | null

  constructor(stage: Stage, code: string, reason: string, suggestion: string | null = null) {
    super(reason)
    this.stage = stage
    this.code = code
    this.suggestion = suggestion
  }
}
