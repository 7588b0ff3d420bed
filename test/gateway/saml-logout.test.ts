/** Single logout: ours goes on at the identity provider, theirs ends our sessions, and nobody else's message does. */
import { createPrivateKey, sign, verify, X509Certificate } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { type IdpKey, responseXml, signedXml } from '../../src/cli/demo/saml-message.ts'
import { newKey, type NewKey } from '../../src/identity/saml/keys.ts'
import type { SpUrls } from '../../src/identity/saml/urls.ts'
import { answer, base64, ENTITY_ID, idpKey, NOW, settingsFor } from '../support/saml-idp.ts'
import { type Browser, browser, type SamlGateway, samlGateway } from './saml-support.ts'

let gateway: SamlGateway
let idp: IdpKey
let stranger: IdpKey
let key: NewKey
beforeAll(async () => {
  ;[gateway, idp, stranger, key] = await Promise.all([samlGateway(), idpKey('acme'), idpKey('stranger'), newKey('acme', NOW)])
})

const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
let number = 0
const inflated = (to: URL | undefined, name: string): string => inflateRawSync(Buffer.from(to?.searchParams.get(name) ?? '', 'base64')).toString()

interface Signed {
  readonly id: string
  readonly urls: SpUrls
  readonly ada: Browser
  readonly session: string
  readonly assertion: string
}

/** A connection with somebody signed in by it. */
async function signedIn(settings: Parameters<typeof settingsFor>[1] = {}): Promise<Signed> {
  const { id, urls } = await gateway.connect(`logout-${++number}`, settingsFor([idp], settings), { key })
  const ada = browser()
  const { location } = await ada.get(urls.login)
  const in_response_to = /\sID="([^"]+)"/.exec(inflated(location, 'SAMLRequest'))?.[1] ?? ''
  const session = `_s${number}`
  const xml = signedXml(responseXml(answer({ recipient: urls.acs, audience: urls.entity_id, in_response_to, assertion_id: `_a${number}`, session_index: session })), 'assertion', idp)
  expect((await ada.post(urls.acs, { SAMLResponse: base64(xml) })).status).toBe(303)
  return { id, urls, ada, session, assertion: /<saml:Assertion .*<\/saml:Assertion>/s.exec(xml)?.[0] ?? '' }
}

const HEAD = 'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
interface Asking {
  readonly id?: string
  readonly subject?: string
  readonly issuer?: string
  readonly at?: string
  readonly destination?: string
  readonly extra?: string
}
const logoutRequest = ({ urls, session }: Signed, { id = `_l${++number}`, subject = 'ada@acme.example', issuer = ENTITY_ID, at = NOW, destination = urls.slo, extra = '' }: Asking = {}): string =>
  `<samlp:LogoutRequest ${HEAD} ID="${id}" Version="2.0" IssueInstant="${at}" Destination="${destination}"><saml:Issuer>${issuer}</saml:Issuer>${extra}<saml:NameID>${subject}</saml:NameID><samlp:SessionIndex>${session}</samlp:SessionIndex></samlp:LogoutRequest>`
const logoutResponse = ({ urls }: Signed, in_response_to: string): string =>
  `<samlp:LogoutResponse ${HEAD} ID="_l${++number}" Version="2.0" IssueInstant="${NOW}" Destination="${urls.slo}" InResponseTo="${in_response_to}"><saml:Issuer>${ENTITY_ID}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status></samlp:LogoutResponse>`

/** The address with which an identity provider sends a browser. `encode`: how it writes its query. */
function redirect({ urls }: Signed, field: string, xml: string, by: IdpKey | null = idp, algorithm = RSA_SHA256, encode: (text: string) => string = encodeURIComponent): string {
  const query = `${field}=${encode(deflateRawSync(xml).toString('base64'))}&RelayState=${encode('state 1')}`
  if (by === null) return `${urls.slo}?${query}`
  const octets = `${query}&SigAlg=${encode(algorithm)}`
  const signature = sign(algorithm.endsWith('sha1') ? 'sha1' : 'sha256', Buffer.from(octets), createPrivateKey(by.private_key)).toString('base64')
  return `${urls.slo}?${octets}&Signature=${encode(signature)}`
}

