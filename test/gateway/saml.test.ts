/** SAML through the gateway: from the login page to the identity provider and back, as browsers go. */
import { verify, X509Certificate } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { inflateRawSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { encryptedXml, type IdpKey, responseXml, signedXml } from '../../src/cli/demo/saml-message.ts'
import { newTestLink } from '../../src/identity/login/test-link.ts'
import { newKey, type NewKey } from '../../src/identity/saml/keys.ts'
import { spUrls, type SpUrls } from '../../src/identity/saml/urls.ts'
import { tablesOf } from '../../src/identity/sql.ts'
import { attacks } from '../support/saml-attacks.ts'
import { answer, base64, idpKey, NOW, settingsFor, spKey } from '../support/saml-idp.ts'
import { type Browser, browser, type SamlGateway, samlGateway } from './saml-support.ts'

let gateway: SamlGateway
let idp: IdpKey
let stranger: IdpKey
let key: NewKey
beforeAll(async () => {
  ;[gateway, idp, stranger, key] = await Promise.all([samlGateway(), idpKey('acme'), idpKey('stranger'), newKey('acme', NOW)])
})

let number = 0
const connected = (more: Parameters<SamlGateway['connect']>[2] = { key }, settings: Parameters<typeof settingsFor>[1] = {}) =>
  gateway.connect(`saml-${++number}`, settingsFor([idp], settings), more)

/** The ID of the request with which a browser was sent to the identity provider. */
const asked = (to: URL | undefined): string => {
  const xml = inflateRawSync(Buffer.from(to?.searchParams.get('SAMLRequest') ?? '', 'base64')).toString()
  return /\sID="([^"]+)"/.exec(xml)?.[1] ?? ''
}
const response = (urls: SpUrls, in_response_to: string | null, more: Parameters<typeof answer>[0] = {}, by: IdpKey = idp): string =>
  signedXml(responseXml(answer({ recipient: urls.acs, audience: urls.entity_id, in_response_to, assertion_id: `_a${++number}`, ...more })), 'assertion', by)
const login = async (urls: SpUrls, ada: Browser = browser(), more: Parameters<typeof answer>[0] = {}) => {
  const { location } = await ada.get(urls.login)
  return { ada, shown: await ada.post(urls.acs, { SAMLResponse: base64(response(urls, asked(location), more)) }) }
}

describe('login', () => {
  test('a browser is sent to the identity provider with a signed request, and its answer opens a session', async () => {
    const { id, urls } = await connected()
    const ada = browser()
    const { status, location } = await ada.get(urls.login)
    expect(status).toBe(303)
    expect(location?.origin + (location?.pathname ?? '')).toBe('https://login.acme.example/sso')
    const [octets = '', signature = ''] = (location?.search.slice(1) ?? '').split('&Signature=')
    const spKey = new X509Certificate(key.certificate).publicKey
    expect(verify('sha256', Buffer.from(octets), spKey, Buffer.from(decodeURIComponent(signature), 'base64'))).toBe(true)
    const shown = await ada.post(urls.acs, { SAMLResponse: base64(response(urls, asked(location))) })
    expect([shown.status, shown.location?.pathname]).toEqual([303, `/t/saml-${number - 1}/`])
    expect(await gateway.sessions(id)).toBe(1)
    expect(await gateway.trace(id)).toMatchObject({ accepted: true, stage: 'session', purpose: 'login' })
    const home = await ada.get(shown.location?.href ?? '')
    expect([home.status, home.text]).toEqual([200, expect.stringContaining('ada@acme.example')])
  })

  test('an identity provider that only takes posts gets a form that sends itself, or by its button', async () => {
    const { urls } = await connected({ key }, { sso: { post: 'https://login.acme.example/post' } })
    const { status, text, headers } = await browser().get(urls.login)
    expect(status).toBe(200)
    expect(text).toContain('<form method="post" action="https://login.acme.example/post">')
    expect(text).toContain('<button type="submit">Continue</button>')
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*script-src 'sha256-/)
    const xml = Buffer.from(/name="SAMLRequest" value="([^"]+)"/.exec(text)?.[1] ?? '', 'base64').toString()
    expect(xml).toContain('<ds:SignatureValue>')
  })

  test('an encrypted assertion is read with our key', async () => {
    const { id, urls } = await connected()
    const ada = browser()
    const { location } = await ada.get(urls.login)
    await ada.post(urls.acs, { SAMLResponse: base64(encryptedXml(response(urls, asked(location)), key.certificate, 'aes256-gcm')) })
    expect(await gateway.sessions(id)).toBe(1)
  })

  test('it goes on where it was begun, and what comes with the answer does not lead elsewhere', async () => {
    const { urls } = await connected()
    const slug = urls.acs.split('/')[4] ?? ''
    const ada = browser()
    const { location } = await ada.get(`${urls.login}?return_to=${encodeURIComponent(`/t/${slug}/projects`)}`)
    const shown = await ada.post(urls.acs, { SAMLResponse: base64(response(urls, asked(location))), RelayState: 'https://evil.example/' })
    expect(shown.location?.href).toBe(`${gateway.origin}/t/${slug}/projects`)
  })

  test('requests that are to be signed are not sent without a key', async () => {
    const { id, urls } = await connected({})
    expect((await browser().get(urls.login)).status).toBe(403)
    expect(await gateway.trace(id)).toMatchObject({ accepted: false, code: 'no-key' })
  })
})

