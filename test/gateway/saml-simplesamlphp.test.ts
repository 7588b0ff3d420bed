/** Against SimpleSAMLphp, where this machine has it: login, wrong password, encryption, logout of both sides, rotation. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SamlSettings } from '../../src/identity/login/types.ts'
import { readMetadata } from '../../src/identity/saml/idp-metadata.ts'
import { newKey, type NewKey } from '../../src/identity/saml/keys.ts'
import { spUrls } from '../../src/identity/saml/urls.ts'
import { idpKey, settingsFor } from '../support/saml-idp.ts'
import { PERSON, SIMPLESAMLPHP, type SimpleSamlPhp, startSimpleSamlPhp } from '../support/simplesamlphp.ts'
import { type Browser, browser, type SamlGateway, type Shown, samlGateway } from './saml-support.ts'

describe.skipIf(SIMPLESAMLPHP === undefined)('SimpleSAMLphp', () => {
  let gateway: SamlGateway
  let provider: SimpleSamlPhp
  let key: NewKey
  let number = 0
  /** The last response that it sent by a browser. */
  let brought = ''
  beforeAll(async () => {
    const now = new Date().toISOString()
    const keys = Promise.all([idpKey('acme', now), idpKey('acme next', now)])
    ;[gateway, provider, key] = await Promise.all([samlGateway({ stands: false }), keys.then(startSimpleSamlPhp), newKey('acme', now)])
  })
  afterAll(() => provider.close())

  /** What its metadata says, as a connection has it. */
  async function settings(): Promise<SamlSettings> {
    const text = await (await fetch(`${provider.origin}/saml2/idp/metadata.php`)).text()
    const { wants_signed_requests, name_id_formats: formats, ...said } = readMetadata(Buffer.from(text), { now: new Date().toISOString(), loopback: true })
    return settingsFor([], { ...said, sign_requests: wants_signed_requests, name_id_format: formats[0] ?? null })
  }
  async function connected(encrypt = false) {
    const slug = `php-${++number}`
    const connection = await gateway.connect(slug, await settings(), { key })
    provider.register(spUrls(gateway.origin, slug, 'sso'), key.certificate, encrypt)
    return { ...connection, slug }
  }

  const unescaped = (text: string): string => text.replaceAll('&quot;', '"').replaceAll('&#039;', "'").replaceAll('&amp;', '&')
  /** The form of a page as it would be sent, with what is typed. */
  async function submit(ada: Browser, at: URL, { text }: Shown, typed: Record<string, string> = {}): Promise<Shown> {
    const fields = Object.fromEntries([...text.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([tag]) => [
      unescaped(/name="([^"]*)"/.exec(tag)?.[1] ?? ''), unescaped(/value="([^"]*)"/.exec(tag)?.[1] ?? ''),
    ]))
    const action = unescaped(/<form[^>]*action="([^"]*)"/.exec(text)?.[1] ?? '?')
    return ada.post(new URL(action, at).href, { ...fields, ...typed })
  }
  async function follow(ada: Browser, url: string): Promise<{ at: URL; shown: Shown }> {
    let at = new URL(url)
    for (let n = 0; n < 10; n++) {
      const shown = await ada.get(at.href)
      if (shown.location === undefined) return { at, shown }
      at = shown.location
    }
    throw new Error(`no end of redirects: ${at.href}`)
  }
  async function signIn(ada: Browser, login: string, password: string): Promise<Shown> {
    const { at, shown } = await follow(ada, login)
    expect(shown.text, provider.log()).toContain('name="password"')
    const answered = await submit(ada, at, shown, { username: PERSON.name, password })
    const next = answered.location === undefined ? { at, shown: answered } : await follow(ada, answered.location.href)
    brought = Buffer.from(/name="SAMLResponse" value="([^"]*)"/.exec(next.shown.text)?.[1] ?? '', 'base64').toString()
    return brought === '' ? next.shown : submit(ada, next.at, next.shown)
  }

  test.each([['plain', false], ['encrypted', true]])('whoever knows their password comes in: a %s assertion', async (_, encrypt) => {
    const { id, urls, slug } = await connected(encrypt)
    const ada = browser()
    const shown = await signIn(ada, urls.login, PERSON.password)
    expect([shown.location?.pathname, await gateway.trace(id)]).toEqual([`/t/${slug}/`, expect.objectContaining({ accepted: true, stage: 'session' })])
    expect(brought.includes('<saml:EncryptedAssertion')).toBe(encrypt)
    expect((await ada.get(shown.location?.href ?? '')).text).toMatch(/Ada Lovelace.*admin/s)
  })

  test('whoever does not know it stays there', async () => {
    const { id, urls } = await connected()
    const shown = await signIn(browser(), urls.login, 'wrong')
    expect(shown.text).toContain('name="password"')
    expect(await gateway.sessions(id)).toBe(0)
  })

  test('signing out here signs out there, and comes back', async () => {
    const { id, urls, slug } = await connected()
    const ada = browser()
    await signIn(ada, urls.login, PERSON.password)
    const home = await ada.get(`${gateway.origin}/t/${slug}/`)
    const left = await submit(ada, new URL(gateway.origin), home)
    const to = /url=(\S+)/.exec(left.headers.get('refresh') ?? '')?.[1] ?? ''
    expect(to).toContain('SingleLogoutService.php')
    const { at } = await follow(ada, to)
    expect([at.pathname, at.search], provider.log()).toEqual([`/t/${slug}/login`, '?said=signed-out'])
    expect(await gateway.sessions(id)).toBe(0)
    // There as well: the password is asked for again.
    expect((await follow(ada, urls.login)).shown.text).toContain('name="password"')
  })

  test('signing out there ends the session here', async () => {
    const { id, urls } = await connected()
    const ada = browser()
    await signIn(ada, urls.login, PERSON.password)
    expect(await gateway.sessions(id)).toBe(1)
    await follow(ada, `${provider.origin}/saml2/idp/initSLO.php?RelayState=${encodeURIComponent(`${provider.origin}/`)}`)
    expect(await gateway.sessions(id), provider.log()).toBe(0)
  })

  test('after its rotation logins go on once its metadata was taken again', async () => {
    const { id, urls } = await connected()
    provider.rotate()
    expect((await signIn(browser(), urls.login, PERSON.password)).status).toBe(403)
    expect(await gateway.trace(id)).toMatchObject({ accepted: false, stage: 'signature', code: 'wrong-key' })
    await gateway.query('UPDATE sso_connections SET settings = $2 WHERE id = $1', [id, JSON.stringify(await settings())])
    expect((await signIn(browser(), urls.login, PERSON.password)).status).toBe(303)
  })
})
