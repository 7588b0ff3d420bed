import { beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../../src/model.ts'
import { listOf, scimClient } from './client.ts'
import { testGateway, type TestGateway } from './support.ts'

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error'
const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'
const PER_MINUTE = 12
let gateway: TestGateway
let slow: TestGateway
beforeAll(async () => {
  gateway = await testGateway()
  slow = await testGateway({ scimPerMinute: PER_MINUTE })
})
const said = (from: TestGateway, tenant: string) =>
  from.query<{ resource: string; status: number; detail: string }>(
    `SELECT resource, status, detail FROM scim_log WHERE tenant_id = $1 AND status >= 400`,
    [tenant],
  )

describe('a tenant that is suspended', () => {
  const suspended = (slug: string) => gateway.query(`UPDATE tenants SET status = 'suspended' WHERE slug = $1`, [slug])

  test.each<[string, string, Json | undefined]>([
    ['GET', '/ServiceProviderConfig', undefined],
    ['GET', '/Users', undefined],
    ['POST', '/Users', { userName: 'new@acme.example' }],
    ['PUT', '/Users/ID', { userName: 'other@acme.example' }],
    ['DELETE', '/Users/ID', undefined],
    ['POST', '/Bulk', { schemas: [BULK], Operations: [{ method: 'DELETE', path: '/Users/ID' }] }],
    [
      'PATCH',
      '/Users/ID',
      {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', value: { active: false } }],
      },
    ],
  ])('%s %s is forbidden, with a token that is good (RFC 7644 §3.12)', async (method, path, body) => {
    const client = await scimClient(gateway, `off-${method.toLowerCase()}-${path.length}`)
    const id = String((await client.send('POST', '/Users', { userName: 'ada@acme.example' })).body?.['id'])
    const of = <T extends string | Json | undefined>(one: T): T =>
      one === undefined ? one : JSON.parse(JSON.stringify(one).replace('ID', id))
    const state = () => gateway.query('SELECT to_jsonb(u) AS u FROM users u WHERE tenant_id = $1', [client.tenant])
    const before = await state()
    await suspended(`off-${method.toLowerCase()}-${path.length}`)
    const answer = await client.send(method, of(path), of(body))
    expect(answer).toMatchObject({
      status: 403,
      body: { schemas: [ERROR], status: '403', detail: expect.stringContaining('suspended') },
    })
    expect(JSON.stringify(answer.body)).not.toContain('ada@')
    expect(await state()).toEqual(before)
  })

  test('says so to nobody without its token, is told to support once, and is served again when it is live', async () => {
    const client = await scimClient(gateway, 'again')
    await suspended('again')
    const without = await fetch(`${client.url}/Users`, { headers: { authorization: 'Bearer onboard_scim_wrong' } })
    expect([without.status, await without.text()]).toEqual([401, expect.not.stringContaining('suspended')])
    for (let n = 0; n < 3; n++) expect((await client.send('GET', '/Users')).status).toBe(403)
    await expect
      .poll(() => said(gateway, client.tenant))
      .toMatchObject([
        { resource: 'Token', status: 401 },
        { resource: 'Tenant', status: 403, detail: expect.stringContaining('suspended') },
      ])
    await gateway.query(`UPDATE tenants SET status = 'live' WHERE slug = 'again'`)
    expect((await client.send('GET', '/Users')).status).toBe(200)
  })

  test('one that is still being provisioned can be tried', async () => {
    const client = await scimClient(gateway, 'early')
    expect(await gateway.query('SELECT status FROM tenants WHERE id = $1', [client.tenant])).toEqual([
      { status: 'provisioning' },
    ])
    expect((await client.send('POST', '/Users', { userName: 'ada@acme.example' })).status).toBe(201)
  })
})

describe('how often a directory may ask', () => {
  test(`${PER_MINUTE} times at once, then it is told when to come again; another tenant is not held up`, async () => {
    const [acme, other] = [await scimClient(slow, 'acme'), await scimClient(slow, 'borealis')]
    for (let n = 0; n < PER_MINUTE; n++) expect((await acme.send('GET', '/Users?count=1')).status).toBe(200)
    const late = await acme.send('POST', '/Users', { userName: 'ada@acme.example' })
    expect(late).toMatchObject({
      status: 429,
      body: { schemas: [ERROR], status: '429', detail: expect.stringContaining(`${PER_MINUTE} requests a minute`) },
    })
    expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(late.headers.get('retry-after'))).toBeLessThanOrEqual(60 / PER_MINUTE)
    expect(late.headers.get('content-type')).toContain('application/scim+json')
    expect(await slow.query('SELECT FROM users WHERE tenant_id = $1', [acme.tenant])).toEqual([])
    expect((await acme.send('GET', '/Users')).status).toBe(429)
    await expect.poll(() => said(slow, acme.tenant)).toMatchObject([{ resource: 'Rate', status: 429 }])
    expect((await other.send('GET', '/Users')).status).toBe(200)
  })

  test('each operation of a bulk request counts, those of a PATCH are one; nobody else uses up what a tenant has', async () => {
    const client = await scimClient(slow, 'bulky')
    for (let n = 0; n < 30; n++)
      expect((await fetch(`${client.url}/Users`, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401)
    const users = Array.from({ length: 10 }, (_, n) => ({
      method: 'POST',
      path: '/Users',
      bulkId: `b${n}`,
      data: { userName: `u${n}@acme.example` },
    }))
    const made = await client.send('POST', '/Bulk', { schemas: [BULK], Operations: users })
    expect([made.status, listOf(made, 'Operations').map(({ status }) => status)]).toEqual([
      200,
      Array<string>(10).fill('201'),
    ])
    const [first] = listOf(made, 'Operations')
    const path = String(first?.['location']).slice(client.url.length)
    const Operations = Array.from({ length: 10 }, (_, n) => ({ op: 'replace', path: 'title', value: `Guide ${n}` }))
    expect(
      (await client.send('PATCH', path, { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations }))
        .status,
    ).toBe(200)
    expect([(await client.send('GET', path)).status, (await client.send('GET', path)).status]).toEqual([200, 429])
  })

  test('has nothing to do with the calls of people that the contract counts', async () => {
    const client = await scimClient(gateway, 'contract')
    await gateway.query(
      `UPDATE tenants SET settings = settings || '{"limits":{"api_calls_per_15min":1}}' WHERE id = $1`,
      [client.tenant],
    )
    for (let n = 0; n < 5; n++) expect((await client.send('GET', '/Users')).status).toBe(200)
  })
})