describe('refused, without a session and without a word of why', () => {
  const refused = async (connection: { id: string; urls: SpUrls }, ada: Browser, fields: Record<string, string>, code: string) => {
    const before = await gateway.sessions(connection.id)
    const shown = await ada.post(connection.urls.acs, fields)
    expect(shown.status).toBeGreaterThanOrEqual(400)
    expect(shown.text).not.toContain(code)
    expect(shown.text).toMatch(/give this reference: <code>[0-9a-f-]{36}/)
    expect(await gateway.trace(connection.id)).toMatchObject({ accepted: false, code })
    expect(await gateway.sessions(connection.id)).toBe(before)
  }

  test('an answer that was given already', async () => {
    const connection = await connected()
    const ada = browser()
    const { location } = await ada.get(connection.urls.login)
    const SAMLResponse = base64(response(connection.urls, asked(location)))
    expect((await ada.post(connection.urls.acs, { SAMLResponse })).status).toBe(303)
    await refused(connection, ada, { SAMLResponse }, 'unknown-request')
  })

  test('an answer to nothing of ours', async () => {
    const connection = await connected()
    await refused(connection, browser(), { SAMLResponse: base64(response(connection.urls, '_deadbeef')) }, 'unknown-request')
  })

  test('an answer that another browser brings', async () => {
    const connection = await connected()
    const { location } = await browser().get(connection.urls.login)
    await refused(connection, browser(), { SAMLResponse: base64(response(connection.urls, asked(location))) }, 'unknown-request')
  })

  test('an answer that comes when the login is too old', async () => {
    const connection = await connected()
    const ada = browser()
    const { location } = await ada.get(connection.urls.login)
    await gateway.query(`UPDATE sso_requests SET expires_at = onboard.now() WHERE id = $1`, [asked(location)])
    await refused(connection, ada, { SAMLResponse: base64(response(connection.urls, asked(location))) }, 'unknown-request')
  })

  test('an answer for another tenant', async () => {
    const [one, other] = [await connected(), await connected()]
    const ada = browser()
    const { location } = await ada.get(one.urls.login)
    await refused(other, ada, { SAMLResponse: base64(response(one.urls, asked(location))) }, 'wrong-destination')
    await refused(other, ada, { SAMLResponse: base64(response(other.urls, asked(location))) }, 'unknown-request')
  })

  test('an answer that somebody else has signed', async () => {
    const connection = await connected()
    const ada = browser()
    const { location } = await ada.get(connection.urls.login)
    await refused(connection, ada, { SAMLResponse: base64(response(connection.urls, asked(location), {}, stranger)) }, 'wrong-key')
  })

  test('a login that begins at the identity provider, unless the connection allows it; then once', async () => {
    const strict = await connected()
    await refused(strict, browser(), { SAMLResponse: base64(response(strict.urls, null)) }, 'unsolicited')
    const open = await connected({ key }, { idp_initiated: true })
    const slug = open.urls.acs.split('/')[4] ?? ''
    const SAMLResponse = base64(response(open.urls, null))
    const shown = await browser().post(open.urls.acs, { SAMLResponse, RelayState: `/t/${slug}/projects` })
    expect(shown.location?.pathname).toBe(`/t/${slug}/projects`)
    await refused(open, browser(), { SAMLResponse }, 'replayed')
    const elsewhere = await browser().post(open.urls.acs, { SAMLResponse: base64(response(open.urls, null)), RelayState: '//evil.example/t/' })
    expect(elsewhere.location?.href).toBe(`${gateway.origin}/t/${slug}/`)
  })

  test('a login through a connection that is switched off', async () => {
    const connection = await connected()
    const ada = browser()
    const { location } = await ada.get(connection.urls.login)
    await gateway.query('UPDATE sso_connections SET enabled = false WHERE id = $1', [connection.id])
    await refused(connection, ada, { SAMLResponse: base64(response(connection.urls, asked(location))) }, 'disabled')
    expect((await ada.get(connection.urls.login)).status).toBe(404)
  })

  test('every attack, brought by a browser that waits for an answer; it is in its trace why', async () => {
    const [ours, theirs] = [await spKey(), await spKey()]
    const { id, urls } = await connected({ key: ours })
    const ada = browser()
    const { location } = await ada.get(urls.login)
    const told: unknown[] = []
    const expected: unknown[] = []
    for (const { name, code, message } of attacks({ idp, stranger, ours, theirs, answer: { recipient: urls.acs, audience: urls.entity_id, in_response_to: asked(location) } })) {
      const { status } = await ada.post(urls.acs, { SAMLResponse: message })
      const { code: why, accepted } = (await gateway.trace(id)) ?? {}
      told.push([name, status, why, accepted])
      expected.push([name, 403, code, false])
    }
    expect(told).toEqual(expected)
    expect(await gateway.sessions(id)).toBe(0)
    // None of them has used the request up.
    expect((await ada.post(urls.acs, { SAMLResponse: base64(response(urls, asked(location))) })).status).toBe(303)
  })

  test('what is no form of SAML', async () => {
    const connection = await connected()
    await refused(connection, browser(), { SAMLResponse: '%%%' }, 'not-base64')
    expect((await browser().post(connection.urls.acs, { other: 'x' })).status).toBe(400)
    expect((await browser().post(connection.urls.acs, { SAMLResponse: 'A'.repeat(600_000) })).status).toBe(413)
    expect((await browser().post(`${gateway.origin}/sso/nobody/sso/acs`, { SAMLResponse: 'AAAA' })).status).toBe(404)
  })
})

