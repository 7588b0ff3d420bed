import { beforeAll, describe, expect, test } from 'vitest'
import { Secret } from '../../src/contract.ts'
import { createPasswords } from '../../src/product/password.ts'
import { browser, PASSWORD, peopleGateway, type PeopleGateway } from './people.ts'

let gateway: PeopleGateway
beforeAll(async () => {
  gateway = await peopleGateway()
  await gateway.tenant('acme')
  await gateway.user('acme', 'Ada@acme.example', { role: 'admin' })
})

describe('signing in by password', () => {
  test('leads home, whatever the case of the address, and says who it is', async () => {
    const ada = browser(gateway.origin)
    const home = await ada.signIn('acme', 'ada@ACME.example')
    expect(home).toMatchObject({ status: 200, at: '/t/acme/' })
    expect(home.text).toContain('Ada@acme.example')
    expect((await ada.call('GET', '/t/acme/api/me')).body).toMatchObject({ email: 'Ada@acme.example', role: 'admin', tenant: { slug: 'acme' }, session: { method: 'password' } })
    expect(await gateway.events('acme')).toContain('login.password')
    const [row] = await gateway.query(`SELECT last_login_at IS NOT NULL AS seen FROM users WHERE email = 'Ada@acme.example'`)
    expect(row).toEqual({ seen: true })
  })

  test('a name, however it is written, is text on the page', async () => {
    const home = await browser(gateway.origin).signIn('acme', 'ada@acme.example')
    expect(home.text).toContain('Ada &lt;b&gt;Braun&lt;/b&gt;')
    expect(home.text).toContain('ACME &amp; Sons')
    expect(home.text).not.toContain('<b>')
  })

  test('says the same of a wrong password, an unknown address, one without a password and one that is deactivated', async () => {
    await gateway.user('acme', 'off@acme.example', { set: { active: false } })
    await gateway.user('acme', 'none@acme.example', { password: null })
    const answers = await Promise.all([
      ['ada@acme.example', 'wrong'], ['nobody@acme.example', PASSWORD], ['off@acme.example', PASSWORD], ['none@acme.example', PASSWORD], ['none@acme.example', ''],
    ].map(async ([email = '', password]) => {
      const page = await browser(gateway.origin).signIn('acme', email, password)
      return { status: page.status, text: page.text.replaceAll(email, 'X').replace(/value="[A-Za-z0-9_-]{43}"/, 'TOKEN') }
    }))
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 403, text: expect.stringContaining('role="alert"') })
  })
})

test('a stopwatch does not tell an address that nobody has from one with a wrong password', async () => {
  // Dear enough that the comparison is most of it.
  const dear = createPasswords(9)
  const slow = await peopleGateway({ passwords: dear })
  await slow.tenant('acme')
  const hash = await dear.hash(new Secret(PASSWORD))
  for (let n = 0; n < 7; n++) await slow.user('acme', `known${n}@acme.example`, { set: { password_hash: hash } })
  const one = browser(slow.origin)
  const page = await one.get('/t/acme/login')
  const times: Record<string, number[]> = { known: [], unknown: [] }
  for (let n = 0; n < 7; n++) {
    for (const kind of n % 2 === 0 ? ['known', 'unknown'] : ['unknown', 'known']) {
      const begun = performance.now()
      await one.submit(page, { email: `${kind}${n}@acme.example`, password: 'wrong' })
      times[kind]?.push(performance.now() - begun)
    }
  }
  const median = (list: number[] = []): number => list.toSorted((a, b) => a - b)[3] ?? 0
  expect(median(times['unknown']) / median(times['known'])).toBeGreaterThan(0.6)
  expect(median(times['unknown']) / median(times['known'])).toBeLessThan(1.6)
})

