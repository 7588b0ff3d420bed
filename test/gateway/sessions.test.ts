import { beforeAll, describe, expect, test } from 'vitest'
import { endSessions, sessionOf, startSession } from '../../src/identity/accounts/sessions.ts'
import { tablesOf } from '../../src/identity/sql.ts'
import { browser, peopleGateway, type PeopleGateway } from './people.ts'

let gateway: PeopleGateway
const tables = tablesOf('public')
beforeAll(async () => {
  gateway = await peopleGateway()
  await gateway.tenant('acme', { settings: { session: { idle_minutes: 10, absolute_hours: 2 } } })
  await gateway.user('acme', 'ada@acme.example', { role: 'admin' })
})

const signedIn = async (tenant = 'acme', email = 'ada@acme.example') => {
  const someone = browser(gateway.origin)
  expect((await someone.signIn(tenant, email)).at).toBe(`/t/${tenant}/`)
  return someone
}
const status = async (someone: Awaited<ReturnType<typeof signedIn>>, tenant = 'acme'): Promise<number> =>
  (await someone.call('GET', `/t/${tenant}/api/me`)).status
const why = async (): Promise<string | null> => {
  const [row] = await gateway.query<{ ended_why: string | null }>('SELECT ended_why FROM sessions ORDER BY created_at DESC, id LIMIT 1')
  return row?.ended_why ?? null
}

describe("the tenant's limits", () => {
  test('without a request it ends after the idle minutes; each request begins them anew', async () => {
    const ada = await signedIn()
    for (let n = 0; n < 3; n++) {
      await gateway.later(9)
      expect(await status(ada)).toBe(200)
    }
    await gateway.later(10)
    const page = await ada.get('/t/acme/')
    expect(page).toMatchObject({ at: '/t/acme/login?said=ended', text: expect.stringContaining('Your session has ended') })
    expect(await why()).toBe('idle')
    expect(await status(ada)).toBe(401)
  })

  test('an idle minute is one without a request', async () => {
    await gateway.tenant('strict', { settings: { session: { idle_minutes: 1 } } })
    await gateway.user('strict', 'ada@acme.example')
    const ada = await signedIn('strict')
    for (let n = 0; n < 6; n++) {
      await gateway.later(0.6)
      expect(await status(ada, 'strict')).toBe(200)
    }
    await gateway.later(1)
    expect(await status(ada, 'strict')).toBe(401)
  })

  test('with however many requests it ends after the absolute hours', async () => {
    const ada = await signedIn()
    for (let minutes = 0; minutes < 115; minutes += 5) {
      await gateway.later(5)
      expect(await status(ada)).toBe(200)
    }
    await gateway.later(5)
    expect(await status(ada)).toBe(401)
    expect(await why()).toBe('age')
  })

  test('a session that waits for a new password or a code ends after a quarter of an hour', async () => {
    await gateway.user('acme', 'tom@acme.example', { set: { must_change_password: true } })
    await gateway.tenant('long', { settings: { session: { idle_minutes: 600, absolute_hours: 24 } } })
    await gateway.user('long', 'tom@acme.example', { set: { must_change_password: true } })
    const tom = browser(gateway.origin)
    expect((await tom.signIn('long', 'tom@acme.example')).at).toBe('/t/long/password')
    await gateway.later(15)
    expect((await tom.get('/t/long/password')).at).toBe('/t/long/login?said=ended&return_to=%2Ft%2Flong%2Fpassword')
  })
})

test('signing out ends it here, and its cookie opens nothing afterwards', async () => {
  const ada = await signedIn()
  const home = await ada.get('/t/acme/')
  const before = new Map(ada.cookies)
  expect((await ada.submit(home, {})).text).toContain('You are signed out')
  expect(ada.cookies.has('onboard')).toBe(false)
  const thief = browser(gateway.origin)
  for (const [name, value] of before) thief.cookies.set(name, value)
  expect(await status(thief)).toBe(401)
  expect(await gateway.events('acme')).toContain('logout')
  // By an address that somebody clicks nobody is signed out.
  expect((await ada.get('/t/acme/logout')).status).toBe(404)
})

test('a user who is deactivated, and everybody of a tenant that is suspended, is out at once', async () => {
  await gateway.tenant('closing')
  const id = await gateway.user('closing', 'bob@acme.example')
  const bob = await signedIn('closing', 'bob@acme.example')
  await gateway.query('UPDATE users SET active = false WHERE id = $1', [id])
  expect(await status(bob, 'closing')).toBe(401)
  await gateway.query('UPDATE users SET active = true WHERE id = $1', [id])
  expect(await status(bob, 'closing')).toBe(200)
  await gateway.query(`UPDATE tenants SET status = 'suspended' WHERE slug = 'closing'`)
  expect(await status(bob, 'closing')).toBe(401)
})