test('of two answers to one request at the same moment one opens a session', async () => {
  const { id, urls } = await connected()
  const ada = browser()
  const { location } = await ada.get(urls.login)
  const answers = Array.from({ length: 8 }, () => base64(response(urls, asked(location))))
  const shown = await Promise.all(answers.map((SAMLResponse) => ada.post(urls.acs, { SAMLResponse })))
  expect(shown.map(({ status }) => status).toSorted()).toEqual([303, ...Array.from({ length: 7 }, () => 400)])
  expect(await gateway.sessions(id)).toBe(1)
})

test('one assertion brought twice at the same moment opens one session', async () => {
  const { id, urls } = await connected({ key }, { idp_initiated: true })
  const SAMLResponse = base64(response(urls, null))
  const shown = await Promise.all(Array.from({ length: 8 }, () => browser().post(urls.acs, { SAMLResponse })))
  expect(shown.filter(({ status }) => status === 303)).toHaveLength(1)
  expect(await gateway.sessions(id)).toBe(1)
})

test('our metadata names our addresses and our certificate, signed where it is asked for', async () => {
  const { urls } = await connected()
  const { status, text, headers } = await browser().get(urls.metadata)
  expect([status, headers.get('content-type')]).toEqual([200, 'application/samlmetadata+xml; charset=utf-8'])
  for (const part of [`entityID="${urls.metadata}"`, `Location="${urls.acs}"`, `Location="${urls.slo}"`, key.certificate.split('\n')[1] ?? '-']) expect(text).toContain(part)
  expect(text).not.toContain('SignatureValue')
  expect((await browser().get(`${urls.metadata}?signed`)).text).toContain('SignatureValue')
})