test('support can read why nobody came in', async () => {
  await gateway.tenant('told')
  await gateway.user('told', 'off@acme.example', { set: { active: false } })
  await gateway.user('told', 'late@acme.example', { set: { locked_until: '2026-03-10' } })
  await gateway.user('told', 'ada@acme.example')
  for (const name of ['off', 'late', 'nobody', 'ada']) await browser(gateway.origin).signIn('told', `${name}@acme.example`, 'wrong')
  const rows = await gateway.query(`SELECT detail ->> 'reason' AS reason, user_id IS NOT NULL AS known, ip FROM audit_events e JOIN tenants t ON t.id = e.tenant_id WHERE slug = 'told' ORDER BY e.id`)
  const ip = '127.0.0.1'
  expect(rows).toEqual([
    { reason: 'deactivated', known: true, ip }, { reason: 'has-to-wait', known: true, ip }, { reason: 'unknown', known: false, ip }, { reason: 'wrong-password', known: true, ip },
  ])
})

test('what cannot be kept is refused as what it is, and breaks nothing', async () => {
  const one = browser(gateway.origin)
  expect((await one.signIn('acme', 'a\0b@acme.example')).status).toBe(400)
  expect((await one.get('/t/%00/login')).status).toBe(400)
  expect((await one.get('/set-password?token=%00')).status).toBe(404)
  expect((await one.signIn('acme', `${'x'.repeat(100_000)}@acme.example`)).status).toBe(403)
  expect((await one.signIn('acme', 'ada@acme.example', '\0'.repeat(10_000))).status).toBe(403)
})

describe('guesses', () => {
  const locked = async (email: string): Promise<{ failed: number; wait: number | null }> => {
    const [row] = await gateway.query<{ failed: number; wait: number | null }>(
      `SELECT failed_logins AS failed, extract(epoch FROM locked_until - onboard.now())::int AS wait FROM users WHERE email = $1`, [email],
    )
    return row ?? { failed: -1, wait: null }
  }

  test('cost a wait from the fifth on that doubles up to a quarter of an hour; the right password ends it', async () => {
    await gateway.user('acme', 'eve@acme.example')
    const eve = browser(gateway.origin)
    const waits: (number | null)[] = []
    for (let n = 0; n < 17; n++) {
      await eve.signIn('acme', 'eve@acme.example', 'wrong')
      waits.push((await locked('eve@acme.example')).wait)
      await gateway.later(15)
    }
    expect(waits.slice(0, 8)).toEqual([null, null, null, null, 1, 2, 4, 8])
    expect(Math.max(...waits.map((one) => one ?? 0))).toBe(900)
    expect((await eve.signIn('acme', 'eve@acme.example')).at).toBe('/t/acme/')
    expect(await locked('eve@acme.example')).toEqual({ failed: 0, wait: null })
  })

  test('during the wait even the right password is answered like a wrong one, and costs nothing more', async () => {
    await gateway.user('acme', 'kim@acme.example', { set: { failed_logins: 8, locked_until: '2026-03-10' } })
    expect(await browser(gateway.origin).signIn('acme', 'kim@acme.example')).toMatchObject({ status: 403 })
    expect((await locked('kim@acme.example')).failed).toBe(8)
  })

  test('at the same moment are counted one after the other: twenty are no more than five', async () => {
    const id = await gateway.user('acme', 'max@acme.example')
    await Promise.all(Array.from({ length: 20 }, () => browser(gateway.origin).signIn('acme', 'max@acme.example', 'wrong')))
    expect((await locked('max@acme.example')).failed).toBe(5)
    const rows = await gateway.query(`SELECT count(*)::int AS count FROM audit_events WHERE user_id = $1 AND detail ->> 'reason' = 'wrong-password'`, [id])
    expect(rows).toEqual([{ count: 5 }])
  })
})

