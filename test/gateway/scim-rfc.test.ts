import { beforeAll, describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/model.ts'
import { listOf, metaOf, scimClient, type ScimClient } from './client.ts'
import { ENTERPRISE, EXTENSION, FILTERS, FULL, GROUP, MINIMAL, PATCH_OP, PEOPLE, USER, USER_ATTRIBUTES } from './rfc-examples.ts'
import { testGateway, type TestGateway } from './support.ts'

let gateway: TestGateway
let count = 0
beforeAll(async () => {
  gateway = await testGateway()
})
const tenant = () => scimClient(gateway, `rfc-${++count}`)
const idOf = (one: { readonly body: JsonObject | undefined }) => String(one.body?.['id'])
const without = (one: JsonObject, ...names: string[]) => Object.fromEntries(Object.entries(one).filter(([name]) => !names.includes(name)))

describe('RFC 7643 §8', () => {
  test('§8.1: a minimal user is taken; its id, meta and version are the server\'s', async () => {
    const client = await tenant()
    const made = await client.send('POST', '/Users', MINIMAL)
    expect(made).toMatchObject({ status: 201, body: { schemas: [USER], userName: 'bjensen@example.com' } })
    expect(idOf(made)).not.toBe(MINIMAL['id'])
    expect(metaOf(made)).toMatchObject({ resourceType: 'User', location: `${client.url}/Users/${idOf(made)}`, version: made.headers.get('etag') })
    expect(made.headers.get('location')).toBe(`${client.url}/Users/${idOf(made)}`)
  })

  test('§8.2: of a full user everything comes back as it was sent, but the password and what is the server\'s', async () => {
    const client = await tenant()
    const made = await client.send('POST', '/Users', FULL)
    const back = await client.send('GET', `/Users/${idOf(made)}`)
    expect(without(back.body as JsonObject, 'id', 'meta')).toEqual(without(FULL, 'id', 'meta', 'password', 'groups'))
  })

  test('§8.3: the enterprise extension stands under its URN; the manager\'s name is the server\'s', async () => {
    const client = await tenant()
    const made = await client.send('POST', '/Users', { ...FULL, schemas: [USER, ENTERPRISE], [ENTERPRISE]: EXTENSION })
    expect(made.body?.['schemas']).toEqual([USER, ENTERPRISE])
    expect(made.body?.[ENTERPRISE]).toEqual({ ...EXTENSION, manager: without(EXTENSION['manager'] as JsonObject, 'displayName') })
  })

  test('§8.4: a group with two members, whose names are the server\'s', async () => {
    const client = await tenant()
    const [babs, mandy] = [idOf(await client.send('POST', '/Users', { userName: 'babs', displayName: 'Babs Jensen' })), idOf(await client.send('POST', '/Users', { userName: 'mandy', displayName: 'Mandy Pepperidge' }))]
    const member = (value: string, display: string) => ({ value, $ref: `${client.url}/Users/${value}`, display })
    const members = [member(babs, 'Babs Jensen'), member(mandy, 'Mandy Pepperidge')]
    const made = await client.send('POST', '/Groups', { schemas: [GROUP], id: 'e9e30dba-f08f-4109-8486-d5c6a331660a', displayName: 'Tour Guides', members })
    expect(made).toMatchObject({ status: 201, body: { schemas: [GROUP], displayName: 'Tour Guides' } })
    expect(listOf(made, 'members').toSorted((a, b) => String(a['display']).localeCompare(String(b['display'])))).toEqual(members.map((one) => ({ ...one, type: 'User' })))
    expect((await client.send('GET', `/Users/${babs}`)).body?.['groups']).toEqual([{ value: idOf(made), $ref: `${client.url}/Groups/${idOf(made)}`, display: 'Tour Guides', type: 'direct' }])
  })

  test('§8.5, §8.6: the service provider and its resource types are described as there', async () => {
    const client = await tenant()
    const config = await client.send('GET', '/ServiceProviderConfig')
    for (const feature of ['patch', 'bulk', 'filter', 'changePassword', 'sort', 'etag']) expect(config.body?.[feature], feature).toMatchObject({ supported: feature !== 'changePassword' })
    expect(config.body?.['bulk']).toMatchObject({ maxOperations: 1000, maxPayloadSize: 1048576 })
    expect(listOf(config, 'authenticationSchemes')[0]).toMatchObject({ type: 'oauthbearertoken' })
    expect(listOf(await client.send('GET', '/ResourceTypes'), 'Resources').map(({ name, endpoint, schema }) => [name, endpoint, schema])).toEqual([['User', '/Users', USER], ['Group', '/Groups', GROUP]])
  })

  test('§8.7: every attribute of the user schema is there with its characteristics', async () => {
    const client = await tenant()
    const all = listOf(await client.send('GET', `/Schemas/${USER}`), 'attributes')
    const described = Object.fromEntries(all.map(({ name, type, multiValued, mutability, returned }) => [name, [type, multiValued, mutability, returned]]))
    expect(described).toMatchObject(USER_ATTRIBUTES)
  })
})

describe('RFC 7644 §3.4', () => {
  let client: ScimClient
  beforeAll(async () => {
    client = await tenant()
    for (const one of PEOPLE) expect((await client.send('POST', '/Users', { schemas: [USER], ...one })).status).toBe(201)
  })
  const names = (answer: Awaited<ReturnType<ScimClient['send']>>) => listOf(answer, 'Resources').map((one) => String(one['userName'])).toSorted()

  test.each(FILTERS)('§3.4.2.2: %s', async (filter, found) => {
    expect(names(await client.send('GET', `/Users?filter=${encodeURIComponent(filter)}`))).toEqual(found)
    expect(names(await client.send('POST', '/Users/.search', { schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'], filter }))).toEqual(found)
  })

  test.each([
    ['emails[type eq "work"].value eq "BJENSEN@example.com"', ['bjensen']], ['emails eq "mandy@EXAMPLE.org"', ['mandy']], ['not (emails.value eq "mandy@example.org")', ['JSMITH', 'bjensen', 'john']],
    ['emails[value eq "mandy@example.org" or value eq "js@example.org"]', ['JSMITH', 'mandy']], ['emails[not (value eq "mandy@example.org")]', ['JSMITH', 'bjensen', 'john']],
  ])('by address, for which there is an index: %s', async (filter, found) => {
    expect(names(await client.send('GET', `/Users?filter=${encodeURIComponent(filter)}`))).toEqual(found)
  })

  test('§3.4.2: userName alone of all; §3.4.2.3: sorted; §3.4.2.4: in pages', async () => {
    const all = await client.send('GET', '/Users?attributes=userName&sortBy=userName')
    expect(all.body).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], totalResults: 4 })
    expect(listOf(all, 'Resources').map((one) => [one['userName'], Object.keys(one).toSorted().join()])).toEqual(['bjensen', 'john', 'JSMITH', 'mandy'].map((name) => [name, 'id,schemas,userName']))
    expect(listOf(await client.send('GET', '/Users?sortBy=userName&sortOrder=descending&startIndex=2&count=2'), 'Resources').map((one) => one['userName'])).toEqual(['JSMITH', 'john'])
  })
})

describe('RFC 7644 §3.5 to §3.14', () => {
  const patch = (client: ScimClient, path: string, ...Operations: JsonObject[]) => client.send('PATCH', path, { schemas: [PATCH_OP], Operations })
  const babs = { schemas: [USER], userName: 'bjensen', externalId: 'bjensen', name: { formatted: 'Ms. Barbara J Jensen III', familyName: 'Jensen', givenName: 'Barbara' } }

  test('§3.5.1: PUT makes of it what is sent; roles that are an empty list are none', async () => {
    const client = await tenant()
    const id = idOf(await client.send('POST', '/Users', { ...babs, nickName: 'Babs' }))
    const put = await client.send('PUT', `/Users/${id}`, {
      ...babs, id, name: { ...babs.name, middleName: 'Jane' }, roles: [], emails: [{ value: 'bjensen@example.com' }, { value: 'babs@jensen.org' }],
    })
    expect(put.body).toMatchObject({ id, name: { middleName: 'Jane' }, emails: [{ value: 'bjensen@example.com' }, { value: 'babs@jensen.org' }] })
    expect(put.body).not.toHaveProperty('nickName')
    expect(put.body).not.toHaveProperty('roles')
  })

  test('§3.5.2: members are added, removed by a filter, removed and added at once, and replaced', async () => {
    const client = await tenant()
    const [a = '', b = '', c = ''] = await Promise.all(['a', 'b', 'c'].map(async (userName) => idOf(await client.send('POST', '/Users', { userName }))))
    const group = idOf(await client.send('POST', '/Groups', { displayName: 'TourGuides' }))
    const members = async () => listOf(await client.send('GET', `/Groups/${group}`), 'members').map((one) => one['value']).toSorted()
    await patch(client, `/Groups/${group}`, { op: 'add', path: 'members', value: [{ display: 'Babs Jensen', $ref: `${client.url}/Users/${a}`, value: a }] })
    expect(await members()).toEqual([a])
    await patch(client, `/Groups/${group}`, { op: 'remove', path: `members[value eq "${a}"]` }, { op: 'add', path: 'members', value: [{ display: 'James Smith', $ref: '', value: b }] })
    expect(await members()).toEqual([b])
    await patch(client, `/Groups/${group}`, { op: 'replace', path: 'members', value: [{ value: a }, { value: c }] })
    expect(await members()).toEqual([a, c].toSorted())
    await patch(client, `/Groups/${group}`, { op: 'remove', path: 'members' })
    expect(await members()).toEqual([])
  })

  test.each<[string, JsonObject, JsonObject]>([
    ['§3.5.2.1 add without a path', { op: 'add', value: { emails: [{ value: 'babs@jensen.org', type: 'home' }], nickname: 'Babs' } }, { nickName: 'Babs', emails: [{ value: 'bjensen@example.com', type: 'work' }, { value: 'babs@jensen.org', type: 'home' }] }],
    ['§3.5.2.2 remove by a filter', { op: 'remove', path: 'emails[type eq "work" and value ew "example.com"]' }, {}],
    ['§3.5.2.3 replace an element', { op: 'replace', path: 'addresses[type eq "work"]', value: { type: 'work', streetAddress: '911 Universal City Plaza', locality: 'Hollywood', region: 'CA', postalCode: '91608', country: 'US', formatted: '911 Universal City Plaza\nHollywood, CA 91608 US', primary: true } }, { addresses: [expect.objectContaining({ streetAddress: '911 Universal City Plaza', country: 'US' })] }],
    ['§3.5.2.3 replace a part of it', { op: 'replace', path: 'addresses[type eq "work"].streetAddress', value: '1010 Broadway Ave' }, { addresses: [expect.objectContaining({ streetAddress: '1010 Broadway Ave', locality: 'Hollywood' })] }],
    ['§3.5.2.3 replace several at once', { op: 'replace', value: { emails: [{ value: 'bjensen@example.com', type: 'work', primary: true }, { value: 'babs@jensen.org', type: 'home' }], nickname: 'Babs' } }, { nickName: 'Babs', emails: [{ value: 'bjensen@example.com', type: 'work', primary: true }, { value: 'babs@jensen.org', type: 'home' }] }],
  ])('%s', async (_what, operation, wanted) => {
    const client = await tenant()
    const made = await client.send('POST', '/Users', { ...babs, emails: [{ value: 'bjensen@example.com', type: 'work' }], addresses: [{ type: 'work', streetAddress: '100 Universal City Plaza', locality: 'Hollywood' }] })
    const changed = await patch(client, `/Users/${idOf(made)}`, operation)
    expect(changed).toMatchObject({ status: 200, body: wanted })
    if (operation['op'] === 'remove') expect(changed.body).not.toHaveProperty('emails')
  })

  test('§3.6, §3.12: who is deleted is not found, with an error whose status is a text, and the name is free', async () => {
    const client = await tenant()
    const id = idOf(await client.send('POST', '/Users', babs))
    expect(await client.send('DELETE', `/Users/${id}`)).toMatchObject({ status: 204, body: undefined })
    expect((await client.send('GET', `/Users/${id}`)).body).toEqual({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '404', detail: expect.stringContaining(id) })
    expect((await client.send('POST', '/Users', babs)).status).toBe(201)
    expect(await client.send('POST', '/Users', babs)).toMatchObject({ status: 409, body: { scimType: 'uniqueness', status: '409' } })
  })

  test('§3.7.2: a group in a bulk request has a member whom the same request makes', async () => {
    const client = await tenant()
    const Operations: Json = [
      { method: 'POST', path: '/Users', bulkId: 'qwerty', data: { schemas: [USER], userName: 'Alice' } },
      { method: 'POST', path: '/Groups', bulkId: 'ytrewq', data: { schemas: [GROUP], displayName: 'Tour Guides', members: [{ type: 'User', value: 'bulkId:qwerty' }] } },
    ]
    const answer = await client.send('POST', '/Bulk', { schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], Operations })
    const [user, group] = listOf(answer, 'Operations')
    expect([user, group]).toMatchObject([{ method: 'POST', bulkId: 'qwerty', status: '201', location: expect.stringContaining('/Users/') }, { method: 'POST', bulkId: 'ytrewq', status: '201' }])
    const made = await fetch(String(group?.['location']), { headers: { authorization: `Bearer ${client.token}` } })
    expect(((await made.json()) as { members: { display: string }[] }).members).toMatchObject([{ display: 'Alice' }])
  })

  test('§3.7.3: one of each method, and of one that fails the error is told', async () => {
    const client = await tenant()
    const ids = await Promise.all(['bob', 'dave', 'gone'].map(async (userName) => idOf(await client.send('POST', '/Users', { userName }))))
    const answer = await client.send('POST', '/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'], failOnErrors: 2,
      Operations: [
        { method: 'POST', path: '/Users', bulkId: 'qwerty', data: { schemas: [USER], userName: 'Alice' } },
        { method: 'PUT', path: `/Users/${ids[0]}`, version: 'W/"1"', data: { schemas: [USER], userName: 'Bob' } },
        { method: 'PATCH', path: `/Users/${ids[1]}`, version: 'W/"4weymrEsh5O6cAEK"', data: { schemas: [PATCH_OP], Operations: [{ op: 'remove', path: 'nickName' }, { op: 'add', path: 'userName', value: 'Dave' }] } },
        { method: 'DELETE', path: `/Users/${ids[2]}`, version: 'W/"1"' },
      ],
    })
    expect(listOf(answer, 'Operations').map(({ method, status }) => [method, status])).toEqual([['POST', '201'], ['PUT', '200'], ['PATCH', '412'], ['DELETE', '204']])
    expect(listOf(answer, 'Operations')[2]?.['response']).toMatchObject({ status: '412' })
  })

  test('§3.14: what was not changed is not sent again, and what was is not overwritten', async () => {
    const client = await tenant()
    const made = await client.send('POST', '/Users', babs)
    const [path, etag] = [`/Users/${idOf(made)}`, String(made.headers.get('etag'))]
    expect(etag).toMatch(/^W\/".+"$/)
    expect((await client.send('GET', path, undefined, { 'if-none-match': etag })).status).toBe(304)
    expect((await client.send('PUT', path, { ...babs, title: 'Guide' }, { 'if-match': etag })).status).toBe(200)
    expect((await client.send('PUT', path, { ...babs, title: 'Late' }, { 'if-match': etag })).status).toBe(412)
    expect((await client.send('GET', path, undefined, { 'if-none-match': etag })).body).toMatchObject({ title: 'Guide' })
  })
})
