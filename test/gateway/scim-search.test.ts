import { beforeAll, describe, expect, test } from 'vitest'
import { createSyncLog, KEPT, type Logged } from '../../src/identity/scim/log.ts'
import { tablesOf } from '../../src/identity/sql.ts'
import { listOf, scimClient, type ScimClient } from './client.ts'
import { testGateway, type TestGateway } from './support.ts'

const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'
let gateway: TestGateway
let acme: ScimClient

beforeAll(async () => {
  gateway = await testGateway()
  acme = await scimClient(gateway, 'acme')
  for (let n = 0; n < 5; n++) await acme.send('POST', '/Users', { userName: `u${n}@acme.example`, displayName: n === 0 ? 'Both' : `User ${n}` })
  for (const displayName of ['Both', 'Staff']) await acme.send('POST', '/Groups', { displayName })
})

const search = (wish: object) => acme.send('POST', '/.search', { schemas: [SEARCH], ...wish } as never)
const names = (answer: Awaited<ReturnType<typeof search>>) => listOf(answer, 'Resources').map((one) => one['userName'] ?? one['displayName'])

describe('a search of all resources (RFC 7644 §3.4.3)', () => {
  test('gives users, then groups, each with its type; pages go on from one into the other', async () => {
    expect((await search({})).body).toMatchObject({ totalResults: 7, startIndex: 1, itemsPerPage: 7 })
    const pages = [await search({ count: 3 }), await search({ count: 3, startIndex: 4 }), await search({ count: 3, startIndex: 7 })]
    expect(pages.map(({ body }) => [body?.['totalResults'], body?.['itemsPerPage']])).toEqual([[7, 3], [7, 3], [7, 1]])
    expect(pages.flatMap(names).toSorted()).toEqual(['Both', 'Staff', 'u0@acme.example', 'u1@acme.example', 'u2@acme.example', 'u3@acme.example', 'u4@acme.example'])
    const types = listOf(await search({}), 'Resources').map((one) => (one['meta'] as { resourceType: string }).resourceType)
    expect(types).toEqual(['User', 'User', 'User', 'User', 'User', 'Group', 'Group'])
  })

  test.each([
    ['displayName eq "both"', ['u0@acme.example', 'Both']], ['userName sw "u1"', ['u1@acme.example']], ['members pr or displayName eq "Staff"', ['Staff']], ['meta.resourceType eq "Group"', ['Both', 'Staff']],
  ])('filter %s: what a type does not have, none of that type has', async (filter, wanted) => {
    expect(names(await search({ filter, sortBy: 'displayName' })).toSorted()).toEqual(wanted.toSorted())
  })

  test('attributes are chosen, and what is no search is refused', async () => {
    expect(Object.keys(listOf(await search({ attributes: ['userName'], count: 1 }), 'Resources')[0] as object).toSorted()).toEqual(['id', 'schemas', 'userName'])
    expect(await search({ filter: 'nothing eq "x"' })).toMatchObject({ status: 400, body: { scimType: 'invalidFilter' } })
    expect((await acme.send('POST', '/.search', { filter: 'userName pr' })).status).toBe(400)
    expect((await acme.send('GET', '/.search')).status).toBe(405)
  })
})

describe('the sync log', () => {
  const logged = () => gateway.query<{ method: string; resource: string; name: string; status: number; detail: string | null; agent: string | null }>(
    `SELECT l.method, l.resource, l.name, l.status, l.detail, l.agent FROM scim_log l JOIN tenants t ON t.id = l.tenant_id WHERE t.slug = 'logged' ORDER BY l.id`)

  test('has changes and refusals of that tenant, in no words that open a door', async () => {
    const client = await scimClient(gateway, 'logged')
    await client.send('POST', '/Users', { userName: 'ada@acme.example', password: 'Very-secret-1' }, { 'user-agent': 'Okta SCIM Client 1.0.0' })
    await client.send('POST', '/Users', { userName: 'ada@acme.example', password: { a: 'Very-secret-2' } } as never)
    await client.send('GET', '/Users')
    await client.send('GET', '/Users?filter=x')
    await fetch(`${client.url}/Users`, { headers: { authorization: 'Bearer wrong-token' } })
    await expect.poll(logged).toHaveLength(4)
    expect(await logged()).toMatchObject([
      { method: 'POST', resource: 'User', name: 'ada@acme.example', status: 201, detail: null, agent: 'Okta SCIM Client 1.0.0' },
      { method: 'POST', resource: 'User', name: 'ada@acme.example', status: 400 },
      { method: 'GET', resource: 'User', status: 400, detail: expect.stringContaining('filter') },
      { resource: 'Token', status: 401, detail: 'the token that was sent is none of this tenant' },
    ])
    expect(JSON.stringify(await gateway.query('SELECT to_jsonb(l) AS l FROM scim_log l'))).not.toMatch(/Very-secret|wrong-token|onboard_scim_/)
    expect(JSON.stringify(await gateway.query('SELECT to_jsonb(e) AS e FROM audit_events e'))).not.toMatch(/Very-secret/)
  })

  test(`keeps the last ${KEPT} that were done and the last ${KEPT} that were refused, of each tenant`, async () => {
    const { id } = await gateway.tenant('bounded')
    const log = createSyncLog(gateway.query, tablesOf('public'), (error) => { throw error })
    const entry = (status: number): Logged => ({ tenant: id, method: 'POST', resource: 'User', subject: null, name: 'x'.repeat(5000), status, scim_type: null, detail: null, agent: null })
    for (let n = 0; n < 6; n++) {
      for (let one = 0; one < 150; one++) log.note(entry(201))
      for (let one = 0; one < 120; one++) log.note(entry(409))
      await log.flush()
    }
    const [kept] = await gateway.query(`SELECT count(*) FILTER (WHERE status < 400)::int AS done, count(*) FILTER (WHERE status >= 400)::int AS refused, max(length(name)) AS longest FROM scim_log WHERE tenant_id = $1`, [id])
    expect(kept).toEqual({ done: KEPT, refused: KEPT, longest: 300 })
  })

  test('where it cannot be written requests go on, and it is said', async () => {
    const said: unknown[] = []
    const log = createSyncLog(() => Promise.reject(new Error('no database')), tablesOf('public'), (error) => said.push(error))
    log.note({ tenant: 'x', method: 'POST', resource: 'User', subject: null, name: null, status: 201, scim_type: null, detail: null, agent: null })
    await log.flush()
    expect(said).toHaveLength(1)
  })
})