describe('who may sign in at all', () => {
  test('while a tenant is being set up its administrators, who test it; nobody while it is suspended', async () => {
    await gateway.tenant('new', { status: 'provisioning' })
    await gateway.user('new', 'admin@new.example', { role: 'admin' })
    await gateway.user('new', 'member@new.example')
    const [admin, member] = [browser(gateway.origin), browser(gateway.origin)]
    expect((await admin.signIn('new', 'admin@new.example')).at).toBe('/t/new/')
    expect((await member.signIn('new', 'member@new.example')).text).toContain('being set up')
    await gateway.query(`UPDATE tenants SET status = 'live' WHERE slug = 'new'`)
    expect((await member.signIn('new', 'member@new.example')).at).toBe('/t/new/')
    await gateway.query(`UPDATE tenants SET status = 'suspended' WHERE slug = 'new'`)
    expect(await admin.get('/t/new/login')).toMatchObject({ status: 403, text: expect.stringContaining('suspended') })
    expect((await member.call('GET', '/t/new/api/me')).status).toBe(401)
  })

  test('where passwords are off only accounts for emergencies, by a form that is out of the way', async () => {
    await gateway.tenant('sso', { settings: { enabled: { password: false } } })
    await gateway.user('sso', 'ann@sso.example', { role: 'admin' })
    await gateway.user('sso', 'glass@sso.example', { role: 'admin', set: { break_glass: true } })
    const page = await browser(gateway.origin).get('/t/sso/login')
    expect(page.text).not.toContain('type="password"')
    expect(page.text).toContain('href="/t/sso/login?emergency=1"')
    const by = async (email: string) => {
      const someone = browser(gateway.origin)
      return someone.submit(await someone.get('/t/sso/login?emergency=1'), { email, password: PASSWORD })
    }
    expect((await by('ann@sso.example')).status).toBe(403)
    expect((await by('glass@sso.example')).at).toBe('/t/sso/')
    const [event] = await gateway.query<{ detail: unknown }>(`SELECT detail FROM audit_events WHERE event = 'login.password' AND detail ? 'break_glass'`)
    expect(event?.detail).toMatchObject({ break_glass: true })
  })

  test('nobody of another tenant, whose cookie is good for nothing here', async () => {
    await gateway.tenant('other')
    await gateway.user('other', 'eve@other.example')
    const eve = browser(gateway.origin)
    expect((await eve.signIn('acme', 'eve@other.example')).status).toBe(403)
    expect((await eve.signIn('other', 'eve@other.example')).at).toBe('/t/other/')
    expect((await eve.call('GET', '/t/acme/api/me')).status).toBe(401)
    expect((await eve.get('/t/acme/')).at).toBe('/t/acme/login?said=ended')
    expect((await eve.get('/t/nowhere/login')).status).toBe(404)
  })
})

describe('a temporary password', () => {
  const temporary = { must_change_password: true, password_expires_at: '2100-01-01' }

  test('leads to its change and to nothing else; the new one must be another', async () => {
    await gateway.user('acme', 'tom@acme.example', { set: temporary })
    const tom = browser(gateway.origin)
    const page = await tom.signIn('acme', 'tom@acme.example')
    expect(page).toMatchObject({ status: 200, at: '/t/acme/password' })
    expect((await tom.get('/t/acme/')).at).toBe('/t/acme/password')
    expect((await tom.call('GET', '/t/acme/api/me')).status).toBe(401)
    for (const [next, again, said] of [
      [PASSWORD, PASSWORD, 'is the old one'], ['short', 'short', 'at least 12 characters'], ['a new long password', 'another long one', 'not the same'],
      ['x'.repeat(73), 'x'.repeat(73), 'too long'], ['aaaaaaaaaaaaaa', 'aaaaaaaaaaaaaa', 'easily guessed'], ['tom@acme.example1', 'tom@acme.example1', 'e-mail address'],
    ] as const) {
      const refused = await tom.submit(page, { next, again })
      expect(refused).toMatchObject({ status: 422, text: expect.stringContaining(said) })
      expect(refused.text).not.toContain(`value="${next}"`)
    }
    const before = new Map(tom.cookies)
    expect((await tom.submit(page, { next: 'a new long password', again: 'a new long password' })).at).toBe('/t/acme/')
    // The cookie of before opens nothing.
    expect(tom.cookies.get('onboard')).not.toBe(before.get('onboard'))
    const old = browser(gateway.origin)
    for (const [name, value] of before) old.cookies.set(name, value)
    expect((await old.call('GET', '/t/acme/api/me')).status).toBe(401)
    expect((await browser(gateway.origin).signIn('acme', 'tom@acme.example')).status).toBe(403)
    expect((await browser(gateway.origin).signIn('acme', 'tom@acme.example', 'a new long password')).at).toBe('/t/acme/')
  })

  test('past its time opens nothing, and whoever knows it is told so', async () => {
    await gateway.user('acme', 'late@acme.example', { set: { ...temporary, password_expires_at: '2026-01-01' } })
    expect((await browser(gateway.origin).signIn('acme', 'late@acme.example')).text).toContain('no longer good')
    expect((await browser(gateway.origin).signIn('acme', 'late@acme.example', 'wrong')).text).not.toContain('no longer good')
  })
})