test('our metadata can be had before there is a connection, as soon as there is a key: the identity provider is set up with it', async () => {
  const { id, tenant, urls } = await connected()
  const { text: before } = await browser().get(urls.metadata)
  await gateway.query('DELETE FROM sso_connections WHERE id = $1', [id])
  const to_come = await browser().get(urls.metadata)
  const withoutId = (text: string): string => text.replace(/ ID="[^"]*"/, '')
  expect([to_come.status, withoutId(to_come.text)]).toEqual([200, withoutId(before)])
  expect(to_come.text).toContain('AuthnRequestsSigned="true"')
  const of = (one: string): string => urls.metadata.replace('/sso/metadata', `/${one}/metadata`)
  expect((await browser().get(of('NOT A NAME'))).status).toBe(404)
  expect((await browser().get(urls.login)).status).toBe(404)
  await gateway.query(`INSERT INTO sso_connections (tenant_id, name, protocol, enabled, settings) VALUES ($1, 'sso', 'oidc', false, '{}')`, [tenant])
  expect((await browser().get(urls.metadata)).status).toBe(404)
  await gateway.query(`DELETE FROM sso_connections WHERE tenant_id = $1`, [tenant])
  await gateway.query('DELETE FROM sso_keys WHERE tenant_id = $1', [tenant])
  expect((await browser().get(urls.metadata)).status).toBe(404)
})

test('a test by a link opens nothing, before the connection is switched on; why it was refused is found by the link', async () => {
  const connection = await connected({ key, enabled: false })
  const { id, urls, tenant } = connection
  const { id: link, token } = await newTestLink(gateway.query, tablesOf('public'), { ...connection, tenant_id: tenant } as never, 600)
  const tom = browser()
  const { location } = await tom.get(`${urls.login}?test=${token.reveal()}`)
  const shown = await tom.post(urls.acs, { SAMLResponse: base64(response(urls, asked(location), { audience: 'https://other.example' })) })
  expect([shown.status, shown.text]).toEqual([403, expect.stringContaining('The test did not succeed.')])
  expect(await gateway.trace(id)).toMatchObject({ accepted: false, purpose: 'test', code: 'wrong-audience', request_id: link })
  const good = await tom.post(urls.acs, { SAMLResponse: base64(response(urls, asked(location))) })
  expect([good.status, good.text]).toEqual([200, expect.stringContaining('The test login succeeded')])
  expect(await gateway.trace(id)).toMatchObject({ accepted: true, purpose: 'test', request_id: link })
  expect(await gateway.sessions(id)).toBe(0)
})

test('our addresses are not what a Host header says: an assertion for somebody else would do', async () => {
  const { id, urls } = await connected({ key }, { idp_initiated: true })
  const other = spUrls('http://evil.example', urls.acs.split('/')[4] ?? '', 'sso')
  const body = new URLSearchParams({ SAMLResponse: base64(response(other, null)) }).toString()
  const status = await new Promise((resolve, reject) => {
    const headers = { host: 'evil.example', 'content-type': 'application/x-www-form-urlencoded' }
    httpRequest(urls.acs, { method: 'POST', headers }, (got) => resolve(got.resume().statusCode)).on('error', reject).end(body)
  })
  expect([status, await gateway.sessions(id)]).toEqual([421, 0])
})

test('a key that was replaced signs no more and is published no more, and still decrypts', async () => {
  const { id, urls, tenant } = await connected()
  await gateway.query('UPDATE sso_keys SET retired_at = onboard.now() WHERE tenant_id = $1', [tenant])
  expect((await browser().get(urls.metadata)).text).not.toContain('KeyDescriptor')
  expect((await browser().get(urls.login)).status).toBe(403)
  expect(await gateway.trace(id)).toMatchObject({ code: 'no-key' })
  await gateway.query(`UPDATE sso_connections SET settings = settings || '{"sign_requests": false}' WHERE id = $1`, [id])
  const ada = browser()
  const { location } = await ada.get(urls.login)
  expect(location?.searchParams.has('Signature')).toBe(false)
  await ada.post(urls.acs, { SAMLResponse: base64(encryptedXml(response(urls, asked(location)), key.certificate, 'aes128-gcm')) })
  expect(await gateway.sessions(id)).toBe(1)
})

test('a second login of the same browser waits beside the first', async () => {
  const { id, urls } = await connected()
  const ada = browser()
  const [first, second] = [await ada.get(urls.login), await ada.get(urls.login)]
  for (const { location } of [first, second]) {
    expect((await ada.post(urls.acs, { SAMLResponse: base64(response(urls, asked(location))) })).status).toBe(303)
  }
  expect(await gateway.sessions(id)).toBe(2)
  expect((await login(urls)).shown.status).toBe(303)
})
