import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { browser, PASSWORD, peopleGateway, type PeopleGateway } from './people.ts'

let gateway: PeopleGateway
beforeAll(async () => {
  gateway = await peopleGateway()
  await gateway.tenant('acme')
})
let number = 0
let email = ''
beforeEach(async () => {
  gateway.letters.length = 0
  email = `person${++number}@acme.example`
  await gateway.user('acme', email)
})

const NEXT = 'a new long password'
const hash = (token: string): string => createHash('sha256').update(token).digest('hex')
async function ask(address: string) {
  const one = browser(gateway.origin)
  return one.submit(await one.get('/t/acme/reset'), { email: address })
}
/** Asks, and gives path and query of the link that comes. */
async function link(): Promise<string> {
  await ask(email)
  await expect.poll(() => gateway.letters.length).toBe(1)
  const { pathname, search } = new URL(/https?:\S+/.exec(gateway.letters[0]?.body.text ?? '')?.[0] ?? '')
  return pathname + search
}

test('a mail brings a link, which sets a password; then the link is used up and every session is over', async () => {
  const before = browser(gateway.origin)
  await before.signIn('acme', email)
  const path = await link()
  expect(gateway.letters[0]).toMatchObject({ to: [email], subject: 'A new password for ACME & Sons', date: '2026-03-02T09:00:00Z' })
  const [kept] = await gateway.query<{ hash: string }>(`SELECT set_password_token_hash AS hash FROM users WHERE email = $1`, [email])
  expect(kept?.hash).toBe(hash(new URLSearchParams(path.split('?')[1]).get('token') ?? ''))
  const one = browser(gateway.origin)
  // Mail programs and scanners look at links: looking uses nothing up.
  for (let n = 0; n < 3; n++) await one.get(path)
  const page = await one.get(path)
  expect(page.text).toContain(email)
  const end = await one.submit(page, { next: NEXT, again: NEXT })
  expect(end.text).toContain('Your password is set')
  expect((await before.call('GET', '/t/acme/api/me')).status).toBe(401)
  expect((await browser(gateway.origin).signIn('acme', email)).status).toBe(403)
  expect((await browser(gateway.origin).signIn('acme', email, NEXT)).at).toBe('/t/acme/')
  expect(await one.get(path)).toMatchObject({ status: 410, text: expect.stringContaining('Ask for a new one') })
  expect(await gateway.events('acme')).toEqual(expect.arrayContaining(['password.reset.asked', 'password.set', 'session.ended']))
})

test('two who use one link at the same moment: one wins, and only that password is good', async () => {
  const path = await link()
  const browsers = Array.from({ length: 6 }, () => browser(gateway.origin))
  const pages = await Promise.all(browsers.map((one) => one.get(path)))
  const ends = await Promise.all(browsers.map((one, n) => one.submit(pages[n]!, { next: `${NEXT} ${n}`, again: `${NEXT} ${n}` })))
  expect(ends.map(({ status }) => status).toSorted()).toEqual([200, 410, 410, 410, 410, 410])
  const winner = ends.findIndex(({ status }) => status === 200)
  const opened = []
  for (let n = 0; n < 4; n++) opened.push((await browser(gateway.origin).signIn('acme', email, `${NEXT} ${n === 0 ? winner : (winner + n) % 6}`)).status === 200)
  expect(opened).toEqual([true, false, false, false])
})

