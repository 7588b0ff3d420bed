/** The gateway's own address is what it was told, or this machine: a Host header has no say in it. */
import { request } from 'node:http'
import { beforeAll, describe, expect, test } from 'vitest'
import { MAPPING } from './saml-support.ts'
import { idpKey, settingsFor } from '../support/saml-idp.ts'
import { scriptedProvider, type ScriptedProvider } from '../support/scripted-openid.ts'
import { createHttp } from '../../src/adapters/http.ts'
import { newScimToken } from '../../src/identity/scim/token.ts'
import { peopleGateway, type PeopleGateway } from './people.ts'

const APP = 'https://app.vendor.example'
let provider: ScriptedProvider
/** Told nothing; told the config's address; told its public one; behind a proxy that it trusts, and told the config's. */
const gateways: Record<'bare' | 'told' | 'public' | 'proxied', PeopleGateway> = {} as never

beforeAll(async () => {
  provider = await scriptedProvider()
  const { http, close } = createHttp({ allow: ['127.0.0.1'], env: {} })
  const idp = await idpKey('acme')
  const settings = {
    bare: {}, told: { appUrl: `${APP}/` }, public: { publicUrl: APP, appUrl: 'https://other.vendor.example' },
    proxied: { appUrl: APP, trustedProxies: ['127.0.0.1'] },
  }
  for (const [name, more] of Object.entries(settings)) {
    const gateway = await peopleGateway({ ...more, fetch: http })
    const tenant = await gateway.tenant('acme')
    const connection = (slug: string, protocol: string, given: object) => gateway.query(
      `INSERT INTO sso_connections (tenant_id, name, protocol, enabled, settings, mapping) VALUES ($1, $2, $3, true, $4, $5)`,
      [tenant, slug, protocol, JSON.stringify(given), JSON.stringify(MAPPING)],
    )
    await connection('oidc', 'oidc', { issuer: provider.issuer, client_id: 'crm', scopes: ['openid', 'email'], clock_skew_s: 60, jit: true, email_verified: 'required' })
    await connection('saml', 'saml', settingsFor([idp], { sign_requests: false }))
    gateways[name as keyof typeof gateways] = gateway
  }
  return async () => {
    await provider.close()
    await close()
  }
})

interface Answered {
  readonly status: number
  readonly location: string | undefined
  readonly text: string
}

/** A request with a Host header of one's own, which fetch does not allow. */
function asked({ origin }: PeopleGateway, path: string, headers: Record<string, string>, method = 'GET'): Promise<Answered> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, method, headers: { accept: 'text/html', ...headers } }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, location: answer.headers.location, text: Buffer.concat(parts).toString() }))
    })
    sent.on('error', reject)
    sent.end()
  })
}
const redirectUri = ({ location = 'about:blank' }: Answered): string | null => new URL(location).searchParams.get('redirect_uri')
/** Each path of both protocols. */
const PATHS = [
  ['GET', '/sso/acme/oidc/login'], ['GET', '/sso/acme/oidc/callback?code=x&state=y'], ['GET', '/sso/acme/oidc/logout'],
  ['POST', '/sso/acme/oidc/backchannel-logout'], ['GET', '/sso/acme/saml/login'], ['POST', '/sso/acme/saml/acs'],
  ['GET', '/sso/acme/saml/metadata'], ['GET', '/sso/acme/saml/slo?SAMLResponse=x'], ['POST', '/sso/acme/saml/slo'],
] as const
const TRICKS = [
  'evil.example', 'app.vendor.example.evil.example', 'localhost.evil.example', 'localhost:80@evil.example', '127.0.0.1:x@evil.example',
  'localhost:8080/evil.example', 'localhost:8080#.evil.example', '[::1]@evil.example', 'app.vendor.example:444', 'app.vendor.example.', '10.0.0.1',
]

test.each(TRICKS)('Host: %s: nothing of single sign-on is answered, and no address is made of it', async (host) => {
  for (const gateway of [gateways.bare, gateways.told]) {
    for (const [method, path] of PATHS) {
      const answer = await asked(gateway, path, { host }, method)
      expect([path, answer.status, answer.location]).toEqual([path, 421, undefined])
      expect(answer.text).not.toContain('evil.example')
    }
  }
  const { status, location, text } = await asked(gateways.public, '/sso/acme/saml/metadata', { host })
  expect([status, location, text.includes('evil.example')]).toEqual([200, undefined, false])
})

test('what it was told is what providers are told, whatever is asked', async () => {
  for (const host of TRICKS) expect(redirectUri(await asked(gateways.public, '/sso/acme/oidc/login', { host }))).toBe(`${APP}/sso/acme/oidc/callback`)
  const { text } = await asked(gateways.public, '/sso/acme/saml/metadata', { host: 'evil.example' })
  expect(text).toContain(`entityID="${APP}/sso/acme/saml/metadata"`)
  expect(text).toContain(`Location="${APP}/sso/acme/saml/acs"`)
})