describe('the identity provider asks', () => {
  test('by redirect: the session ends, and the signed answer brings its state back', async () => {
    const signed = await signedIn()
    const { ada, id } = signed
    const { status, location } = await ada.get(redirect(signed, 'SAMLRequest', logoutRequest(signed, { id: '_asked' })))
    expect([status, location?.host, location?.searchParams.get('RelayState')]).toEqual([303, 'login.acme.example', 'state 1'])
    expect(inflated(location, 'SAMLResponse')).toMatch(/InResponseTo="_asked".*status:Success/)
    const [octets = '', signature = ''] = (location?.search.slice(1) ?? '').split('&Signature=')
    expect(verify('sha256', Buffer.from(octets), new X509Certificate(key.certificate).publicKey, Buffer.from(decodeURIComponent(signature), 'base64'))).toBe(true)
    expect(await gateway.sessions(id)).toBe(0)
    expect((await ada.get(`${gateway.origin}/t/${signed.urls.slo.split('/')[4] ?? ''}/`)).location?.pathname).toMatch(/\/login$/)
  })

  test('by redirect, its query encoded as .NET does it', async () => {
    const signed = await signedIn()
    const small = (text: string): string => encodeURIComponent(text).replaceAll(/%[0-9A-F]{2}/g, (one) => one.toLowerCase()).replaceAll('%20', '+')
    expect((await signed.ada.get(redirect(signed, 'SAMLRequest', logoutRequest(signed), idp, RSA_SHA256, small))).status).toBe(303)
    expect(await gateway.sessions(signed.id)).toBe(0)
  })

  test('by post, from a browser that has no session here', async () => {
    const signed = await signedIn({ slo: { post: 'https://login.acme.example/slo' } })
    const SAMLRequest = base64(signedXml(logoutRequest(signed), 'root', idp))
    const { status, text } = await browser().post(signed.urls.slo, { SAMLRequest, RelayState: 'x' })
    expect(status).toBe(200)
    expect(text).toContain('action="https://login.acme.example/slo"')
    expect(text).toContain('name="RelayState" value="x"')
    expect(await gateway.sessions(signed.id)).toBe(0)
  })

  test('about somebody who is not signed in: it is told so', async () => {
    const signed = await signedIn()
    const { location } = await signed.ada.get(redirect(signed, 'SAMLRequest', logoutRequest(signed, { subject: 'bob@acme.example' })))
    expect(inflated(location, 'SAMLResponse')).toContain('status:UnknownPrincipal')
    expect(await gateway.sessions(signed.id)).toBe(1)
  })

  test('with nothing said of the session: all of that person end', async () => {
    const signed = await signedIn()
    const xml = logoutRequest(signed).replace(/<samlp:SessionIndex>.*<\/samlp:SessionIndex>/, '')
    await signed.ada.get(redirect(signed, 'SAMLRequest', xml))
    expect(await gateway.sessions(signed.id)).toBe(0)
  })
})