test('the answer is the same for an address that nobody has, and for one without an account that could sign in', async () => {
  await gateway.user('acme', 'off@acme.example', { set: { active: false } })
  const pages = [await ask(email), await ask('nobody@acme.example'), await ask('off@acme.example')]
  expect(new Set(pages.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
  expect(pages[0]?.text).toContain('If there is an account')
  await expect.poll(async () => (await gateway.events('acme')).filter((one) => one === 'password.reset.asked').length).toBeGreaterThanOrEqual(3)
  // It is asked for before it is written.
  await expect.poll(() => gateway.letters.map(({ to }) => to)).toEqual([[email]])
})

test('a newer link takes the place of the one before, and a quarter of an hour has three at most', async () => {
  const first = await link()
  for (let n = 0; n < 4; n++) await ask(email)
  await expect.poll(() => gateway.letters.length).toBe(3)
  expect((await browser(gateway.origin).get(first)).status).toBe(410)
})

test('a link is good for an hour, for its own tenant, and opens the way for somebody who has to wait', async () => {
  await gateway.query(`UPDATE users SET failed_logins = 50, locked_until = '2100-01-01' WHERE email = $1`, [email])
  await gateway.tenant(`other${number}`)
  const path = await link()
  expect((await browser(gateway.origin).get(path.replace('/acme/', `/other${number}/`))).status).toBe(410)
  const one = browser(gateway.origin)
  const page = await one.get(path)
  await gateway.later(61)
  expect((await one.submit(page, { next: NEXT, again: NEXT })).status).toBe(410)
  gateway.letters.length = 0
  await one.submit(await one.get(await link()), { next: NEXT, again: NEXT })
  expect((await one.signIn('acme', email, NEXT)).at).toBe('/t/acme/')
})

test('a weak password is refused with the reason, and the link stays good', async () => {
  const one = browser(gateway.origin)
  const page = await one.get(await link())
  const refused = await one.submit(page, { next: 'short', again: 'short' })
  expect(refused).toMatchObject({ status: 422, text: expect.stringContaining('at least 12 characters') })
  expect((await one.submit(refused, { next: NEXT, again: NEXT })).text).toContain('Your password is set')
})

test('the link of a welcome names no tenant, and leads to its page', async () => {
  await gateway.query(`UPDATE users SET password_hash = NULL, set_password_token_hash = $2, set_password_expires_at = onboard.now() + interval '1 day' WHERE email = $1`, [email, hash('welcome')])
  const one = browser(gateway.origin)
  const page = await one.get('/set-password?token=welcome')
  expect(page).toMatchObject({ status: 200, at: '/t/acme/reset?token=welcome' })
  await one.submit(page, { next: NEXT, again: NEXT })
  expect((await one.signIn('acme', email, NEXT)).at).toBe('/t/acme/')
  expect(await one.get('/set-password?token=nothing')).toMatchObject({ status: 404, text: expect.stringContaining('Ask for a new one') })
})

test('a mail that is on its way is sent before the gateway ends', async () => {
  const sent: string[] = []
  const ending = await peopleGateway({ mail: async ({ to }) => {
    await new Promise((resolve) => setTimeout(resolve, 100))
    sent.push(...to)
  } })
  await ending.tenant('acme')
  await ending.user('acme', email)
  const one = browser(ending.origin)
  await one.submit(await one.get('/t/acme/reset'), { email })
  expect(sent).toEqual([])
  await ending.end()
  expect(sent).toEqual([email])
})

test('where passwords are off no link comes but to an account for emergencies', async () => {
  await gateway.tenant('sso', { settings: { enabled: { password: false } } })
  await gateway.user('sso', 'ann@sso.example')
  await gateway.user('sso', 'glass@sso.example', { set: { break_glass: true } })
  for (const address of ['ann@sso.example', 'glass@sso.example']) {
    const one = browser(gateway.origin)
    await one.submit(await one.get('/t/sso/reset'), { email: address })
  }
  await expect.poll(async () => (await gateway.events('sso')).length).toBe(2)
  expect(gateway.letters.map(({ to }) => to)).toEqual([['glass@sso.example']])
})

test('a Host header has no say in where a link leads: it is the public URL, or this machine', async () => {
  const lines: string[] = []
  const closed = await peopleGateway({ log: { write: (line) => void lines.push(line) } })
  await closed.tenant('acme')
  await closed.user('acme', email)
  expect(await postedTo(closed.origin, 'evil.example', email)).toContain('a mail is on its way')
  await expect.poll(() => lines.join('')).toContain('no public URL')
  expect(closed.letters).toEqual([])

  const open = await peopleGateway({ publicUrl: 'https://app.vendor.example' })
  await open.tenant('acme')
  await open.user('acme', email)
  expect(await postedTo(open.origin, 'evil.example', email, 'https://app.vendor.example')).toContain('a mail is on its way')
  await expect.poll(() => open.letters.length).toBe(1)
  expect(open.letters[0]?.body.text).toMatch(/^https:\/\/app\.vendor\.example\/t\/acme\/reset\?token=/m)
})

/** Asks for a link with a Host header of one's own, which fetch does not allow. */
async function postedTo(origin: string, host: string, address: string, from = `http://${host}`): Promise<string> {
  const { hostname, port } = new URL(origin)
  const sent = (method: string, headers: Record<string, string>, body?: string) => new Promise<{ text: string; cookie: string }>((resolve, reject) => {
    const asked = request({ hostname, port, path: '/t/acme/reset', method, headers: { host, accept: 'text/html', ...headers } }, (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('end', () => resolve({ text: Buffer.concat(parts).toString(), cookie: (answer.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ') }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
  const page = await sent('GET', {})
  const form_token = /name="form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
  const body = new URLSearchParams({ form_token, email: address }).toString()
  return (await sent('POST', { cookie: page.cookie, origin: from, 'content-type': 'application/x-www-form-urlencoded' }, body)).text
}

test('a new password is chosen by whoever knows the old one; other sessions end', async () => {
  const [here, there] = [browser(gateway.origin), browser(gateway.origin)]
  await here.signIn('acme', email)
  await there.signIn('acme', email)
  const page = await here.get('/t/acme/password')
  expect((await here.submit(page, { current: 'wrong', next: NEXT, again: NEXT })).text).toContain('current password is not right')
  expect((await here.submit(page, { current: PASSWORD, next: NEXT, again: NEXT })).text).toContain('Your password is changed')
  expect((await here.call('GET', '/t/acme/api/me')).status).toBe(200)
  expect((await there.call('GET', '/t/acme/api/me')).status).toBe(401)
})
