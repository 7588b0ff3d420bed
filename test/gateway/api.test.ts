import { beforeAll, describe, expect, test } from 'vitest'
import { type Permission, PERMISSIONS } from '../../src/identity/accounts/roles.ts'
import { ROLES } from '../../src/identity/login/types.ts'
import type { JsonObject } from '../../src/model.ts'
import { type Browser, browser, peopleGateway, type PeopleGateway } from './people.ts'

let gateway: PeopleGateway
const people: Record<string, Browser> = {}
const ids: Record<string, string> = {}
beforeAll(async () => {
  gateway = await peopleGateway()
  await gateway.tenant('acme')
  for (const role of ROLES) {
    ids[role] = await gateway.user('acme', `${role}@acme.example`, { role })
    people[role] = browser(gateway.origin)
    await people[role].signIn('acme', `${role}@acme.example`)
  }
})

const as = (role: string) => (method: string, path: string, body?: JsonObject, headers?: Record<string, string>) =>
  (people[role] as Browser).call(method, `/t/acme/api${path}`, body, headers)
const admin = (...call: Parameters<ReturnType<typeof as>>) => as('admin')(...call)

describe('the matrix of roles', () => {
  /** One request for each permission; its status where it is allowed. */
  const CALLS: Record<Permission, () => Promise<readonly [string, string, JsonObject | undefined, number]>> = {
    'projects:read': async () => ['GET', '/projects', undefined, 200],
    'projects:create': async () => ['POST', '/projects', { name: 'Apollo' }, 201],
    'projects:delete': async () => ['DELETE', `/projects/${(await admin('POST', '/projects', { name: 'to go' })).body['id']}`, undefined, 204],
    'members:read': async () => ['GET', '/members', undefined, 200],
    'members:manage': async () => ['PATCH', `/members/${ids['viewer']}`, { role: 'viewer' }, 200],
    'settings:read': async () => ['GET', '/settings', undefined, 200],
    'settings:write': async () => ['PUT', '/settings/preferences', { time_zone: 'Europe/Berlin' }, 200],
  }
  test.each(ROLES.flatMap((role) => (Object.keys(PERMISSIONS) as Permission[]).map((permission) => [role, permission] as const)))('%s and %s', async (role, permission) => {
    const allowed = (PERMISSIONS[permission] as readonly string[]).includes(role)
    const [method, path, body, status] = await CALLS[permission]()
    const answer = await as(role)(method, path, body)
    expect(answer.status).toBe(allowed ? status : 403)
    if (!allowed) {
      expect(answer.headers.get('content-type')).toContain('application/problem+json')
      expect(answer.body).toEqual({ title: 'You may not do this', status: 403, detail: `The role ${role} lacks ${permission}.` })
    }
  })
  test('/me says what the role may do', async () => {
    expect((await as('viewer')('GET', '/me')).body).toMatchObject({ role: 'viewer', permissions: ['projects:read'] })
    expect(((await admin('GET', '/me')).body['permissions'] as string[]).length).toBe(Object.keys(PERMISSIONS).length)
  })
  test('a role that is none of ours may do nothing', async () => {
    await gateway.user('acme', 'odd@acme.example', { role: 'constructor' })
    const odd = browser(gateway.origin)
    await odd.signIn('acme', 'odd@acme.example')
    expect((await odd.call('GET', '/t/acme/api/projects')).status).toBe(403)
  })
})

test('without a session: 401 as problem details, whatever is asked for', async () => {
  const nobody = browser(gateway.origin)
  for (const [method, path] of [['GET', '/me'], ['GET', '/projects'], ['POST', '/projects'], ['DELETE', '/projects/x']] as const) {
    const answer = await nobody.call(method, `/t/acme/api${path}`, method === 'POST' ? { name: 'x' } : undefined)
    expect(answer).toMatchObject({ status: 401, body: { status: 401, title: 'Sign in first' } })
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect(answer.headers.get('www-authenticate')).toBe('Cookie realm="onboard"')
  }
})

test('another site can neither send a request in the name of whoever is signed in, nor read an answer', async () => {
  for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }] as const) {
    expect((await admin('POST', '/projects', { name: 'x' }, headers)).status).toBe(403)
  }
  const answer = await admin('GET', '/me', undefined, { origin: 'https://evil.example' })
  expect(answer.headers.get('access-control-allow-origin')).toBeNull()
})

test.each([[{}], [{ name: '' }], [{ name: 'x'.repeat(201) }], [{ name: 'x', tenant_id: 'y' }], [['name']], ['name'], [{ name: ['x'] }], [{ name: 'a\0b' }]])('a project of %j is refused', async (body) => {
  const answer = await admin('POST', '/projects', body as JsonObject)
  expect(answer.body).toMatchObject({ status: 400, title: 'This could not be read' })
})