describe('a form', () => {
  test.each([
    ['from another site', { origin: 'https://evil.example' }], ['from nowhere', { origin: 'null' }],
    ['from another site, where the browser says only that', { origin: '', 'sec-fetch-site': 'cross-site' }],
  ])('%s is refused', async (_what, headers) => {
    const ada = browser(gateway.origin)
    const page = await ada.get('/t/acme/login')
    const { origin, ...others } = headers as Record<string, string>
    const answer = await ada.submit(page, { email: 'ada@acme.example', password: PASSWORD }, origin === '' ? { ...others, origin: gateway.origin.replace('127.0.0.1', '127.0.0.2') } : headers as Record<string, string>)
    expect(answer).toMatchObject({ status: 403, text: expect.stringContaining('another site') })
    expect(ada.cookies.has('onboard')).toBe(false)
  })

  test('without its token, or with the token of another browser, is refused', async () => {
    const [ada, eve] = [browser(gateway.origin), browser(gateway.origin)]
    const [hers, page] = [await eve.get('/t/acme/login'), await ada.get('/t/acme/login')]
    expect((await ada.submit(hers, { email: 'ada@acme.example', password: PASSWORD })).status).toBe(403)
    expect((await ada.submit(page, { email: 'ada@acme.example', password: PASSWORD, form_token: '' })).status).toBe(403)
    expect((await ada.submit(page, { email: 'ada@acme.example', password: PASSWORD })).at).toBe('/t/acme/')
  })

  test.each([
    ['/t/acme/password', '/t/acme/password'], ['/t/other/', '/t/acme/'], ['//evil.example/', '/t/acme/'], ['https://evil.example/', '/t/acme/'],
    ['/t/acme/../../evil', '/t/acme/'], ['/\\evil.example', '/t/acme/'],
  ])('return_to %s leads to %s', async (wish, end) => {
    const ada = browser(gateway.origin)
    const page = await ada.get(`/t/acme/login?return_to=${encodeURIComponent(wish)}`)
    expect((await ada.submit(page, { email: 'ada@acme.example', password: PASSWORD })).at).toBe(end)
  })
})

test('the password is neither in a log, nor in the database, nor in an answer', async () => {
  const lines: string[] = []
  const other = await peopleGateway({ log: { write: (line) => void lines.push(line) } })
  await other.tenant('acme')
  await other.user('acme', 'ada@acme.example')
  const typed = 'typed-by-mistake-into-the-form'
  const page = await browser(other.origin).signIn('acme', typed, typed)
  expect(page.text).not.toContain(`type="password" autocomplete="current-password" required value`)
  await browser(other.origin).signIn('acme', 'ada@acme.example', typed)
  expect(lines.length).toBeGreaterThan(0)
  expect(lines.join('')).not.toContain(typed)
  for (const table of ['users', 'sessions', 'audit_events']) expect(JSON.stringify(await other.query(`SELECT * FROM ${table}`))).not.toContain(typed)
})