test('passwords that are switched off end the sessions that began by one, but for emergencies; a connection that is, its own', async () => {
  await gateway.tenant('turning')
  await gateway.user('turning', 'ann@acme.example')
  await gateway.user('turning', 'glass@acme.example', { set: { break_glass: true } })
  const [ann, glass] = [await signedIn('turning', 'ann@acme.example'), await signedIn('turning', 'glass@acme.example')]
  const [made] = await gateway.query<{ id: string; tenant: string; user: string }>(
    `INSERT INTO sso_connections (tenant_id, name, protocol, settings, enabled) SELECT t.id, 'okta', 'saml', '{}', true FROM tenants t WHERE slug = 'turning'
     RETURNING id::text, tenant_id::text AS tenant, (SELECT id::text FROM users WHERE email = 'ann@acme.example') AS user`,
  )
  const { id = '', tenant = '', user = '' } = made ?? {}
  const { token } = await startSession(gateway.query, tables, { tenant, user, method: 'saml', stage: 'full', connection: id, subject: 'ann' })
  const bySaml = browser(gateway.origin)
  bySaml.cookies.set('onboard', token.reveal())
  await gateway.query(`UPDATE tenants SET settings = '{"enabled": {"password": false}}' WHERE slug = 'turning'`)
  expect([await status(ann, 'turning'), await status(glass, 'turning'), await status(bySaml, 'turning')]).toEqual([401, 200, 200])
  await gateway.query('UPDATE sso_connections SET enabled = false WHERE id = $1', [id])
  expect(await status(bySaml, 'turning')).toBe(401)
  expect((await gateway.query(`SELECT ended_why FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = 'ann@acme.example' ORDER BY 1`)).map((row) => row['ended_why'])).toEqual(['connection-off', 'passwords-off'])
})

test('only the SHA-256 of a cookie is kept, and no two cookies are alike', async () => {
  const [one, other] = [await signedIn(), await signedIn()]
  const cookie = one.cookies.get('onboard') ?? ''
  expect(Buffer.from(cookie, 'base64url')).toHaveLength(32)
  expect(cookie).not.toBe(other.cookies.get('onboard'))
  expect(JSON.stringify(await gateway.query('SELECT * FROM sessions'))).not.toContain(cookie)
})

test('of sessions that nobody has used for three months nothing is kept', async () => {
  await signedIn()
  await gateway.later(91 * 24 * 60)
  const count = async (): Promise<number> => (await gateway.query<{ count: number }>('SELECT count(*)::int AS count FROM sessions'))[0]?.count ?? 0
  const before = await count()
  expect(before).toBeGreaterThan(0)
  await signedIn()
  expect(await count()).toBe(before - Math.min(before, 4) + 1)
})

describe('ending sessions', () => {
  const started = async (more: object) => {
    const [row] = await gateway.query<{ user: string; tenant: string }>(`SELECT u.id::text AS user, u.tenant_id::text AS tenant FROM users u WHERE email = 'ada@acme.example'`)
    const { user = '', tenant = '' } = row ?? {}
    const session = await startSession(gateway.query, tables, { tenant, user, method: 'password', stage: 'full', ...more })
    return { ...session, user, tenant, isLive: async () => (await sessionOf(gateway.query, tables, 'acme', session.token.reveal())) !== undefined }
  }
  test('by identity provider: one session of a subject, or all of them', async () => {
    const [made] = await gateway.query<{ id: string }>(`INSERT INTO sso_connections (tenant_id, name, protocol, settings, enabled) SELECT id, 'okta', 'saml', '{}', true FROM tenants WHERE slug = 'acme' RETURNING id::text`)
    const connection = made?.id ?? ''
    const by = { method: 'saml', connection, subject: 'ada' }
    const [a, b, c] = [await started({ ...by, session_index: 'a' }), await started({ ...by, session_index: 'b' }), await started({ ...by, subject: 'eve' })]
    expect(await endSessions(gateway.query, tables, { connection, subject: 'ada', session_index: 'a' }, 'logout')).toBe(1)
    expect([await a.isLive(), await b.isLive()]).toEqual([false, true])
    expect(await endSessions(gateway.query, tables, { connection, subject: 'ada' }, 'logout')).toBe(1)
    expect([await b.isLive(), await c.isLive()]).toEqual([false, true])
  })
  test('by tenant and way of signing in; once ended they are not ended again', async () => {
    const one = await started({})
    const [before] = await gateway.query<{ count: number }>(`SELECT count(*)::int AS count FROM sessions WHERE ended_at IS NULL AND tenant_id = $1 AND method = 'password'`, [one.tenant])
    const which = { tenant: one.tenant, method: 'password' } as const
    expect(await endSessions(gateway.query, tables, which, 'passwords-off')).toBe(before?.count)
    expect(await one.isLive()).toBe(false)
    expect(await endSessions(gateway.query, tables, which, 'passwords-off')).toBe(0)
  })
})

describe('the cookie', () => {
  test('on plain HTTP is for this host, for no script, and not sent by other sites', async () => {
    const answer = await setCookie({})
    expect(answer).toMatch(/^onboard=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
  })
  test('behind a public address of https has the prefix that browsers bind to the host, and Secure', async () => {
    const answer = await setCookie({ publicUrl: 'https://app.vendor.example' })
    expect(answer).toMatch(/^__Host-onboard=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
  })
  async function setCookie(settings: Parameters<typeof peopleGateway>[0]): Promise<string | undefined> {
    const other = await peopleGateway(settings)
    await other.tenant('acme')
    await other.user('acme', 'ada@acme.example')
    const one = browser(other.origin)
    const page = await one.get('/t/acme/login')
    const cookie = [...one.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const form_token = /name="form_token" value="([^"]+)"/.exec(page.text)?.[1] ?? ''
    const answer = await fetch(`${other.origin}/t/acme/login`, {
      method: 'POST', redirect: 'manual', headers: { cookie, origin: settings?.publicUrl ?? other.origin },
      body: new URLSearchParams({ form_token, email: 'ada@acme.example', password: 'correct horse battery' }),
    })
    return answer.headers.getSetCookie().find((one) => one.includes('onboard='))
  }
})
