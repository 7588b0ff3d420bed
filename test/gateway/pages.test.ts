/** The pages in a real browser, with its scripts switched off, by keyboard alone. */
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { type OpenIdProvider, startOpenIdProvider } from '../../src/cli/demo/openid-provider.ts'
import { startSamlProvider } from '../../src/cli/demo/saml-provider.ts'
import { STYLE } from '../../src/gateway/pages/style.ts'
import { fromBase32, totpCode } from '../../src/identity/accounts/totp.ts'
import { oidcUrls } from '../../src/identity/oidc/urls.ts'
import { readMetadata } from '../../src/identity/saml/idp-metadata.ts'
import { spUrls } from '../../src/identity/saml/urls.ts'
import { settingsFor } from '../support/saml-idp.ts'
import { createAuthority } from '../support/tls.ts'
import { chromiumWindows, noChromium, type Window } from '../support/chromium.ts'
import { type OidcGateway, oidcGateway } from './oidc-support.ts'
import { PASSWORD, peopleGateway, type PeopleGateway } from './people.ts'

describe('colours', () => {
  const [light = '', dark = ''] = STYLE.match(/\{\s+(?:color-scheme: [^;]+;\s+)?--ink: [^}]+\}/g) ?? []
  const colours = (text: string): Record<string, string> =>
    Object.fromEntries([...text.matchAll(/--([a-z-]+): (#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value]))
  /** WCAG 2.2, relative luminance. */
  const luminance = (colour: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (a = '', b = ''): number => {
    const [dim = 0, bright = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y)
    return (bright + 0.05) / (dim + 0.05)
  }
  test.each([['light', light], ['dark', dark]])('of the %s scheme can be told apart: text by 4.5, lines by 3', (_scheme, text) => {
    const { ink, paper, quiet, act, 'on-act': onAct, bad, line } = colours(text)
    for (const one of [ink, quiet, act, bad]) expect(contrast(one, paper)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(onAct, act)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(line, paper)).toBeGreaterThanOrEqual(3)
  })
})

describe.skipIf(noChromium !== null)(`in Chromium${noChromium === null ? '' : ` (skipped: ${noChromium})`}`, () => {
  const windows = chromiumWindows()
  let gateway: PeopleGateway
  beforeAll(async () => {
    gateway = await peopleGateway()
    await gateway.tenant('acme')
    await gateway.user('acme', 'ada@acme.example', { role: 'admin' })
  })

  /** Presses Tab until the thing with this name has the focus. */
  async function tabTo({ page }: Window, name: string): Promise<void> {
    for (let presses = 0; presses < 12; presses++) {
      await page.keyboard.press('Tab')
      const found = await page.evaluate(() => {
        // The page's own types are not known here.
        const { activeElement: one } = (globalThis as unknown as { document: { activeElement: { labels?: { textContent: string }[]; textContent: string } | null } }).document
        return one?.labels?.[0]?.textContent ?? one?.textContent ?? ''
      })
      if (found.trim() === name) return
    }
    throw new Error(`the keyboard does not come to ${name}`)
  }
  async function fill(window: Window, fields: Readonly<Record<string, string>>, button: string): Promise<void> {
    for (const [name, value] of Object.entries(fields)) {
      await tabTo(window, name)
      await window.page.keyboard.type(value)
    }
    await tabTo(window, button)
    await Promise.all([window.page.waitForEvent('framenavigated'), window.page.keyboard.press('Enter')])
    await window.page.waitForLoadState()
  }
  const heading = ({ page }: Window): Promise<string> => page.getByRole('heading', { level: 1 }).innerText()
  const at = ({ page }: Window): string => new URL(page.url()).pathname
  /** What every page keeps to, whatever it is about. */
  async function isAccessible({ page }: Window): Promise<void> {
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    expect(await page.title()).not.toBe('')
    expect(await page.getByRole('main').count()).toBe(1)
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1)
    for (const input of await page.locator('input:not([type=hidden])').all()) {
      const id = await input.getAttribute('id')
      expect(await page.locator(`label[for="${id}"]`).count()).toBe(1)
      expect(await input.getAttribute('autocomplete')).toBeTruthy()
    }
  }

  test('signing in, wrong at first: what is wrong is announced, the address stays, and the second try leads home', async () => {
    const window = await windows.open()
    const problems: string[] = []
    window.page.on('console', (message) => problems.push(message.text()))
    await window.page.goto(`${gateway.origin}/t/acme/login`)
    await isAccessible(window)
    await window.picture('login')
    await fill(window, { 'E-mail address': 'ada@acme.example', Password: 'wrong' }, 'Sign in')
    expect(await window.page.getByRole('alert').innerText()).toContain('E-mail address or password is not right')
    expect(await window.page.title()).toMatch(/^Error: /)
    expect(await window.page.getByLabel('E-mail address').inputValue()).toBe('ada@acme.example')
    expect(await window.page.getByLabel('Password').inputValue()).toBe('')
    await isAccessible(window)
    await window.picture('login-wrong')
    await fill(window, { Password: PASSWORD }, 'Sign in')
    expect([at(window), await heading(window)]).toEqual(['/t/acme/', 'Welcome, ada <b>Braun</b>'])
    await isAccessible(window)
    await window.picture('home')
    await tabTo(window, 'Sign out')
    await window.page.keyboard.press('Enter')
    await window.page.waitForURL('**/login?said=signed-out')
    expect(await window.page.getByRole('status').innerText()).toBe('You are signed out.')
    // A refused password is an answer of 403, of which browsers take note; nothing else went wrong, no style was blocked.
    expect(problems.filter((one) => !one.includes('403'))).toEqual([])
  })

  test('a temporary password is changed first', async () => {
    await gateway.user('acme', 'tom@acme.example', { set: { must_change_password: true } })
    const window = await windows.open()
    await window.page.goto(`${gateway.origin}/t/acme/login?return_to=/t/acme/password`)
    await fill(window, { 'E-mail address': 'tom@acme.example', Password: PASSWORD }, 'Sign in')
    expect(await heading(window)).toBe('Choose a password of your own')
    await isAccessible(window)
    await fill(window, { 'New password': 'short', 'New password again': 'short' }, 'Set the password')
    expect(await window.page.getByRole('alert').innerText()).toContain('at least 12 characters')
    // The summary leads to the field, and the field says it again.
    await tabTo(window, 'The new password needs at least 12 characters.')
    await window.page.keyboard.press('Enter')
    expect(await window.page.locator('#next').getAttribute('aria-describedby')).toBe('next-hint next-error')
    await window.picture('password-short')
    await window.page.getByLabel('New password', { exact: true }).fill('a password of my own')
    await window.page.getByLabel('New password again').fill('a password of my own')
    await window.page.keyboard.press('Enter')
    await window.page.waitForURL('**/t/acme/password')
    expect(await heading(window)).toBe('Change your password')
  })

  test('a forgotten one is replaced by a link from the mail', async () => {
    await gateway.user('acme', 'kim@acme.example')
    const window = await windows.open()
    await window.page.goto(`${gateway.origin}/t/acme/login`)
    await tabTo(window, 'Forgot your password?')
    await window.page.keyboard.press('Enter')
    await window.page.waitForURL('**/reset')
    await isAccessible(window)
    await fill(window, { 'E-mail address': 'kim@acme.example' }, 'Send the mail')
    expect(await window.page.getByRole('status').innerText()).toContain('a mail is on its way')
    await window.picture('reset-asked')
    await expect.poll(() => gateway.letters.length).toBe(1)
    await window.page.goto(/http:\S+/.exec(gateway.letters[0]?.body.text ?? '')?.[0] ?? '')
    expect(await heading(window)).toBe('Choose a password')
    await isAccessible(window)
    await window.picture('reset-set')
    await fill(window, { 'New password': 'a password of my own', 'New password again': 'a password of my own' }, 'Set the password')
    expect(await window.page.getByRole('status').innerText()).toContain('Your password is set')
    await fill(window, { 'E-mail address': 'kim@acme.example', Password: 'a password of my own' }, 'Sign in')
    expect(at(window)).toBe('/t/acme/')
    await window.page.goBack()
    await window.page.goto(/http:\S+/.exec(gateway.letters[0]?.body.text ?? '')?.[0] ?? '')
    expect(await heading(window)).toBe('This link is no longer good')
    await window.picture('reset-gone')
  })

  test('a second factor is set up by hand, and asked for', async () => {
    await gateway.tenant('safe', { settings: { mfa: true } })
    await gateway.user('safe', 'ada@acme.example')
    const window = await windows.open()
    await window.page.goto(`${gateway.origin}/t/safe/login`)
    await fill(window, { 'E-mail address': 'ada@acme.example', Password: PASSWORD }, 'Sign in')
    expect(await heading(window)).toBe('Set up a second factor')
    await isAccessible(window)
    await window.picture('mfa-enrol')
    const key = fromBase32((await window.page.locator('#key').innerText()).replaceAll(' ', ''))
    const [row] = await gateway.query<{ step: number }>('SELECT floor(extract(epoch FROM onboard.now()) / 30)::float8 AS step')
    await fill(window, { Code: totpCode(key, row?.step ?? 0) }, 'Go on')
    expect(at(window)).toBe('/t/safe/')
    // Somebody else at the same browser is asked for their code, and is not caught on that page.
    const later = await windows.open()
    await later.page.goto(`${gateway.origin}/t/safe/login`)
    await fill(later, { 'E-mail address': 'ada@acme.example', Password: PASSWORD }, 'Sign in')
    expect(await heading(later)).toBe('Enter the code of your app')
    await isAccessible(later)
    await later.picture('mfa-ask')
    await fill(later, {}, 'Sign out')
    expect(at(later)).toBe('/t/safe/login')
    expect(await later.page.getByRole('status').innerText()).toBe('You are signed out.')
  })

  test('a login that was refused says so with a reference, and leads back', async () => {
    const tenant = await gateway.tenant('refused')
    await gateway.query(
      `INSERT INTO sso_connections (tenant_id, name, protocol, enabled, settings, mapping) VALUES ($1, 'corp', 'saml', true, $2, '{}')`,
      [tenant, JSON.stringify(settingsFor([], { sso: { post: `${gateway.origin}/idp` }, sign_requests: false }))],
    )
    const window = await windows.open()
    await window.page.goto(`${gateway.origin}/sso/refused/corp/login`)
    expect(await window.page.getByRole('main').innerText()).toContain('You are being taken to your identity provider.')
    await isAccessible(window)
    await window.picture('sso-redirect')
    await window.page.setContent(`<form method="post" action="${gateway.origin}/sso/refused/corp/acs"><input type="hidden" name="SAMLResponse" value="PHg+"><button>Continue</button></form>`)
    await fill(window, {}, 'Continue')
    expect(await heading(window)).toBe('You could not be signed in')
    expect(await window.page.locator('code').innerText()).toMatch(/^[0-9a-f-]{36}$/)
    await isAccessible(window)
    await window.picture('sso-refused')
    await tabTo(window, 'Back to signing in')
    await window.page.keyboard.press('Enter')
    await window.page.waitForURL(`${gateway.origin}/t/refused/login`)
  })

  test('a page that is not there, and a tenant that is suspended, say so and what to do', async () => {
    await gateway.tenant('closed', { status: 'suspended' })
    const window = await windows.open()
    await window.page.goto(`${gateway.origin}/nowhere`)
    expect(await heading(window)).toBe('There is no such page')
    await isAccessible(window)
    await window.picture('error')
    await window.page.goto(`${gateway.origin}/t/closed/login`)
    expect(await window.page.getByRole('main').innerText()).toContain('is suspended: nobody can sign in. Ask the support.')
    expect(await heading(window)).toBe('Nobody can sign in now')
  })

  describe('by an identity provider', () => {
    let sso: OidcGateway
    let provider: OpenIdProvider
    beforeAll(async () => {
      sso = await oidcGateway()
      provider = await startOpenIdProvider([{ id: 'ada-1', email: 'ada@acme.example', password: 'correct horse', name: 'Ada Byron' }])
      await sso.connection('acme', 'corp', { issuer: provider.issuer })
      const { callback, logout, backchannel } = oidcUrls(sso.origin, 'acme', 'corp')
      provider.register({ client_id: 'crm', client_secret: 'client-secret', callback, logout, backchannel })
      return () => provider.close()
    })

    test('SAML: its answer is posted from another site, to a gateway that speaks TLS', async () => {
      const authority = createAuthority()
      onTestFinished(() => authority.remove())
      const { cert, key } = authority.certificate('IP:127.0.0.1', -1, 30)
      const now = '2026-03-02T09:00:00Z'
      const secure = await peopleGateway({ tls: { cert: Buffer.from(cert), key: Buffer.from(key) } }, now)
      const saml = await startSamlProvider([{ id: 'ada-1', email: 'ada@acme.example', password: 'correct horse', name: 'Ada Byron' }], { now: () => Date.parse(now) })
      onTestFinished(() => saml.close())
      const { wants_signed_requests: _signed, name_id_formats: _formats, ...said } = readMetadata(Buffer.from(saml.metadata()), { now, loopback: true })
      const tenant = await secure.tenant('acme')
      await secure.query(
        `INSERT INTO sso_connections (tenant_id, name, protocol, enabled, settings, mapping) VALUES ($1, 'corp', 'saml', true, $2, $3)`,
        [tenant, JSON.stringify(settingsFor([], { ...said, sign_requests: false })), JSON.stringify({ email: ['email'], name: ['name'], role_default: 'viewer' })],
      )
      saml.register({ ...spUrls(secure.origin, 'acme', 'corp'), certificates: [] })
      const window = await windows.open()
      await window.page.goto(`${secure.origin}/t/acme/login`)
      await window.page.getByRole('link', { name: 'Single sign-on' }).click()
      await window.page.getByLabel('E-mail').fill('ada@acme.example')
      await window.page.getByLabel('Password').fill('correct horse')
      await window.page.getByRole('button', { name: 'Sign in' }).click()
      await window.page.getByRole('button', { name: 'Continue' }).click()
      await window.page.waitForURL(`${secure.origin}/t/acme/`)
      expect(await heading(window)).toBe('Welcome, Ada Byron')
      const cookies = (await window.context.cookies(secure.origin)).map(({ name, sameSite, secure: tls, httpOnly }) => [name, sameSite, tls, httpOnly])
      expect(cookies).toContainEqual(['__Host-onboard', 'Lax', true, true])
    })

    test('OpenID Connect: the page of the tenant leads there, back, and out on both sides', async () => {
      const window = await windows.open()
      await window.page.goto(`${sso.origin}/t/acme/login`)
      await window.picture('login-sso')
      await tabTo(window, 'Single sign-on')
      await window.page.keyboard.press('Enter')
      await window.page.waitForURL(`${provider.issuer}/**`)
      await window.page.locator('input[name=email]').fill('ada@acme.example')
      await window.page.locator('input[name=password]').fill('correct horse')
      await window.page.keyboard.press('Enter')
      await window.page.waitForURL(`${sso.origin}/t/acme/`)
      expect(await window.page.getByRole('main').innerText()).toContain('single sign-on (OpenID Connect)')
      await tabTo(window, 'Sign out')
      await window.page.keyboard.press('Enter')
      await window.page.waitForURL(`${provider.issuer}/**`)
    })
  })
})
