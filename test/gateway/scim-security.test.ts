import { request as rawRequest } from 'node:http'
import { beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/model.ts'
import { listOf, scimClient, type ScimClient } from './client.ts'
import { testGateway, type TestGateway } from './support.ts'

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
let gateway: TestGateway
let acme: ScimClient
let other: ScimClient
let victim: string
let group: string

beforeAll(async () => {
  gateway = await testGateway()
  acme = await scimClient(gateway, 'acme')
  other = await scimClient(gateway, 'borealis')
  victim = String((await other.send('POST', '/Users', { userName: 'vera@borealis.example' })).body?.['id'])
  group = String((await other.send('POST', '/Groups', { displayName: 'Board', members: [{ value: victim }] })).body?.['id'])
})

const state = () => gateway.query('SELECT to_jsonb(u) AS u FROM users u ORDER BY id')
const patch = (path: string, ...Operations: JsonObject[]) => acme.send('PATCH', path, { schemas: [PATCH], Operations })

describe('another tenant', () => {
  test.each([
    ['GET', () => `/Users/${victim}`, undefined], ['PUT', () => `/Users/${victim}`, { userName: 'mine@acme.example' }],
    ['PATCH', () => `/Users/${victim}`, { schemas: [PATCH], Operations: [{ op: 'replace', value: { active: false } }] }], ['DELETE', () => `/Users/${victim}`, undefined],
    ['GET', () => `/Groups/${group}`, undefined], ['PUT', () => `/Groups/${group}`, { displayName: 'Mine' }],
    ['PATCH', () => `/Groups/${group}`, { schemas: [PATCH], Operations: [{ op: 'remove', path: 'members' }] }], ['DELETE', () => `/Groups/${group}`, undefined],
  ] as const)('%s %s is not found, as if it were not there', async (method, path, body) => {
    const before = await state()
    const answer = await acme.send(method, path(), body as never)
    expect(answer.status).toBe(404)
    const nowhere = await acme.send(method, path().replace(/[^/]+$/, '00000000-0000-4000-8000-000000000000'), body as never)
    expect({ ...answer.body, detail: '' }).toEqual({ ...nowhere.body, detail: '' })
    expect(await state()).toEqual(before)
  })

  test('is in no list and no filter', async () => {
    for (const path of [`/Users`, `/Users?filter=${encodeURIComponent(`id eq "${victim}"`)}`, `/Groups`, `/Users?filter=${encodeURIComponent('userName pr or userName co "vera"')}`]) {
      expect(JSON.stringify((await acme.send('GET', path)).body), path).not.toMatch(/vera|Board/)
    }
  })

  test('its people become nobody\'s members, and its names are free', async () => {
    const id = String((await acme.send('POST', '/Groups', { displayName: 'Board' })).body?.['id'])
    for (const operation of [{ op: 'add', path: 'members', value: [{ value: victim }] }, { op: 'replace', value: { members: [{ value: victim }] } }]) {
      expect(await patch(`/Groups/${id}`, operation)).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } })
    }
    expect((await acme.send('GET', `/Groups/${id}`)).body).toMatchObject({ members: [] })
    expect((await acme.send('POST', '/Users', { userName: 'vera@borealis.example' })).status).toBe(201)
  })

  test('the database itself lets no member in from another tenant', async () => {
    const [own] = await gateway.query<{ id: string }>(`SELECT id::text FROM groups WHERE tenant_id = $1`, [acme.tenant])
    await expect(gateway.query('INSERT INTO group_members (tenant_id, group_id, user_id) VALUES ($1, $2, $3)', [acme.tenant, own?.id, victim])).rejects.toThrow(/foreign key/)
  })
})

describe('the token', () => {
  const get = (url: string, token?: string) => fetch(`${url}/Users`, token === undefined ? {} : { headers: { authorization: token } })
  test.each([
    ['none', undefined], ['empty', 'Bearer '], ['of another kind', 'Basic YTpi'], ['wrong', 'Bearer onboard_scim_x'], ['its hash', 'Bearer 00'],
  ])('%s does not open the door', async (_what, token) => {
    const answer = await get(acme.url, token)
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/)
    expect(answer.headers.get('content-type')).toContain('application/scim+json')
  })

  test('of one tenant opens no other, nor one that is not there', async () => {
    expect((await get(other.url, `Bearer ${acme.token}`)).status).toBe(401)
    expect((await get(other.url.replace('borealis', 'nobody'), `Bearer ${acme.token}`)).status).toBe(401)
  })

  test('opens nothing once it is revoked or has expired', async () => {
    for (const change of [`revoked_at = onboard.now()`, `expires_at = onboard.now() - interval '1 second'`]) {
      const one = await gateway.tenant(`t${Math.random().toString(36).slice(2, 8)}`)
      expect((await get(one.url, `Bearer ${one.token}`)).status).toBe(200)
      await gateway.query(`UPDATE scim_tokens SET ${change} WHERE tenant_id = $1`, [one.id])
      expect((await get(one.url, `Bearer ${one.token}`)).status).toBe(401)
    }
  })

  test('is kept nowhere as it is', async () => {
    expect(JSON.stringify(await gateway.query('SELECT * FROM scim_tokens'))).not.toContain(acme.token.slice(20))
  })
})

