/** A customer's identity provider for tests: its keys, its settings as a connection has them, and what it answers. */
import { X509Certificate } from 'node:crypto'
import { type Answer, type IdpKey, responseXml, signedXml } from '../../src/cli/demo/saml-message.ts'
import { certificateOf } from '../../src/identity/saml/certificates.ts'
import type { SamlSettings } from '../../src/identity/login/types.ts'
import { newKey, type SpKey } from '../../src/identity/saml/keys.ts'
import { spUrls, type SpUrls } from '../../src/identity/saml/urls.ts'

export const NOW = '2026-11-21T12:00:00.000Z'
export const ENTITY_ID = 'https://login.acme.example/saml'
export const URLS: SpUrls = spUrls('https://app.vendor.example', 'acme', 'sso')

/** A key of an identity provider, good from a day before `now` on. */
export async function idpKey(name: string, now = NOW): Promise<IdpKey> {
  const { certificate, privateKey } = await newKey(name, new Date(Date.parse(now) - 86_400_000).toISOString())
  return { certificate, private_key: privateKey.reveal() }
}

export async function spKey(now = NOW): Promise<SpKey> {
  const key = await newKey('acme', new Date(Date.parse(now) - 86_400_000).toISOString())
  return { ...key, id: 'key', retired: false }
}

export function settingsFor(keys: readonly IdpKey[], more: Partial<SamlSettings> = {}): SamlSettings {
  return {
    entity_id: ENTITY_ID,
    sso: { redirect: 'https://login.acme.example/sso' }, slo: { redirect: 'https://login.acme.example/slo' },
    certificates: keys.map(({ certificate }) => certificateOf(new X509Certificate(certificate).raw)), valid_until: null,
    metadata_url: null, metadata_at: NOW, idp_initiated: false, sign_requests: true, name_id_format: null,
    clock_skew_s: 60, jit: true, ...more,
  }
}

export const answer = (more: Partial<Answer> = {}): Answer => ({
  issuer: ENTITY_ID, recipient: URLS.acs, audience: URLS.entity_id, in_response_to: '_request',
  subject: 'ada@acme.example',
  session_index: '_session', now: Date.parse(NOW), response_id: '_response', assertion_id: '_assertion',
  attributes: { email: ['ada@acme.example'], name: ['Ada Lovelace'], groups: ['admins', 'staff'] }, ...more,
})

export const base64 = (xml: string): string => Buffer.from(xml).toString('base64')

/** A response as identity providers send it: its assertion signed. */
export const signedResponse = (key: IdpKey, more: Partial<Answer> = {}): string =>
  signedXml(responseXml(answer(more)), 'assertion', key)
