import { beforeAll, describe, expect, test } from 'vitest'
import { isInside } from '../../src/identity/accounts/networks.ts'
import { browser, peopleGateway, type PeopleGateway } from './people.ts'

let gateway: PeopleGateway
beforeAll(async () => {
  gateway = await peopleGateway({ loginsPerMinute: 5, trustedProxies: ['127.0.0.1'] })
})

test("API calls beyond the contract's are answered by 429 and when to come back, for that tenant alone", async () => {
  const people = []
  for (const slug of ['small', 'large']) {
    await gateway.tenant(slug, slug === 'small' ? { settings: { limits: { api_calls_per_15min: 3 } } } : {})
    await gateway.user(slug, `a@${slug}.example`)
    await gateway.user(slug, `b@${slug}.example`)
    for (const name of ['a', 'b']) {
      const someone = browser(gateway.origin)
      await someone.signIn(slug, `${name}@${slug}.example`)
      people.push(someone)
    }
  }
  const [a, b, other] = people as [typeof people[0], typeof people[0], typeof people[0]]
  const first = await a!.call('GET', '/t/small/api/me')
  expect([first.status, first.headers.get('x-ratelimit-limit'), first.headers.get('x-ratelimit-remaining')]).toEqual([200, '3', '2'])
  // All people of a tenant and all addresses of its API count together; whoever has no session does not count.
  expect((await b!.call('GET', '/t/small/api/projects')).status).toBe(200)
  for (let n = 0; n < 5; n++) expect((await browser(gateway.origin).call('GET', '/t/small/api/me')).status).toBe(401)
  expect((await b!.call('GET', '/t/small/api/me')).status).toBe(200)
  const over = await a!.call('GET', '/t/small/api/me')
  expect(over).toMatchObject({ status: 429, body: { status: 429, title: 'Too many requests' } })
  const after = Number(over.headers.get('retry-after'))
  expect(after).toBeGreaterThan(800)
  expect(after).toBeLessThanOrEqual(900)
  expect((await other!.call('GET', '/t/large/api/me')).status).toBe(200)
})

test('attempts to sign in from one address are limited for each tenant, before any password is compared', async () => {
  await gateway.tenant('guessed')
  await gateway.user('guessed', 'ada@acme.example')
  const eve = browser(gateway.origin, { 'x-forwarded-for': '203.0.113.7' })
  const answers = []
  for (let n = 0; n < 7; n++) answers.push(await eve.signIn('guessed', `nobody${n}@acme.example`, 'wrong'))
  expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 429, 429])
  expect(Number(answers[5]?.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(answers[5]?.text).toContain('Try again in')
  const ada = browser(gateway.origin, { 'x-forwarded-for': '203.0.113.8' })
  expect((await ada.signIn('guessed', 'ada@acme.example')).at).toBe('/t/guessed/')
})

describe('networks', () => {
  test('a tenant that names networks lets people in from these alone, at the door and later', async () => {
    await gateway.tenant('walled', { settings: { ip_allowlist: ['198.51.100.0/24', '2001:db8:1::/48'] } })
    await gateway.user('walled', 'ada@acme.example')
    const from = (ip: string) => browser(gateway.origin, { 'x-forwarded-for': ip })
    const inside = from('198.51.100.9')
    expect((await inside.signIn('walled', 'ada@acme.example')).at).toBe('/t/walled/')
    const outside = from('203.0.113.9')
    expect(await outside.get('/t/walled/login')).toMatchObject({ status: 403, text: expect.stringContaining('203.0.113.9') })
    expect(await outside.submit(await inside.get('/t/walled/'), {})).toMatchObject({ status: 403 })
    expect(await gateway.events('walled')).toContain('access.refused')
    // The cookie of a session that was begun inside opens nothing outside.
    for (const [name, value] of inside.cookies) outside.cookies.set(name, value)
    expect((await outside.call('GET', '/t/walled/api/me')).status).toBe(401)
    expect((await from('2001:db8:1::5').signIn('walled', 'ada@acme.example')).at).toBe('/t/walled/')
    expect((await from('::ffff:198.51.100.7').get('/t/walled/login')).status).toBe(200)
    expect((await from('2001:db8:2::5').get('/t/walled/login')).status).toBe(403)
  })

  test('what an untrusted proxy says of an address counts for nothing', async () => {
    const direct = await peopleGateway()
    await direct.tenant('walled', { settings: { ip_allowlist: ['198.51.100.0/24'] } })
    expect((await browser(direct.origin, { 'x-forwarded-for': '198.51.100.9' }).get('/t/walled/login')).status).toBe(403)
  })

  test.each([
    [[], '203.0.113.1', true], [['203.0.113.1'], '203.0.113.1', true], [['203.0.113.0/24'], '203.0.114.1', false], [['203.0.113.0/24'], '::ffff:203.0.113.7', true],
    [['203.0.113.0/24'], '::ffff:cb00:7107', true], [['::ffff:203.0.113.0/120'], '203.0.113.7', true], [['::ffff:203.0.113.0/120'], '203.0.114.7', false],
    [['2001:db8::/32'], '2001:0db8:0000::1', true], [['2001:db8::/32'], '203.0.113.7', false], [['fe80::/10'], 'fe80::1%eth0', true], [['0.0.0.0/0'], '2001:db8::1', false],
    [['0.0.0.0/0'], '203.0.113.7', true], [['::/0'], '2001:db8::1', true], [['nonsense'], '203.0.113.7', false], [['203.0.113.0/99'], '203.0.113.7', false], [['203.0.113.0/24'], 'nonsense', false],
  ] as const)('of %j is %s inside: %s', (networks, ip, expected) => expect(isInside(networks, ip)).toBe(expected))
})

test('what was asked and who came in is counted', async () => {
  await gateway.tenant('counted')
  await gateway.user('counted', 'ada@acme.example')
  const before = await metrics()
  await browser(gateway.origin, { 'x-forwarded-for': '203.0.113.99' }).signIn('counted', 'ada@acme.example')
  await browser(gateway.origin, { 'x-forwarded-for': '203.0.113.99' }).signIn('counted', 'ada@acme.example', 'wrong')
  const after = await metrics()
  expect([after.accepted - before.accepted, after.refused - before.refused]).toEqual([1, 1])
})
async function metrics() {
  const text = await (await fetch(`${gateway.origin}/metrics`)).text()
  const of = (result: string): number => Number(new RegExp(`onboard_logins_total\\{method="password",result="${result}"\\} (\\d+)`).exec(text)?.[1] ?? 0)
  return { accepted: of('accepted'), refused: of('refused') }
}
