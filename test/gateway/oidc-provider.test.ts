import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenIdProvider, startOpenIdProvider } from '../../src/cli/demo/openid-provider.ts'
import { connectionOf } from '../../src/identity/login/connections.ts'
import { newTestLink } from '../../src/identity/login/test-link.ts'
import { oidcUrls } from '../../src/identity/oidc/urls.ts'
import { tablesOf } from '../../src/identity/sql.ts'
import { type CookieBrowser, cookieBrowser } from '../../src/cli/demo/browser.ts'
import { type OidcGateway, oidcGateway } from './oidc-support.ts'

const ada = {
  id: 'ada-1', email: 'ada@acme.example', password: 'correct horse', name: 'Ada Byron',
  claims: { roles: ['crm-admins'] },
}
const bob = { id: 'bob-1', email: 'bob@acme.example', password: 'battery staple', name: 'Bob', email_verified: false }

let gateway: OidcGateway
let provider: OpenIdProvider
let connection: string

beforeAll(async () => {
  gateway = await oidcGateway()
  provider = await startOpenIdProvider([ada, bob])
  connection = await gateway.connection('acme', 'corp', { issuer: provider.issuer })
  const { callback, logout, backchannel } = oidcUrls(gateway.origin, 'acme', 'corp')
  provider.register({ client_id: 'crm', client_secret: 'client-secret', callback, logout, backchannel })
})
afterAll(() => provider.close())

/** From the login page of the tenant to the page after the provider's. */
async function login(
  browser: CookieBrowser, { email, password }: { readonly email: string; readonly password: string },
) {
  const page = await browser.open(`${gateway.origin}/sso/acme/corp/login`)
  expect(page.text).toContain('Customer sign-in')
  return browser.submit(page, { email, password })
}

