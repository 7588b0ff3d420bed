/** A tenant with a connection, as the steps of the phase find it. */
import { certificateOf } from '../../../src/identity/saml/certificates.ts'
import { newKey } from '../../../src/identity/saml/keys.ts'
import { X509Certificate } from 'node:crypto'
import type { JsonObject } from '../../../src/model.ts'
import type { World } from '../../support/world.ts'

const { certificate } = await newKey('idp', '2026-11-01T00:00:00Z')
export const CERTIFICATE = certificateOf(new X509Certificate(certificate).raw)

export const SAML = {
  entity_id: 'https://idp.acme.example/metadata',
  sso: { redirect: 'https://idp.acme.example/sso', post: null }, slo: { redirect: null, post: null },
  certificates: [{ ...CERTIFICATE }], valid_until: null, metadata_url: null, metadata_at: '2026-12-01T09:00:00Z',
}
export const OIDC = { issuer: 'https://login.acme.example', client_id: 'onboard', client_secret: true, scopes: ['openid', 'email', 'profile'] }

export const tenant = (world: World) => world.sql(`INSERT INTO tenants (slug, name, plan, settings) VALUES ('acme', 'Acme', 'custom', '{"enabled": {"sso": false}}')`)

/** A SAML connection with its mapping, changed last on 30 November. */
export async function connection(world: World, more: { readonly enabled?: boolean; readonly settings?: JsonObject } = {}): Promise<void> {
  await tenant(world)
  const settings = { ...SAML, sso: { redirect: SAML.sso.redirect }, slo: {}, idp_initiated: false, sign_requests: true, name_id_format: null, clock_skew_s: 60, jit: true, ...more.settings }
  await world.sql(
    `INSERT INTO sso_connections (tenant_id, name, protocol, enabled, settings, mapping, updated_at)
     SELECT id, 'main', 'saml', $1, $2, '{"email": ["email"], "name": ["name"], "role_default": "member"}', '2026-11-30T09:00:00Z' FROM tenants`,
    [more.enabled ?? false, JSON.stringify(settings)],
  )
}

interface Told {
  readonly purpose?: string
  readonly accepted?: boolean
  readonly code?: string
  readonly reason?: string
  readonly at?: string
  readonly mapped?: JsonObject
  /** Address of the user whose login it was. */
  readonly user?: string
}

export async function trace(world: World, { purpose = 'test', accepted = true, code, reason, at = '2026-12-01T08:00:00Z', mapped, user }: Told = {}): Promise<void> {
  await world.sql(
    `INSERT INTO sso_traces (tenant_id, connection_id, purpose, at, stage, accepted, code, reason, mapped, user_id)
     SELECT tenant_id, id, $1, $2::timestamptz, 'user', $3, $4, $5, $6, (SELECT id FROM users WHERE email = $7) FROM sso_connections`,
    [purpose, at, accepted, code ?? null, reason ?? null, mapped === undefined ? null : JSON.stringify(mapped), user ?? null],
  )
}

/** An administrator with a password of their own. */
export async function admin(world: World, email: string): Promise<void> {
  await world.sql(`INSERT INTO users (tenant_id, email, full_name, role, password_hash) SELECT id, $1, $1, 'admin', 'hash-of-nothing' FROM tenants`, [email])
}
