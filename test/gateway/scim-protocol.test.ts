/** What directories take for granted of the protocol around the resources: addresses, methods, pages, choices, versions. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/model.ts'
import { listOf, metaOf, scimClient, type ScimClient } from './client.ts'
import { testGateway, type TestGateway } from './support.ts'

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const MANY = 23
let gateway: TestGateway
let acme: ScimClient
let ada: string
let group: string

beforeAll(async () => {
  gateway = await testGateway()
  acme = await scimClient(gateway, 'acme')
  // Every third has the title of two others: an order by title alone would not be one.
  const made = await Promise.all(
    Array.from({ length: MANY }, (_, n) =>
      acme.send('POST', '/Users', { userName: `u${n}@acme.example`, title: `T${n % 8}` }),
    ),
  )
  ada = String(made[0]?.body?.['id'])
  group = String(
    (await acme.send('POST', '/Groups', { displayName: 'Staff', externalId: 'g1', members: [{ value: ada }] })).body?.[
      'id'
    ],
  )
})

describe('addresses', () => {
  test.each(['/users', '/USERS/', '/Users/', '/groups/', '/serviceproviderconfig', '/SCHEMAS/', '/resourcetypes/user'])(
    '%s is taken: case and a slash at the end make no difference',
    async (path) => {
      expect((await acme.send('GET', path)).status).toBe(200)
    },
  )

  test('/Me is not there, by any method, and says so (RFC 7644 §3.11)', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])
      expect(await acme.send(method, '/Me'), method).toMatchObject({ status: 501, body: { status: '501' } })
  })

  test.each([
    ['DELETE', '/Users'],
    ['PUT', '/Groups'],
    ['POST', '/Schemas'],
    ['GET', '/Bulk'],
    ['PATCH', '/ServiceProviderConfig'],
    ['GET', '/Users/.search'],
  ])('%s %s: 405, and which methods there are', async (method, path) => {
    expect(await acme.send(method, path)).toMatchObject({
      status: 405,
      body: { detail: expect.stringMatching(/takes [A-Z, ]+, not/) },
    })
  })

  test.each(['application/json', 'application/scim+json', 'application/scim+json; charset=utf-8', 'APPLICATION/JSON'])(
    'a body of %s is read',
    async (type) => {
      expect(
        (
          await acme.send(
            'PATCH',
            `/Users/${ada}`,
            { schemas: [PATCH], Operations: [{ op: 'replace', path: 'nickName', value: 'Ada' }] },
            { 'content-type': type },
          )
        ).status,
      ).toBe(200)
    },
  )
})

describe('pages (RFC 7644 §3.4.2.4)', () => {
  const page = async (query: string) => {
    const { body } = await acme.send('GET', `/Users?${query}`)
    return [body?.['totalResults'], body?.['startIndex'], body?.['itemsPerPage'], listOf({ body }, 'Resources').length]
  }

  test.each([
    ['count=0', [MANY, 1, 0, 0]],
    ['count=5', [MANY, 1, 5, 5]],
    [`count=${MANY}`, [MANY, 1, MANY, MANY]],
    [`count=${MANY + 1}`, [MANY, 1, MANY, MANY]],
    [`startIndex=${MANY}&count=5`, [MANY, MANY, 1, 1]],
    [`startIndex=${MANY + 1}&count=5`, [MANY, MANY + 1, 0, 0]],
    ['startIndex=1000', [MANY, 1000, 0, 0]],
    ['startIndex=-3&count=2', [MANY, 1, 2, 2]],
    ['count=-1', [MANY, 1, 0, 0]],
    ['filter=userName+eq+%22nobody%22', [0, 1, 0, 0]],
    ['filter=userName+eq+%22nobody%22&count=0', [0, 1, 0, 0]],
    ['filter=userName+eq+%22U1%40acme.example%22', [1, 1, 1, 1]],
    ['filter=userName+eq+%22u1%40acme.example%22&startIndex=2', [1, 2, 0, 0]],
    ['filter=title+eq+%22T1%22&count=2', [3, 1, 2, 2]],
    ['filter=title+eq+%22T1%22', [3, 1, 3, 3]],
  ])('%s: how many there are is exact, and numbers are numbers', async (query, wanted) => {
    expect(await page(query)).toEqual(wanted)
  })

  test.each(['', '&sortBy=title', '&sortBy=title&sortOrder=descending', '&sortBy=nickName'])(
    'read one after the other%s they have everybody once, also while others are made',
    async (order) => {
      const client = await scimClient(gateway, `pages-${order.length}`)
      for (let n = 0; n < 14; n++)
        await client.send('POST', '/Users', { userName: `p${n}@acme.example`, title: `T${n % 3}` })
      const read = async () => {
        const names: unknown[] = []
        for (let start = 1; start <= 14; start += 3)
          names.push(
            ...listOf(await client.send('GET', `/Users?startIndex=${start}&count=3${order}`), 'Resources').map(
              (one) => one['userName'],
            ),
          )
        return names
      }
      const names = await read()
      expect(new Set(names).size).toBe(14)
      expect(await read()).toEqual(names)
    },
  )
})

describe('what is shown (RFC 7644 §3.9)', () => {
  test('of a group without its members, as Entra ID asks for it; and nothing but its name', async () => {
    const without = await acme.send('GET', `/Groups/${group}?excludedAttributes=members`)
    expect(without.body).toMatchObject({ id: group, displayName: 'Staff', externalId: 'g1' })
    expect(without.body).not.toHaveProperty('members')
    expect(without.headers.get('etag')).toBe((await acme.send('GET', `/Groups/${group}`)).headers.get('etag'))
    expect(
      Object.keys((await acme.send('GET', `/Groups/${group}?attributes=displayName`)).body as JsonObject).toSorted(),
    ).toEqual(['displayName', 'id', 'schemas'])
  })

  test('a PATCH of a group shows nothing, unless something of it was asked for', async () => {
    const body = { schemas: [PATCH], Operations: [{ op: 'replace', path: 'displayName', value: 'Staff' }] }
    expect(await acme.send('PATCH', `/Groups/${group}`, body)).toMatchObject({ status: 204, body: undefined })
    expect(await acme.send('PATCH', `/Groups/${group}?attributes=displayName`, body)).toMatchObject({
      status: 200,
      body: { id: group, displayName: 'Staff' },
    })
  })
})

describe('versions (RFC 7644 §3.14)', () => {
  test('of a group what is sent as it is already is no change either', async () => {
    const told = () =>
      gateway.query(`SELECT FROM audit_events WHERE event = 'scim.group.changed' AND detail ->> 'group' = $1`, [group])
    const whole = { displayName: 'Staff', externalId: 'g1', members: [{ value: ada }] }
    const first = await acme.send('PUT', `/Groups/${group}`, whole)
    const before = await told()
    const patch = (...Operations: JsonObject[]) =>
      acme.send('PATCH', `/Groups/${group}`, { schemas: [PATCH], Operations })
    await acme.send('PUT', `/Groups/${group}`, whole)
    await patch({ op: 'Add', path: 'members', value: [{ $ref: null, value: ada }] })
    await patch(
      { op: 'replace', value: { id: group, displayName: 'Staff' } },
      { op: 'remove', path: `members[value eq "${acme.tenant}"]` },
    )
    await patch(
      { op: 'remove', path: `members[value eq "${ada}"]` },
      { op: 'add', path: 'members', value: [{ value: ada }] },
    )
    expect((await acme.send('GET', `/Groups/${group}`)).headers.get('etag')).toBe(first.headers.get('etag'))
    expect(await told()).toEqual(before)
    await patch({ op: 'replace', path: 'externalId', value: 'g2' })
    expect((await acme.send('GET', `/Groups/${group}`)).headers.get('etag')).not.toBe(first.headers.get('etag'))
    expect(await told()).toHaveLength(before.length + 1)
  })

  test('a group has one, which each change of its members moves on', async () => {
    const version = async () => String(metaOf(await acme.send('GET', `/Groups/${group}`))['version'])
    const before = await version()
    expect((await acme.send('GET', `/Groups/${group}`, undefined, { 'if-none-match': before })).status).toBe(304)
    expect(
      (
        await acme.send(
          'PATCH',
          `/Groups/${group}`,
          { schemas: [PATCH], Operations: [{ op: 'remove', path: 'members' }] },
          { 'if-match': before },
        )
      ).status,
    ).toBe(204)
    expect(await version()).not.toBe(before)
    expect((await acme.send('DELETE', `/Groups/${group}`, undefined, { 'if-match': before })).status).toBe(412)
    expect((await acme.send('GET', `/Groups/${group}`)).status).toBe(200)
  })

  test.each(['*', 'W/"0", VERSION', '"VERSION-STRONG"'])('If-Match %s', async (given) => {
    const read = await acme.send('GET', `/Users/${ada}`)
    const etag = String(read.headers.get('etag'))
    const match = given.replace('"VERSION-STRONG"', etag.slice(2)).replace('VERSION', etag)
    expect(
      (await acme.send('PUT', `/Users/${ada}`, { ...read.body, title: `By ${given.length}` }, { 'if-match': match }))
        .status,
    ).toBe(200)
  })

  test('what is sent as it is already has no new version, and is not told as a change', async () => {
    const told = () => gateway.query(`SELECT FROM audit_events WHERE user_id = $1`, [ada])
    const person = {
      userName: 'u0@acme.example',
      name: { familyName: 'Lovelace', givenName: 'Ada' },
      emails: [{ value: 'u0@acme.example', primary: true, type: 'work' }],
      active: true,
    }
    const first = await acme.send('PUT', `/Users/${ada}`, { ...person, displayName: 'Ada' })
    const before = await told()
    const again = [
      await acme.send('PUT', `/Users/${ada}`, {
        displayName: 'Ada',
        ...person,
        password: 'Sommer-2026',
        name: { givenName: 'Ada', familyName: 'Lovelace' },
      }),
      await acme.send('PUT', `/Users/${ada}`, first.body),
      await acme.send('PATCH', `/Users/${ada}`, {
        schemas: [PATCH],
        Operations: [
          { op: 'Replace', path: 'active', value: 'True' },
          { op: 'Replace', path: 'name.givenName', value: 'Ada' },
        ],
      }),
      await acme.send('PATCH', `/Users/${ada}`, {
        schemas: [PATCH],
        Operations: [{ op: 'replace', value: { active: true, name: { familyName: 'Lovelace' } } }],
      }),
    ]
    for (const one of again)
      expect([one.status, one.headers.get('etag'), metaOf(one)['lastModified']]).toEqual([
        200,
        first.headers.get('etag'),
        metaOf(first)['lastModified'],
      ])
    expect(await told()).toEqual(before)
    const bare = await acme.send('PUT', `/Users/${ada}`, { userName: 'u0@acme.example' })
    expect((await acme.send('PUT', `/Users/${ada}`, { userName: 'u0@acme.example' })).headers.get('etag')).toBe(
      bare.headers.get('etag'),
    )
    expect(
      (await acme.send('PUT', `/Users/${ada}`, { ...person, displayName: 'Ada L.' })).headers.get('etag'),
    ).not.toBe(first.headers.get('etag'))
  })
})