const me = async (browser: CookieBrowser) => {
  const answer = await browser.send(`${gateway.origin}/t/acme/api/me`)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

describe('with a real provider (oidc-provider)', () => {
  it('signs somebody in whom it knows, with name and role as mapped', async () => {
    const browser = cookieBrowser()
    const home = await login(browser, ada)
    expect(home.url).toBe(`${gateway.origin}/t/acme/`)
    expect((await me(browser)).body).toMatchObject({ email: ada.email, role: 'admin' })
    expect(await gateway.trace(connection)).toMatchObject(
      { accepted: true, stage: 'session', mapped: { email: ada.email, name: ada.name, role: 'admin' } },
    )
  })

  it('does not let in whom the provider does not: a wrong password stays there', async () => {
    const browser = cookieBrowser()
    const before = await gateway.sessions(connection)
    const page = await login(browser, { email: ada.email, password: 'wrong' })
    expect(page).toMatchObject({ status: 401 })
    expect(page.text).toContain('E-mail or password are wrong')
    expect((await me(browser)).status).toBe(401)
    expect(await gateway.sessions(connection)).toBe(before)
  })

  it('says so when somebody cancels there', async () => {
    const browser = cookieBrowser()
    const page = await browser.open(`${gateway.origin}/sso/acme/corp/login`)
    const back = await browser.submit(page, { cancel: 'yes' })
    expect(back).toMatchObject({ status: 403 })
    expect(back.text).toContain('or you cancelled')
    expect(await gateway.trace(connection)).toMatchObject(
      {
        accepted: false, stage: 'request', code: 'denied',
        reason: expect.stringContaining('access_denied (The person cancelled.)'),
      },
    )
  })

  it('refuses an address that the provider has not verified', async () => {
    const browser = cookieBrowser()
    expect(await login(browser, bob)).toMatchObject({ status: 403 })
    expect(await gateway.trace(connection)).toMatchObject(
      { accepted: false, stage: 'mapping', code: 'email-not-verified' },
    )
    expect((await me(browser)).status).toBe(401)
  })

  it('goes on when the provider signs with a new key', async () => {
    await login(cookieBrowser(), ada)
    provider.rotate()
    const browser = cookieBrowser()
    await login(browser, ada)
    expect((await me(browser)).status).toBe(200)
  })

  it('signs out at the provider as well, and is back at the login page', async () => {
    const browser = cookieBrowser()
    const home = await login(browser, ada)
    const left = await browser.submit(home, {})
    const next = /https?:\/\/[^"\s]*\/session\/end[^"\s]*/.exec(left.text)?.[0].replaceAll('&amp;', '&') ?? ''
    expect(next, left.text).toContain('id_token_hint=')
    expect((await me(browser)).status).toBe(401)
    const asks = await browser.open(next)
    expect(asks.text).toContain('Sign out here as well?')
    const back = await browser.submit(asks, { logout: 'yes' })
    expect(back.url).toBe(`${gateway.origin}/t/acme/login?said=signed-out`)
    // Not signed in silently again: the provider has forgotten the person, too.
    expect((await browser.open(`${gateway.origin}/sso/acme/corp/login`)).text).toContain('Customer sign-in')
  })

  it('ends the sessions here when the provider says that somebody has signed out there', async () => {
    const [browser, other] = [cookieBrowser(), cookieBrowser()]
    await login(browser, ada)
    await login(other, ada)
    expect((await me(browser)).status).toBe(200)
    const asks = await browser.open(`${provider.issuer}/session/end`)
    await browser.submit(asks, { logout: 'yes' })
    await expect.poll(async () => (await me(browser)).status).toBe(401)
    expect((await me(other)).status, 'a session of another browser').toBe(200)
  })

  it('is tried by a link before it is switched on: what it would do is shown, and nothing is done', async () => {
    const { query, origin } = gateway
    const id = await gateway.connection('acme', 'next', { issuer: provider.issuer, client_id: 'next', enabled: false })
    provider.register(
      { client_id: 'next', client_secret: 'client-secret', callback: oidcUrls(origin, 'acme', 'next').callback },
    )
    const tables = tablesOf('public')
    const found = await connectionOf(query, tables, 'acme', 'next')
    if (found === undefined) throw new Error('no connection')
    const link = await newTestLink(query, tables, found, 600)
    const users = await query('SELECT count(*) FROM users')
    for (const times of [1, 2]) {
      const browser = cookieBrowser()
      const page = await browser.open(`${origin}/sso/acme/next/login?test=${link.token.reveal()}`)
      const done = await browser.submit(page, { email: ada.email, password: ada.password })
      expect(done, `time ${times}`).toMatchObject({ status: 200 })
      expect(done.text).toContain('The test login succeeded')
      expect(done.text).toContain(ada.email)
      expect((await me(browser)).status).toBe(401)
    }
    expect(await gateway.trace(id)).toMatchObject(
      { accepted: true, stage: 'user', mapped: { role: 'admin', account: 'linked' } },
    )
    expect(await gateway.sessions(id)).toBe(0)
    expect(await query('SELECT count(*) FROM users')).toEqual(users)
    await query('UPDATE sso_requests SET expires_at = onboard.now() WHERE id = $1', [link.id])
    expect((await cookieBrowser().open(`${origin}/sso/acme/next/login?test=${link.token.reveal()}`)).status).toBe(404)
  })

  it('tells an administrator that the client secret was sealed with another key', async () => {
    const id = await gateway.connection('acme', 'sealed', { issuer: provider.issuer })
    provider.register(
      {
        client_id: 'crm', client_secret: 'client-secret', callback: oidcUrls(gateway.origin, 'acme', 'sealed').callback,
      },
    )
    // Moved from another row, it does not open either.
    await gateway.query(
      'UPDATE sso_connections SET client_secret = (SELECT client_secret FROM sso_connections WHERE id = $2) WHERE id = $1',
      [id, connection],
    )
    const browser = cookieBrowser()
    const page = await browser.open(`${gateway.origin}/sso/acme/sealed/login`)
    expect(await browser.submit(page, { email: ada.email, password: ada.password })).toMatchObject({ status: 403 })
    expect(await gateway.trace(id)).toMatchObject(
      { code: 'sealed-secret', reason: expect.stringContaining('sealed with another key') },
    )
  })

  it('tells people with a wrong client secret nothing, and administrators what to do', async () => {
    const wrong = await gateway.connection(
      'acme', 'wrong', { issuer: provider.issuer, client_id: 'other', secret: 'not it' },
    )
    const { callback } = oidcUrls(gateway.origin, 'acme', 'wrong')
    provider.register({ client_id: 'other', client_secret: 'the other secret', callback })
    const browser = cookieBrowser()
    const page = await browser.open(`${gateway.origin}/sso/acme/wrong/login`)
    const back = await browser.submit(page, { email: ada.email, password: ada.password })
    expect(back).toMatchObject({ status: 403 })
    expect(back.text).not.toMatch(/secret/)
    expect(await gateway.trace(wrong)).toMatchObject({ accepted: false, stage: 'request', code: 'wrong-client-secret' })
    expect(await gateway.sessions(wrong)).toBe(0)
  })
})

it('answers so many requests of one address for one tenant, and says when to come back', async () => {
  const slow = await oidcGateway({ loginsPerMinute: 1 })
  await slow.connection('acme', 'corp', { issuer: provider.issuer })
  await slow.connection('globex', 'corp', { issuer: provider.issuer })
  const ask = async (at: string) => (await fetch(`${slow.origin}/sso/${at}`, { redirect: 'manual' }))
  for (let n = 0; n < 10; n++) expect((await ask('acme/corp/login')).status).toBe(303)
  const over = await ask('acme/corp/callback?state=x')
  expect(over.status).toBe(429)
  expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await ask('globex/corp/login')).status).toBe(303)
})