describe('refused; the session goes on', () => {
  const OLD = new Date(Date.parse(NOW) - 7 * 60_000).toISOString()
  const cases: [name: string, code: string, send: (signed: Signed) => Promise<{ status: number }>][] = [
    ['not signed', 'unsigned', (s) => s.ada.get(redirect(s, 'SAMLRequest', logoutRequest(s), null))],
    ['not signed, posted', 'unsigned', (s) => s.ada.post(s.urls.slo, { SAMLRequest: base64(logoutRequest(s)) })],
    ['by another key', 'wrong-key', (s) => s.ada.get(redirect(s, 'SAMLRequest', logoutRequest(s), stranger))],
    ['by another key, posted', 'wrong-key', (s) => s.ada.post(s.urls.slo, { SAMLRequest: base64(signedXml(logoutRequest(s), 'root', stranger)) })],
    ['changed on its way', 'wrong-key', (s) => s.ada.get(redirect(s, 'SAMLRequest', logoutRequest(s)).replace('RelayState=state%201', 'RelayState=state%202'))],
    ['changed on its way, posted', 'tampered', (s) => s.ada.post(s.urls.slo, { SAMLRequest: base64(signedXml(logoutRequest(s, { subject: 'bob' }), 'root', idp).replace('>bob<', '>ada@acme.example<')) })],
    ['with SHA-1', 'weak-algorithm', (s) => s.ada.get(redirect(s, 'SAMLRequest', logoutRequest(s), idp, 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'))],
    ['with a signed assertion that somebody has caught', 'assertion-inside', (s) => s.ada.post(s.urls.slo, { SAMLRequest: base64(logoutRequest(s, { extra: `<samlp:Extensions>${s.assertion}</samlp:Extensions>` })) })],
    ['with the signature of something else', 'signature-misplaced', (s) => s.ada.post(s.urls.slo, { SAMLRequest: base64(logoutRequest(s, { extra: `<samlp:Extensions><x:X xmlns:x="urn:x">${/<ds:Signature .*?<\/ds:Signature>/s.exec(signedXml(logoutRequest(s), 'root', idp))?.[0]}</x:X></samlp:Extensions>` })) })],
    ['with a signature that references something else', 'reference', (s) => s.ada.post(s.urls.slo, { SAMLRequest: base64(signedXml(logoutRequest(s), 'root', idp).replace(/URI="#[^"]*"/, 'URI=""')) })],
    ['of another identity provider', 'wrong-issuer', (s) => s.ada.get(redirect(s, 'SAMLRequest', logoutRequest(s, { issuer: 'https://evil.example' })))],
    ['to another service provider', 'wrong-destination', (s) => s.ada.get(redirect(s, 'SAMLRequest', logoutRequest(s, { destination: 'https://other.vendor.example/slo' })))],
    ['of some time ago', 'expired', (s) => s.ada.get(redirect(s, 'SAMLRequest', logoutRequest(s, { at: OLD })))],
    ['a response as a request', 'not-a-logout', (s) => s.ada.get(redirect(s, 'SAMLRequest', logoutResponse(s, '_x')))],
    ['a bomb', 'too-large', (s) => s.ada.get(redirect(s, 'SAMLRequest', ' '.repeat(3_000_000)))],
    ['what is not deflated', 'not-deflated', (s) => s.ada.get(`${s.urls.slo}?SAMLRequest=${encodeURIComponent(base64('no deflate'))}`)],
    ['a parameter twice', 'ambiguous', (s) => s.ada.get(`${redirect(s, 'SAMLRequest', logoutRequest(s))}&SAMLRequest=x`)],
    ['nothing at all', 'no-message', (s) => s.ada.get(s.urls.slo)],
    ['a document type', 'doctype', (s) => s.ada.get(redirect(s, 'SAMLRequest', `<!DOCTYPE x>${logoutRequest(s)}`))],
  ]
  test('each for its reason', async () => {
    const signed = await signedIn()
    for (const [name, code, send] of cases) {
      expect([name, (await send(signed)).status]).toEqual([name, 403])
      expect([name, await gateway.trace(signed.id)]).toEqual([name, expect.objectContaining({ accepted: false, code, purpose: 'logout' })])
    }
    expect(await gateway.sessions(signed.id)).toBe(1)
  })

  test('brought a second time', async () => {
    const signed = await signedIn()
    const url = redirect(signed, 'SAMLRequest', logoutRequest(signed))
    expect((await signed.ada.get(url)).status).toBe(303)
    expect((await signed.ada.get(url)).status).toBe(403)
    expect(await gateway.trace(signed.id)).toMatchObject({ accepted: false, code: 'replayed' })
  })

  test('for a session of another tenant', async () => {
    const [one, other] = [await signedIn(), await signedIn()]
    await one.ada.get(redirect(one, 'SAMLRequest', logoutRequest({ ...other, urls: one.urls })))
    expect(await gateway.sessions(other.id)).toBe(1)
  })
})

describe('we ask', () => {
  const signOut = async ({ ada, urls }: Signed) => {
    const slug = urls.slo.split('/')[4] ?? ''
    const home = await ada.get(`${gateway.origin}/t/${slug}/`)
    const form_token = /name="form_token" value="([^"]+)"/.exec(home.text)?.[1] ?? ''
    const shown = await ada.post(`${gateway.origin}/t/${slug}/logout`, { form_token })
    return { slug, to: /url=(\S+)/.exec(shown.headers.get('refresh') ?? '')?.[1] ?? '' }
  }

  test('whoever signs out here is taken to sign out there, and comes back', async () => {
    const signed = await signedIn()
    const { slug, to } = await signOut(signed)
    const xml = inflated(new URL(to), 'SAMLRequest')
    expect(xml).toContain(`<saml:Issuer>${signed.urls.entity_id}</saml:Issuer>`)
    expect(xml).toContain('ada@acme.example</saml:NameID>')
    expect(xml).toContain(`<samlp:SessionIndex>${signed.session}</samlp:SessionIndex>`)
    expect(await gateway.sessions(signed.id)).toBe(0)
    const id = /\sID="([^"]+)"/.exec(xml)?.[1] ?? ''
    const back = redirect(signed, 'SAMLResponse', logoutResponse(signed, id))
    const { status, location } = await signed.ada.get(back)
    expect([status, location?.pathname]).toEqual([303, `/t/${slug}/login`])
    expect(await gateway.trace(signed.id)).toMatchObject({ accepted: true })
    // Brought again, or not signed, as some identity providers do: whoever signed out is signed out, and it is written down.
    for (const [again, code] of [[back, 'unknown-request'], [redirect(signed, 'SAMLResponse', logoutResponse(signed, id), null), 'unsigned']] as const) {
      expect((await signed.ada.get(again)).location?.pathname).toBe(`/t/${slug}/login`)
      expect(await gateway.trace(signed.id)).toMatchObject({ accepted: false, code, purpose: 'logout' })
    }
  })

  test('and no login answers that', async () => {
    const signed = await signedIn()
    const { to } = await signOut(signed)
    const in_response_to = /\sID="([^"]+)"/.exec(inflated(new URL(to), 'SAMLRequest'))?.[1] ?? ''
    const { urls } = signed
    const xml = signedXml(responseXml(answer({ recipient: urls.acs, audience: urls.entity_id, in_response_to, assertion_id: `_a${++number}` })), 'assertion', idp)
    expect((await signed.ada.post(urls.acs, { SAMLResponse: base64(xml) })).status).toBe(400)
    expect(await gateway.trace(signed.id)).toMatchObject({ accepted: false, code: 'unknown-request' })
    expect(await gateway.sessions(signed.id)).toBe(0)
  })

  test('by a form, where the identity provider only takes posts; for the browser alone that signs out', async () => {
    const signed = await signedIn({ slo: { post: 'https://login.acme.example/slo' } })
    const { to } = await signOut(signed)
    expect(to).toMatch(/\/slo\?continue=_[0-9a-f]+$/)
    const { status, text } = await signed.ada.get(to)
    expect(status).toBe(200)
    expect(text).toContain('<form method="post" action="https://login.acme.example/slo">')
    expect((await browser().get(to)).status).toBe(404)
  })

  test('where it has no place for that, signing out ends here', async () => {
    const signed = await signedIn({ slo: {} })
    expect((await signOut(signed)).to).toBe('')
    expect(await gateway.sessions(signed.id)).toBe(0)
  })
})