test('on this machine the one that was asked; a page says where to begin where it was not reached under its own', async () => {
  const { host } = new URL(gateways.told.origin)
  expect(redirectUri(await asked(gateways.told, '/sso/acme/oidc/login', { host }))).toBe(`http://${host}/sso/acme/oidc/callback`)
  expect(redirectUri(await asked(gateways.told, '/sso/acme/oidc/login', { host: 'localhost:8080' }))).toBe('http://localhost:8080/sso/acme/oidc/callback')
  expect((await asked(gateways.told, '/sso/acme/saml/login', { host: 'evil.example' })).text).toContain(`${APP}/t/acme/login`)
  expect((await asked(gateways.bare, '/sso/acme/saml/login', { host: 'evil.example' })).text).toContain('was not told its own address')
})

test('behind a proxy that it was not told of, its operator is told which flag is missing', async () => {
  const { status, text } = await asked(gateways.told, '/sso/acme/saml/login', { host: 'app.vendor.example' })
  expect([status, text.includes('--trust-proxy')]).toEqual([421, true])
})

describe('behind a proxy that it trusts', () => {
  const from = (host: string, proto = 'https') => ({ host: 'gateway.internal:8080', 'x-forwarded-host': host, 'x-forwarded-proto': proto })
  test('the config’s address is its own where the proxy was asked under it', async () => {
    expect(redirectUri(await asked(gateways.proxied, '/sso/acme/oidc/login', from('app.vendor.example')))).toBe(`${APP}/sso/acme/oidc/callback`)
  })
  test.each([...TRICKS, 'localhost', '127.0.0.1:8080', 'app.vendor.example, evil.example'])('X-Forwarded-Host: %s is none', async (host) => {
    for (const [method, path] of PATHS) expect([path, (await asked(gateways.proxied, path, from(host), method)).status]).toEqual([path, 421])
  })
  test('nor is it where the proxy did not encrypt', async () => {
    expect((await asked(gateways.proxied, '/sso/acme/oidc/login', from('app.vendor.example', 'http'))).status).toBe(421)
  })
  test('from an address that is no proxy, X-Forwarded-* counts for nothing', async () => {
    const { host } = new URL(gateways.told.origin)
    const headers = { host, 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
    expect(redirectUri(await asked(gateways.told, '/sso/acme/oidc/login', headers))).toBe(`http://${host}/sso/acme/oidc/callback`)
  })
})

describe('addresses of resources in directory sync', () => {
  const users = async (gateway: PeopleGateway, headers: Record<string, string>) => {
    const { token, hash, prefix } = newScimToken()
    await gateway.query(
      `INSERT INTO scim_tokens (tenant_id, token_hash, prefix, expires_at)
       SELECT id, $1, $2, onboard.now() + interval '1 hour' FROM tenants WHERE slug = 'acme'`, [hash, prefix])
    const { status, text } = await asked(gateway, '/scim/v2/acme/ResourceTypes/User', { authorization: `Bearer ${token.reveal()}`, ...headers })
    return { status, location: (JSON.parse(text) as { meta?: { location: string } }).meta?.location }
  }
  const at = (origin: string) => ({ status: 200, location: `${origin}/scim/v2/acme/ResourceTypes/User` })

  test.each(TRICKS)('Host: %s has no say in them', async (host) => {
    for (const name of ['told', 'public'] as const) expect(await users(gateways[name], { host })).toEqual(at(APP))
    expect(await users(gateways.proxied, { host: 'gateway.internal', 'x-forwarded-host': host, 'x-forwarded-proto': 'https' })).toEqual(at(APP))
    expect(await users(gateways.bare, { host })).toEqual({ status: 421, location: undefined })
  })

  test('on this machine they are where it was asked', async () => {
    for (const name of ['bare', 'told'] as const) expect(await users(gateways[name], {})).toEqual(at(gateways[name].origin))
  })
})

test('no mail leads anywhere else', async () => {
  for (const [n, host] of ['localhost:8080', ...TRICKS].entries()) {
    const email = `tom-${n}@acme.example`
    await gateways.told.user('acme', email)
    const { cookie, token } = await form(gateways.told, host)
    await new Promise<void>((resolve, reject) => {
      const { hostname, port } = new URL(gateways.told.origin)
      const sent = request({ hostname, port, path: '/t/acme/reset', method: 'POST', headers: { host, cookie, 'content-type': 'application/x-www-form-urlencoded' } }, (answer) => {
        answer.resume()
        answer.on('end', resolve)
      })
      sent.on('error', reject)
      sent.end(new URLSearchParams({ form_token: token, email }).toString())
    })
  }
  await gateways.told.end()
  expect(gateways.told.letters.map(({ body }) => /https?:\S+/.exec(body.text)?.[0].split('?')[0])).toEqual(['http://localhost:8080/t/acme/reset'])
})

async function form(gateway: PeopleGateway, host: string): Promise<{ cookie: string; token: string }> {
  const { hostname, port } = new URL(gateway.origin)
  return new Promise((resolve, reject) => {
    request({ hostname, port, path: '/t/acme/reset', headers: { host, accept: 'text/html' } }, (answer) => {
      let text = ''
      answer.on('data', (part: Buffer) => { text += part })
      answer.on('end', () => resolve({
        cookie: (answer.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; '), token: /name="form_token" value="([^"]+)"/.exec(text)?.[1] ?? '',
      }))
    }).on('error', reject).end()
  })
}
