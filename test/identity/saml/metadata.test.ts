import { X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { IdpKey } from '../../../src/cli/demo/saml-message.ts'
import { OnboardError } from '../../../src/errors.ts'
import { readMetadata } from '../../../src/identity/saml/idp-metadata.ts'
import { bodyOf, newKey } from '../../../src/identity/saml/keys.ts'
import { spMetadata } from '../../../src/identity/saml/sp-metadata.ts'
import { ENTITY_ID, idpKey, NOW, URLS } from '../../support/saml-idp.ts'

const WEAK =
  'MIICDDCCAXWgAwIBAgIUPVMENP/CW2477e/aKBvnqzJiJZwwDQYJKoZIhvcNAQELBQAwFzEVMBMGA1UEAwwMd2Vhay5leGFtcGxlMCAXDTI2MTEyMTE0MjgzOVoYDzIwODEwODI0MTQyODM5WjAXMRUwEwYDVQQDDAx3ZWFrLmV4YW1wbGUwgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBANVucE1G2tStAsnfke+cQ/w594H3eKPx7VMCxeiuFc/rYzVegKJYtT3O+elQc+xvNKbA2BcKscxUkkSMoOnXYs5Ca6+kONQCSa1r5BNIaudyYD5Z4JFLWXA5FXThzxYssZCSFwvGmHYjyOKS23bFl1rGooCGn0qCsslnsmI//LKTAgMBAAGjUzBRMB0GA1UdDgQWBBSqsIUoCGLcSwVOcBpyRTgr6E9glDAfBgNVHSMEGDAWgBSqsIUoCGLcSwVOcBpyRTgr6E9glDAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4GBAFeqyRt6BvzppLE1c6JhulTP8N72pL9t7GRGvUPx5s6pmkGosTYas3x/bK/yWmmaMVCuHNDVXwakmG5uSaK1kzpBkYi6LLoRm3s3Co5+G0ycCXjX+r6OaiHaZwdlmsykn5Ugo1Y31avlNXECqEuED0RmcT6mMLpc2zuOPmEs7TBX'
const ELLIPTIC =
  'MIIBgTCCASegAwIBAgIUDax/x5WioyWAHYgn2jNoPTbLE48wCgYIKoZIzj0EAwIwFTETMBEGA1UEAwwKZWMuZXhhbXBsZTAgFw0yNjExMjExNDI4MzlaGA8yMDgxMDgyNDE0MjgzOVowFTETMBEGA1UEAwwKZWMuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABM1pUzELqWEgGlOIFzhJZrXG8wYAVPGPv+a2pfbiJ8TH6JCrxjKGHlWVfma2q9TUYx56H77NGVOd76FkWAHr0jyjUzBRMB0GA1UdDgQWBBQZHcsfkyr3wAcs4W1gj3bnl/dTpzAfBgNVHSMEGDAWgBQZHcsfkyr3wAcs4W1gj3bnl/dTpzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQDr2Wjkt9vUQ5uZht+fIKPo2HvzLBW1Lkonzb5sUBrMpgIgEbttlgeBypfo/f6DnYuv92auzq7MFm4Gk4qAEAMuyrk='

let idp: IdpKey
let next: IdpKey
beforeAll(async () => {
  ;[idp, next] = await Promise.all([idpKey('acme'), idpKey('acme next')])
})

const keyOf = ({ certificate }: IdpKey, use = ' use="signing"'): string =>
  `<md:KeyDescriptor${use}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>\n${bodyOf(certificate)}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`
const REDIRECT = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'
const service = (name: string, location: string, binding = REDIRECT): string => `<md:${name} Binding="${binding}" Location="${location}"/>`
interface Written {
  readonly id?: string
  readonly keys?: string
  readonly services?: string
  readonly until?: string
  readonly attributes?: string
}
const entity = ({ id = ENTITY_ID, keys = keyOf(idp), services = service('SingleSignOnService', 'https://login.acme.example/sso'), until, attributes = '' }: Written = {}): string =>
  `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${id}"${until === undefined ? '' : ` validUntil="${until}"`}><!-- of Acme --><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"${attributes}>${keys}${services}</md:IDPSSODescriptor></md:EntityDescriptor>`
const read = (xml: string | Uint8Array, more: { entityId?: string; loopback?: boolean; now?: string } = {}) =>
  readMetadata(typeof xml === 'string' ? Buffer.from(xml) : xml, { now: NOW, ...more })
const error = (act: () => unknown): OnboardError => {
  try {
    act()
  } catch (thrown) {
    if (thrown instanceof OnboardError) return thrown
    throw thrown
  }
  throw new Error('nothing was refused')
}

describe('metadata of an identity provider', () => {
  test('says where to log in and out, and who signs', () => {
    const services = service('SingleLogoutService', 'https://login.acme.example/slo') + service('SingleSignOnService', 'https://login.acme.example/post', REDIRECT.replace('Redirect', 'POST')) + service('SingleSignOnService', 'https://login.acme.example/sso')
    const { certificates, ...facts } = read(entity({ services, keys: keyOf(idp) + keyOf(next, '') + keyOf(next, ' use="encryption"'), until: '2027-01-01T00:00:00Z', attributes: ' WantAuthnRequestsSigned="true"' }))
    expect(facts).toEqual({
      entity_id: ENTITY_ID, sso: { redirect: 'https://login.acme.example/sso', post: 'https://login.acme.example/post' },
      slo: { redirect: 'https://login.acme.example/slo' }, valid_until: '2027-01-01T00:00:00.000Z', wants_signed_requests: true, name_id_formats: [],
    })
    expect(certificates.map(({ subject, fingerprint }) => [subject, fingerprint])).toEqual(
      [idp, next].map(({ certificate }, n) => [n === 0 ? 'CN=SAML acme' : 'CN=SAML acme next', new X509Certificate(certificate).fingerprint256]),
    )
  })

  test('of several entities is asked which', () => {
    const list = `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${entity()}${entity({ id: 'https://two.example' })}</md:EntitiesDescriptor>`
    const { code, message, suggestions } = error(() => read(list))
    expect([code, suggestions]).toEqual(['metadata-several', [`--entity-id ${ENTITY_ID}`, '--entity-id https://two.example']])
    expect(message).toContain('describes 2 identity providers')
    expect(read(list, { entityId: 'https://two.example' }).entity_id).toBe('https://two.example')
    expect(error(() => read(list, { entityId: 'https://three.example' })).code).toBe('metadata-other-entity')
  })

  test('ends with the shortest of what is around it', () => {
    const list = `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" validUntil="2026-12-01T00:00:00Z">${entity({ until: '2027-01-01T00:00:00Z' })}</md:EntitiesDescriptor>`
    expect(read(list).valid_until).toBe('2026-12-01T00:00:00.000Z')
  })

  test('keeps a certificate of tomorrow beside one of yesterday', async () => {
    const tomorrow = await idpKey('tomorrow', '2027-06-01T00:00:00Z')
    expect(read(entity({ keys: keyOf(idp) + keyOf(tomorrow) })).certificates).toHaveLength(2)
    expect(read(entity({ keys: keyOf(idp) + keyOf(tomorrow) }), { now: '2029-11-30T00:00:00Z' }).certificates).toHaveLength(2)
  })

  test('over plain HTTP on this machine is taken where that is allowed, and nowhere else', () => {
    const local = entity({ services: service('SingleSignOnService', 'http://127.0.0.1:4000/sso') })
    expect(error(() => read(local)).code).toBe('metadata-plain-http')
    expect(read(local, { loopback: true }).sso.redirect).toBe('http://127.0.0.1:4000/sso')
    const remote = entity({ services: service('SingleSignOnService', 'http://login.acme.example/sso') })
    expect(error(() => read(remote, { loopback: true })).code).toBe('metadata-plain-http')
  })

  test.each<[code: string, what: string, xml: () => string | Uint8Array, now?: string]>([
    ['metadata-empty', 'nothing', () => ' \n'],
    ['metadata-html', 'a login page', () => '<!doctype html><html><body>Sign in</body></html>'],
    ['metadata-not-xml', 'a sentence', () => 'Please see attachment'],
    ['metadata-not-xml', 'half of it', () => entity().slice(0, 500)],
    ['metadata-not-xml', 'other bytes than UTF-8', () => Buffer.from([0x3c, 0xff, 0xfe])],
    ['metadata-doctype', 'a document type', () => `<!DOCTYPE x [<!ENTITY a "b">]>${entity()}`],
    ['metadata-other', 'other XML', () => '<rss version="2.0"/>'],
    ['metadata-too-large', 'a federation', () => Buffer.alloc(5 * 1024 * 1024 + 1, 0x20)],
    ['metadata-no-idp', 'a service provider', () => spMetadata({ urls: URLS, certificates: [idp.certificate] })],
    ['metadata-no-entity-id', 'no name', () => entity({ id: '' })],
    ['metadata-expired', 'until yesterday', () => entity({ until: '2026-11-20T12:00:00Z' })],
    ['metadata-bad-date', 'until some day', () => entity({ until: 'tomorrow' })],
    ['metadata-no-certificate', 'no certificate', () => entity({ keys: '' })],
    ['metadata-no-certificate', 'one for encryption alone', () => entity({ keys: keyOf(idp, ' use="encryption"') })],
    ['metadata-no-certificate', 'one that is none', () => entity({ keys: keyOf({ certificate: 'AAAA', private_key: '' }) })],
    ['metadata-certificates-expired', 'certificates of the past', () => entity(), '2030-01-01T00:00:00Z'],
    ['metadata-no-sso', 'no place to log in', () => entity({ services: '' })],
    ['metadata-no-sso', 'only SOAP', () => entity({ services: service('SingleSignOnService', 'https://a.example', 'urn:oasis:names:tc:SAML:2.0:bindings:SOAP') })],
    ['metadata-plain-http', 'a login in the clear', () => entity({ services: service('SingleSignOnService', 'http://login.acme.example/sso') })],
    ['metadata-plain-http', 'a logout in the clear', () => entity({ services: service('SingleSignOnService', 'https://login.acme.example/sso') + service('SingleLogoutService', 'http://login.acme.example/slo') })],
    ['metadata-plain-http', 'a script', () => entity({ services: service('SingleSignOnService', 'javascript:alert(1)') })],
    ['metadata-bad-address', 'a user in an address', () => entity({ services: service('SingleSignOnService', 'https://a:b@login.acme.example/sso') })],
  ])('%s: %s is refused', (code, _what, xml, now) => {
    const refused = error(() => read(xml(), now === undefined ? {} : { now }))
    expect([refused.code, refused.exit]).toEqual([code, 3])
    expect(refused.message).toMatch(/\.$/)
  })

  test('with a key that does not sign for us is refused with what is wrong with it', () => {
    const message = (certificate: string): string => error(() => read(entity({ keys: keyOf({ certificate, private_key: '' }) }))).message
    expect(message(WEAK)).toContain('its RSA key has 1024 bits, and less than 2048 can be broken')
    expect(message(ELLIPTIC)).toContain('its key is ec, and SAML signatures of ours are RSA')
  })
})

describe('metadata of ours', () => {
  test('both keys sign during a rotation, the newest is to encrypt for', () => {
    const xml = spMetadata({ urls: URLS, certificates: [next.certificate, idp.certificate] })
    const uses = [...xml.matchAll(/use="(\w+)".*?<ds:X509Certificate>([^<]+)/g)].map(([, use, body]) => [use, body === bodyOf(next.certificate) ? 'next' : 'idp'])
    expect(uses).toEqual([['signing', 'next'], ['signing', 'idp'], ['encryption', 'next']])
  })
})

test('a new key is a certificate that others read: its own signature holds, for three years, whatever the name', async () => {
  const { certificate, privateKey, expires_at } = await newKey('Ünïcode “Ltd” & a name that has many more characters than a common name may have', NOW)
  const read_ = new X509Certificate(certificate)
  expect(read_.verify(read_.publicKey)).toBe(true)
  expect(read_.ca).toBe(false)
  expect([read_.validFromDate.toISOString(), read_.validToDate.toISOString(), expires_at]).toEqual([NOW, '2029-11-21T12:00:00.000Z', '2029-11-21T12:00:00.000Z'])
  expect([...(/CN=(.*)/.exec(read_.subject)?.[1] ?? '')]).toHaveLength(64)
  expect(privateKey.toString()).toBe('***')
  const late = new X509Certificate((await newKey('acme', '2048-02-29T12:00:00Z')).certificate)
  expect(late.validToDate.toISOString()).toBe('2051-03-01T12:00:00.000Z')
})
