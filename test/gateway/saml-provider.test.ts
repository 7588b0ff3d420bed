/** Against an identity provider that checks who asks, with people who type: login, wrong password, logout, rotation. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SamlProvider, startSamlProvider } from '../../src/cli/demo/saml-provider.ts'
import type { SamlSettings } from '../../src/identity/login/types.ts'
import { readMetadata } from '../../src/identity/saml/idp-metadata.ts'
import { newKey, type NewKey } from '../../src/identity/saml/keys.ts'
import { spUrls } from '../../src/identity/saml/urls.ts'
import { chromiumWindows, noChromium } from '../support/chromium.ts'
import { NOW, settingsFor } from '../support/saml-idp.ts'
import { type Browser, browser, type SamlGateway, type Shown, samlGateway } from './saml-support.ts'

const ADA = { id: 'u-1', email: 'ada@acme.example', password: 'correct horse', name: 'Ada Lovelace', claims: { groups: ['admins'] } }
/** A provider that takes no redirects. */
const posts = ({ sso, slo }: SamlSettings): Partial<SamlSettings> => ({ sso: { post: sso.redirect ?? '' }, slo: { post: slo.redirect ?? '' } })

let gateway: SamlGateway
let provider: SamlProvider
let key: NewKey
beforeAll(async () => {
  ;[gateway, provider, key] = await Promise.all([samlGateway(), startSamlProvider([ADA], { now: () => Date.parse(NOW) }), newKey('acme', NOW)])
})
afterAll(() => provider.close())

let number = 0
/** What the provider's metadata says, as a connection has it. */
function settings(): SamlSettings {
  const { wants_signed_requests, name_id_formats: _formats, ...said } = readMetadata(Buffer.from(provider.metadata()), { now: NOW, loopback: true })
  return settingsFor([], { ...said, sign_requests: wants_signed_requests })
}
async function connected(encrypt = false, more: Partial<SamlSettings> = {}) {
  const slug = `provider-${++number}`
  const connection = await gateway.connect(slug, { ...settings(), ...more }, { key })
  provider.register({ ...spUrls(gateway.origin, slug, 'sso'), certificates: [key.certificate], encrypt })
  return { ...connection, slug }
}

const inputs = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))]))
const action = (text: string): string => (/<form method="post" action="([^"]+)"/.exec(text)?.[1] ?? '').replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))

/** A person signs in at the provider; what the gateway then shows. */
async function signIn(ada: Browser, login: string, password: string): Promise<Shown> {
  const { location } = await ada.get(login)
  const asked = await ada.get(location?.href ?? '')
  expect(asked.text).toContain('<h1>Customer sign-in</h1>')
  const answered = await ada.post(new URL(action(asked.text), location).href, { email: ADA.email, password })
  return answered.status === 200 ? ada.post(action(answered.text), inputs(answered.text)) : answered
}

test.each([['plain', false], ['encrypted', true]])('whoever knows their password comes in: a %s assertion', async (_, encrypt) => {
  const { id, urls, slug } = await connected(encrypt)
  const ada = browser()
  const shown = await signIn(ada, urls.login, ADA.password)
  expect([shown.status, shown.location?.pathname]).toEqual([303, `/t/${slug}/`])
  expect((await ada.get(shown.location?.href ?? '')).text).toMatch(/Ada Lovelace.*admin/s)
  expect(await gateway.sessions(id)).toBe(1)
})

test('whoever does not know it stays there', async () => {
  const { id, urls } = await connected()
  const shown = await signIn(browser(), urls.login, 'wrong')
  expect([shown.status, shown.text]).toEqual([401, expect.stringContaining('E-mail or password are wrong.')])
  expect(await gateway.sessions(id)).toBe(0)
})

test('signing out here signs out there, and comes back', async () => {
  const { id, urls, slug } = await connected()
  const ada = browser()
  await signIn(ada, urls.login, ADA.password)
  const home = await ada.get(`${gateway.origin}/t/${slug}/`)
  const left = await ada.post(`${gateway.origin}/t/${slug}/logout`, inputs(home.text))
  const there = await ada.get(/url=(\S+)/.exec(left.headers.get('refresh') ?? '')?.[1] ?? '')
  const back = await ada.get(there.location?.href ?? '')
  expect([back.status, back.location?.pathname]).toEqual([303, `/t/${slug}/login`])
  expect(await gateway.sessions(id)).toBe(0)
})

test('a provider that does not know us says so', async () => {
  const { urls } = await gateway.connect('stranger', settings(), { key })
  const { location } = await browser().get(urls.login)
  const { status, text } = await browser().get(location?.href ?? '')
  expect([status, text]).toEqual([400, expect.stringContaining('This application is not known here')])
})

test('after its rotation logins go on once its metadata was taken again', async () => {
  const { id, urls } = await connected()
  await provider.rotate()
  expect((await signIn(browser(), urls.login, ADA.password)).status).toBe(403)
  expect(await gateway.trace(id)).toMatchObject({ accepted: false, stage: 'signature', code: 'wrong-key' })
  await gateway.query('UPDATE sso_connections SET settings = $2 WHERE id = $1', [id, JSON.stringify(settings())])
  expect(settings().certificates).toHaveLength(2)
  expect((await signIn(browser(), urls.login, ADA.password)).status).toBe(303)
})

describe.skipIf(noChromium !== null)(`in Chromium${noChromium === null ? '' : ` (skipped: ${noChromium})`}`, () => {
  const windows = chromiumWindows()

  test.each([['send themselves', true], ['are sent by their buttons', false]])('forms between us and a provider that only takes posts %s', async (_, scripts) => {
    const { id, urls, slug } = await connected(false, posts(settings()))
    const { page } = await windows.open({ scripts })
    const goOn = async (): Promise<void> => void (scripts || (await page.getByRole('button', { name: 'Continue' }).click()))
    await page.goto(urls.login)
    await goOn()
    await page.getByLabel('E-mail').fill(ADA.email)
    await page.getByLabel('Password').fill(ADA.password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await goOn()
    await page.waitForURL(`${gateway.origin}/t/${slug}/`)
    expect(await gateway.sessions(id)).toBe(1)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL(/\/slo|\/login/)
    await goOn()
    await page.waitForURL(`${gateway.origin}/t/${slug}/login?said=signed-out`)
    expect(await gateway.sessions(id)).toBe(0)
  })
})
