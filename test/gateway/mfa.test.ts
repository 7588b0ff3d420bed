import { randomBytes } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { Secret } from '../../src/contract.ts'
import { fromBase32, totpCode } from '../../src/identity/accounts/totp.ts'
import { createSeal } from '../../src/identity/seal.ts'
import { type Browser, browser, peopleGateway, type PeopleGateway, type Shown } from './people.ts'

let gateway: PeopleGateway
beforeAll(async () => {
  gateway = await peopleGateway()
  await gateway.tenant('acme', { settings: { mfa: true } })
})

const keyOn = (text: string): Buffer => fromBase32((/<code id="key">([A-Z2-7 ]+)<\/code>/.exec(text)?.[1] ?? '').replaceAll(' ', ''))
async function code(key: Uint8Array, steps = 0): Promise<string> {
  const [row] = await gateway.query<{ step: number }>(`SELECT floor(extract(epoch FROM onboard.now()) / 30)::float8 AS step`)
  return totpCode(key, (row?.step ?? 0) + steps)
}
async function enrolled(email: string): Promise<{ readonly person: Browser; readonly key: Buffer }> {
  await gateway.user('acme', email)
  const person = browser(gateway.origin)
  const page = await person.signIn('acme', email)
  const key = keyOn(page.text)
  expect((await person.submit(page, { code: await code(key) })).at).toBe('/t/acme/')
  return { person, key }
}

test('the first sign-in enrols an app; nothing is open before its first code', async () => {
  await gateway.user('acme', 'ada@acme.example')
  const ada = browser(gateway.origin)
  const page = await ada.signIn('acme', 'ada@acme.example')
  expect(page.at).toBe('/t/acme/mfa')
  expect(page.text).toMatch(/otpauth:\/\/totp\/ACME%20%26%20Sons:ada%40acme.example\?secret=[A-Z2-7]{32}/)
  expect((await ada.call('GET', '/t/acme/api/me')).status).toBe(401)
  expect((await ada.get('/t/acme/')).at).toBe('/t/acme/mfa')
  const key = keyOn(page.text)
  // The same key when the page is loaded again: the app has it by now.
  expect(keyOn((await ada.get('/t/acme/mfa')).text)).toEqual(key)
  expect(await ada.submit(page, { code: '000000' })).toMatchObject({ status: 403, text: expect.stringContaining('not right') })
  expect((await ada.submit(page, { code: await code(key) })).at).toBe('/t/acme/')
  expect(await gateway.events('acme')).toContain('mfa.enrolled')
  const [row] = await gateway.query<{ totp_secret: string }>(`SELECT totp_secret FROM users WHERE email = 'ada@acme.example'`)
  expect(row?.totp_secret).toMatch(/^v1\./)
})

test('later sign-ins ask for a code of that app, and show its key to nobody', async () => {
  const { key } = await enrolled('bob@acme.example')
  const bob = browser(gateway.origin)
  const page = await bob.signIn('acme', 'bob@acme.example')
  expect(page.at).toBe('/t/acme/mfa')
  expect(page.text).not.toMatch(/otpauth|id="key"/)
  await gateway.later(1)
  expect((await bob.submit(page, { code: await code(key) })).at).toBe('/t/acme/')
  expect((await bob.call('GET', '/t/acme/api/me')).status).toBe(200)
})

test('a code opens once: not again later, and of two at the same moment once', async () => {
  const { key } = await enrolled('cid@acme.example')
  await gateway.later(2)
  const same = await code(key)
  const browsers = [browser(gateway.origin), browser(gateway.origin)]
  const pages: Shown[] = []
  for (const one of browsers) pages.push(await one.signIn('acme', 'cid@acme.example'))
  const ends = await Promise.all(browsers.map((one, n) => one.submit(pages[n]!, { code: same })))
  expect(ends.map(({ status }) => status).toSorted()).toEqual([200, 403])
  const third = browser(gateway.origin)
  expect((await third.submit(await third.signIn('acme', 'cid@acme.example'), { code: same })).status).toBe(403)
})

test('codes that are guessed make whoever guesses wait, and a right password in between does not start it anew', async () => {
  const { key } = await enrolled('eve@acme.example')
  await gateway.later(1)
  const eve = browser(gateway.origin)
  const page = await eve.signIn('acme', 'eve@acme.example')
  for (let n = 0; n < 4; n++) await eve.submit(page, { code: '123456' })
  const [row] = await gateway.query<{ failed: number; waits: boolean }>(`SELECT failed_logins AS failed, locked_until > onboard.now() AS waits FROM users WHERE email = 'eve@acme.example'`)
  expect(row).toEqual({ failed: 5, waits: true })
  expect((await eve.submit(page, { code: await code(key) })).status).toBe(403)
  await gateway.later(1)
  expect((await eve.submit(page, { code: await code(key) })).at).toBe('/t/acme/')
})

test('after a temporary password was changed the second factor is still due', async () => {
  await gateway.user('acme', 'tom@acme.example', { set: { must_change_password: true } })
  const tom = browser(gateway.origin)
  const page = await tom.signIn('acme', 'tom@acme.example')
  expect(page.at).toBe('/t/acme/password')
  const next = 'a password of my own'
  expect((await tom.submit(page, { next, again: next })).at).toBe('/t/acme/mfa')
  expect((await tom.call('GET', '/t/acme/api/me')).status).toBe(401)
})

test('an administrator lets somebody enrol another app', async () => {
  await gateway.user('acme', 'admin@acme.example', { role: 'admin' })
  const admin = browser(gateway.origin)
  const page = await admin.signIn('acme', 'admin@acme.example')
  await admin.submit(page, { code: await code(keyOn(page.text)) })
  const { key } = await enrolled('dan@acme.example')
  const [row] = await gateway.query<{ id: string }>(`SELECT id FROM users WHERE email = 'dan@acme.example'`)
  expect((await admin.call('PATCH', `/t/acme/api/members/${row?.id}`, { second_factor: 'forgotten' })).status).toBe(200)
  const again = await browser(gateway.origin).signIn('acme', 'dan@acme.example')
  expect(keyOn(again.text)).not.toEqual(key)
})

test('without a sealing key the page says what is missing', async () => {
  const other = await peopleGateway({ seal: null })
  await other.tenant('acme', { settings: { mfa: true } })
  await other.user('acme', 'ada@acme.example')
  expect(await browser(other.origin).signIn('acme', 'ada@acme.example')).toMatchObject({ status: 503, text: expect.stringContaining('sealing key') })
})

test('under another sealing key nobody is let in, and everybody reads why; forgotten, it is enrolled anew', async () => {
  const { key } = await enrolled('far@acme.example')
  await gateway.later(1)
  const far = browser(gateway.origin)
  const page = await far.signIn('acme', 'far@acme.example')
  const other = createSeal(randomBytes(32)).seal(new Secret('JBSWY3DPEHPK3PXP'), ['users.totp_secret', 'x', 'y'])
  await gateway.query(`UPDATE users SET totp_secret = $1 WHERE email = 'far@acme.example'`, [other])
  expect(await far.submit(page, { code: await code(key) })).toMatchObject({ status: 503, text: expect.stringContaining('sealing key') })
  expect((await far.call('GET', '/t/acme/api/me')).status).toBe(401)
  // What the documentation tells whoever has lost the key.
  await gateway.query('UPDATE users SET totp_secret = NULL, totp_confirmed_at = NULL, totp_last_step = NULL')
  expect((await browser(gateway.origin).signIn('acme', 'far@acme.example')).text).toContain('id="key"')
})