describe('what must not be written', () => {
  test('id, meta, groups and columns of ours are passed over in POST and PUT', async () => {
    const sent = { userName: 'mass@acme.example', id: victim, meta: { version: 'W/"9"', created: '2001-01-01T00:00:00Z' }, groups: [{ value: group }], role: 'admin', tenant_id: other.tenant, password_hash: 'x', must_change_password: false }
    const { body } = await acme.send('POST', '/Users', sent)
    const [row] = await gateway.query('SELECT role, tenant_id::text, password_hash FROM users WHERE id = $1', [body?.['id']])
    expect(row).toEqual({ role: 'member', tenant_id: acme.tenant, password_hash: null })
    expect(body?.['id']).not.toBe(victim)
    expect(body).not.toHaveProperty('groups')
    await acme.send('PUT', `/Users/${String(body?.['id'])}`, sent)
    expect(await gateway.query('SELECT role, password_hash FROM users WHERE id = $1', [body?.['id']])).toEqual([{ role: 'member', password_hash: null }])
  })

  test.each(['id', 'meta.version', 'groups', 'groups.value', 'schemas', 'members.display'])('PATCH of %s is refused', async (path) => {
    const { body } = await acme.send('POST', '/Users', { userName: `${path}@acme.example` })
    const answer = await patch(`/Users/${String(body?.['id'])}`, { op: 'replace', path, value: 'x' })
    expect(answer).toMatchObject({ status: 400, body: { scimType: path.startsWith('members') ? 'invalidPath' : 'mutability' } })
  })

  test.each(['__proto__', 'constructor', 'constructor.prototype', '__proto__.polluted', 'name.__proto__', `name.constructor`])('%s is no attribute, and pollutes nothing', async (path) => {
    const { body } = await acme.send('POST', '/Users', { userName: `proto-${path.length}@acme.example` })
    const id = String(body?.['id'])
    expect((await patch(`/Users/${id}`, { op: 'add', path, value: { polluted: true } })).status).toBe(400)
    const raw = await fetch(`${acme.url}/Users/${id}`, {
      method: 'PATCH', headers: { authorization: `Bearer ${acme.token}`, 'content-type': 'application/json' },
      body: `{"schemas":["${PATCH}"],"Operations":[{"op":"add","value":{"${path}":{"polluted":true},"name":{"__proto__":{"polluted":true}}}}]}`,
    })
    expect([200, 400]).toContain(raw.status)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(JSON.stringify((await acme.send('GET', `/Users/${id}`)).body)).not.toContain('polluted')
  })
})

describe('what is too much, or no request at all', () => {
  test.each([
    ['no JSON', '{', 400], ['a list', '[]', 400], ['a text', '"x"', 400], ['nothing', '', 400], ['null bytes', '{"userName":"a\\u0000b"}', 400],
    ['half a character', '{"userName":"\\ud800"}', 400], ['a deep one', `{"userName":"x","name":${'{"name":'.repeat(50)}1${'}'.repeat(50)}}`, 400],
  ])('a body that is %s', async (_what, body, status) => {
    const answer = await fetch(`${acme.url}/Users`, { method: 'POST', headers: { authorization: `Bearer ${acme.token}`, 'content-type': 'application/scim+json' }, body })
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: String(status) })
  })

  test('a body of more than a mebibyte, and one of another type', async () => {
    const send = (type: string, body: string) => fetch(`${acme.url}/Users`, { method: 'POST', headers: { authorization: `Bearer ${acme.token}`, 'content-type': type }, body })
    expect((await send('application/json', JSON.stringify({ userName: 'x'.repeat(1_100_000) }))).status).toBe(413)
    expect((await send('text/xml', '<user/>')).status).toBe(415)
  })

  test('more operations than a bulk request may have', async () => {
    const Operations = Array.from({ length: 1_001 }, (_, at) => ({ method: 'POST', path: '/Users', bulkId: String(at), data: {} }))
    expect(await acme.send('POST', '/Bulk', { schemas: [BULK], Operations })).toMatchObject({ status: 413, body: { scimType: 'tooMany' } })
  })

  test.each(['/Users/..%2f..%2fGroups', '/Users/%00', '/Users/%ff', '/Nothing', '/Users/1/2/3', '/Bulk/1', "/Users/1'--"])('%s is an address of nothing', async (path) => {
    const status = await new Promise<number>((resolve, reject) => {
      const url = new URL(acme.url)
      rawRequest({ host: url.hostname, port: url.port, path: `${url.pathname}${path}`, headers: { authorization: `Bearer ${acme.token}` } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode ?? 0)
      }).on('error', reject).end()
    })
    expect([400, 404]).toContain(status)
  })

  test('a page of more than there may be is cut', async () => {
    const answer = await acme.send('GET', '/Users?count=100000&startIndex=-5')
    expect(answer.body).toMatchObject({ startIndex: 1 })
    expect(listOf(answer, 'Resources').length).toBeLessThanOrEqual(200)
  })
})