test('projects are listed by hundreds, and are those of the tenant', async () => {
  const [{ id } = { id: '' }] = await gateway.query<{ id: string }>(`SELECT id FROM tenants WHERE slug = 'acme'`)
  await gateway.query(`INSERT INTO projects (tenant_id, name) SELECT $1, 'p' || n FROM generate_series(1, 150) n`, [id])
  await gateway.tenant('other')
  const [foreign] = await gateway.query<{ id: string }>(`INSERT INTO projects (tenant_id, name) SELECT id, 'theirs' FROM tenants WHERE slug = 'other' RETURNING id::text`)
  const all: string[] = []
  for (let after = ''; ;) {
    const { projects } = (await admin('GET', `/projects${after}`)).body as { projects: { id: string; name: string }[] }
    all.push(...projects.map((one) => one.id))
    if (projects.length < 100) break
    after = `?after=${projects.at(-1)?.id}`
  }
  expect(new Set(all).size).toBe(all.length)
  expect(all.length).toBeGreaterThanOrEqual(150)
  expect(all).not.toContain(foreign?.id)
  expect((await admin('GET', `/projects/${foreign?.id}`)).status).toBe(404)
  expect((await admin('DELETE', `/projects/${foreign?.id}`)).status).toBe(404)
  expect((await admin('GET', '/projects?after=x')).status).toBe(400)
})

describe('members', () => {
  test('who is deactivated is out at once; an event says who did it', async () => {
    const id = await gateway.user('acme', 'gone@acme.example')
    const gone = browser(gateway.origin)
    await gone.signIn('acme', 'gone@acme.example')
    expect((await admin('PATCH', `/members/${id}`, { active: false })).body).toMatchObject({ active: false })
    expect((await gone.call('GET', '/t/acme/api/me')).status).toBe(401)
    const [event] = await gateway.query(`SELECT user_id::text AS by, detail FROM audit_events WHERE event = 'member.changed' AND detail ->> 'member' = $1`, [id])
    expect(event).toEqual({ by: ids['admin'], detail: { member: id, active: false } })
  })
  test('the last active administrator stays one; of two who take it from each other at the same moment one keeps it', async () => {
    await gateway.tenant('pair')
    const two = [await gateway.user('pair', 'a@pair.example', { role: 'admin' }), await gateway.user('pair', 'b@pair.example', { role: 'admin' })]
    const [a, b] = [browser(gateway.origin), browser(gateway.origin)]
    await a.signIn('pair', 'a@pair.example')
    await b.signIn('pair', 'b@pair.example')
    const answers = await Promise.all([
      a.call('PATCH', `/t/pair/api/members/${two[1]}`, { role: 'member' }), b.call('PATCH', `/t/pair/api/members/${two[0]}`, { active: false }),
    ])
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    const [left] = await gateway.query(`SELECT count(*)::int AS count FROM users u JOIN tenants t ON t.id = u.tenant_id WHERE t.slug = 'pair' AND role = 'admin' AND active`)
    expect(left).toEqual({ count: 1 })
  })
  test('whom a directory describes, only the directory deactivates', async () => {
    const id = await gateway.user('acme', 'scim@acme.example', { set: { document: '{}' } })
    expect(await admin('PATCH', `/members/${id}`, { active: false })).toMatchObject({ status: 409, body: { detail: expect.stringContaining('directory') } })
  })
  test.each([[{ role: 'owner' }], [{}], [{ email: 'x@y.example' }], [{ active: 'no' }]])('a change of %j is refused', async (body) => {
    expect((await admin('PATCH', `/members/${ids['viewer']}`, body)).status).toBe(400)
  })
  test('of another tenant there are none', async () => {
    await gateway.tenant('foreign')
    const id = await gateway.user('foreign', 'x@foreign.example')
    expect((await admin('PATCH', `/members/${id}`, { active: false })).status).toBe(404)
  })
})

test('preferences are kept beside the settings of the contract, which nobody changes here', async () => {
  await gateway.query(`UPDATE tenants SET settings = settings || '{"mfa": false, "limits": {"users": 5}}' WHERE slug = 'acme'`)
  expect((await admin('PUT', '/settings/preferences', { locale: 'de-DE' })).status).toBe(200)
  expect((await admin('PUT', '/settings/preferences', { limits: { users: 9 } })).status).toBe(400)
  const [row] = await gateway.query<{ settings: unknown }>(`SELECT settings FROM tenants WHERE slug = 'acme'`)
  expect(row?.settings).toEqual({ mfa: false, limits: { users: 5 }, preferences: { locale: 'de-DE' } })
  expect((await admin('GET', '/settings')).body).toMatchObject({ preferences: { locale: 'de-DE' }, session: { idle_minutes: 30, absolute_hours: 12 } })
})
