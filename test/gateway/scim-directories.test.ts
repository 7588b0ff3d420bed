/** The requests of Okta and Microsoft Entra ID, in the shapes in which they send them. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../src/model.ts'
import { listOf, metaOf, scimClient, type ScimClient } from './client.ts'
import { testGateway, type TestGateway } from './support.ts'

const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

let gateway: TestGateway
let client: ScimClient
let number = 0
beforeAll(async () => {
  gateway = await testGateway()
})
beforeEach(async () => {
  client = await scimClient(gateway, `acme-${++number}`)
})

const made = async (path: string, body: JsonObject): Promise<string> => {
  const answer = await client.send('POST', path, body)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return String(answer.body?.['id'])
}
const patch = (path: string, ...Operations: Json[]) => client.send('PATCH', path, { schemas: [PATCH], Operations })
const members = async (id: string): Promise<readonly string[]> =>
  listOf(await client.send('GET', `/Groups/${id}`), 'members').map((one) => String(one['value'])).toSorted()

describe('Okta', () => {
  const ada: JsonObject = {
    schemas: [USER], userName: 'ada@acme.example', name: { givenName: 'Ada', familyName: 'Meier' }, emails: [{ primary: true, value: 'ada@acme.example', type: 'work' }],
    displayName: 'Ada Meier', locale: 'en-US', externalId: '00u1', groups: [], password: 'Sommer-2026', active: true,
  }

  test('looks up, creates with a password, and gets the user back without it', async () => {
    const nobody = await client.send('GET', `/Users?filter=${encodeURIComponent('userName eq "ada@acme.example"')}&startIndex=1&count=100`)
    expect(nobody.body).toEqual({ schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'], totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] })
    const answer = await client.send('POST', '/Users', ada, { 'content-type': 'application/json', 'user-agent': '' })
    expect(answer.status).toBe(201)
    expect(answer.body).toMatchObject({ userName: 'ada@acme.example', active: true, externalId: '00u1', locale: 'en-US', name: { familyName: 'Meier' } })
    expect(JSON.stringify(answer.body)).not.toContain('Sommer')
    expect(answer.headers.get('location')).toBe(metaOf(answer)['location'])
    const rows = await gateway.query('SELECT * FROM users')
    expect(JSON.stringify(rows)).not.toContain('Sommer')
  })

  test('gets 409 uniqueness for a name that is there', async () => {
    await made('/Users', ada)
    expect(await client.send('POST', '/Users', { ...ada, userName: 'ADA@acme.example' })).toMatchObject({ status: 409, body: { scimType: 'uniqueness', status: '409' } })
  })

  test('puts back what it has read, id and meta included', async () => {
    const id = await made('/Users', ada)
    const read = (await client.send('GET', `/Users/${id}`)).body as JsonObject
    const answer = await client.send('PUT', `/Users/${id}`, { ...read, id: 'another', title: 'Architect', meta: { created: '2001-01-01T00:00:00Z' }, groups: [{ value: 'x' }] })
    expect(answer.body).toMatchObject({ id, title: 'Architect' })
    expect(metaOf(answer)['created']).toBe((read['meta'] as JsonObject)['created'])
  })

  test('deactivates by a replace without a path, or by PUT, and activates again', async () => {
    const id = await made('/Users', ada)
    expect((await patch(`/Users/${id}`, { op: 'replace', value: { active: false } })).body).toMatchObject({ active: false })
    expect((await client.send('PUT', `/Users/${id}`, { ...ada, active: true })).body).toMatchObject({ active: true })
    expect((await client.send('PUT', `/Users/${id}`, { ...ada, active: false })).body).toMatchObject({ active: false })
    const found = await client.send('GET', `/Users?filter=${encodeURIComponent('userName eq "ada@acme.example"')}`)
    expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ active: false }] })
  })

  test('pushes a group: made without members, renamed with its id, members added, removed and replaced, unlinked', async () => {
    const [ann, bob] = [await made('/Users', ada), await made('/Users', { ...ada, userName: 'bob@acme.example', emails: [], externalId: '00u2' })]
    const id = await made('/Groups', { schemas: [GROUP], displayName: 'Engineers', members: [] })
    expect((await patch(`/Groups/${id}`, { op: 'replace', value: { id, displayName: 'Builders' } })).status).toBe(204)
    expect((await patch(`/Groups/${id}`, { op: 'add', path: 'members', value: [{ value: ann, display: 'ada@acme.example' }, { value: bob }] })).status).toBe(204)
    expect(await members(id)).toEqual([ann, bob].toSorted())
    await patch(`/Groups/${id}`, { op: 'remove', path: `members[value eq "${ann}"]` })
    expect(await members(id)).toEqual([bob])
    await patch(`/Groups/${id}`, { op: 'replace', path: 'members', value: [{ value: ann }] })
    expect(await members(id)).toEqual([ann])
    expect((await client.send('GET', `/Groups/${id}`)).body).toMatchObject({ displayName: 'Builders' })
    expect((await client.send('GET', `/Users/${ann}`)).body).toMatchObject({ groups: [{ value: id, display: 'Builders', type: 'direct' }] })
    expect((await client.send('DELETE', `/Groups/${id}`)).status).toBe(204)
    expect((await client.send('GET', `/Users/${ann}`)).body).not.toHaveProperty('groups')
  })
})

describe('Microsoft Entra ID', () => {
  const tom: JsonObject = {
    schemas: [USER, ENTERPRISE], externalId: 'tom', userName: 'tom@acme.example', active: true, displayName: 'Tom Braun', meta: { resourceType: 'User' }, roles: [],
    emails: [{ primary: true, type: 'work', value: 'tom@acme.example' }], name: { formatted: 'Tom Braun', familyName: 'Braun', givenName: 'Tom' },
    [ENTERPRISE]: { department: 'Sales', manager: { value: '26118915-6090-4610-87e4-49d8ca9f808d' } },
  }

  test('tests the connection by a name that nobody has', async () => {
    const answer = await client.send('GET', `/Users?filter=${encodeURIComponent('userName eq "5a1b1f3e-4b58-4b3c-a2b6-4b0d9b8f1c11"')}`)
    expect(answer).toMatchObject({ status: 200, body: { totalResults: 0 } })
  })

  test.each([
    ['userName eq "tom@acme.example"'], ['externalId eq "tom"'], ['externalId eq tom'], ['emails[type eq "work"].value eq "TOM@acme.example"'],
    ['userName eq "tom@acme.example" and active eq True'], [`urn:ietf:params:scim:schemas:core:2.0:User:userName eq "tom@acme.example"`],
  ])('finds by %s', async (filter) => {
    const id = await made('/Users', tom)
    expect((await client.send('GET', `/Users?filter=${encodeURIComponent(filter)}`)).body).toMatchObject({ totalResults: 1, Resources: [{ id }] })
  })

  test('disables with the text "False", enables with "True", and with booleans under its flag', async () => {
    const id = await made('/Users', tom)
    for (const [value, active] of [['False', false], ['True', true], [false, false], [true, true]] as const) {
      expect((await patch(`/Users/${id}`, { op: 'Replace', path: 'active', value })).body).toMatchObject({ active })
    }
  })

  test('adds to a number and an address that are not there yet: they are made', async () => {
    const id = await made('/Users', tom)
    await patch(`/Users/${id}`, { op: 'Add', path: 'phoneNumbers[type eq "work"].value', value: '+49 30 5550100' }, { op: 'Add', path: 'emails[type eq "home"].value', value: 'tom@home.example' })
    expect((await client.send('GET', `/Users/${id}`)).body).toMatchObject({
      phoneNumbers: [{ type: 'work', value: '+49 30 5550100' }],
      emails: [{ type: 'work', value: 'tom@acme.example', primary: true }, { type: 'home', value: 'tom@home.example' }],
    })
    await patch(`/Users/${id}`, { op: 'Replace', path: 'phoneNumbers[type eq "work"].value', value: '+49 30 5550199' })
    expect((await client.send('GET', `/Users/${id}`)).body).toMatchObject({ phoneNumbers: [{ type: 'work', value: '+49 30 5550199' }] })
  })

  test('replaces dotted and URN keys without a path', async () => {
    const id = await made('/Users', tom)
    const value = { displayName: 'Thomas Braun', 'name.givenName': 'Thomas', [`${ENTERPRISE}:department`]: 'Legal', [ENTERPRISE]: { costCenter: '4711' }, 'emails[type eq "work"].value': 'thomas@acme.example', 'extension_unknown': 1 }
    const { body } = await patch(`/Users/${id}`, { op: 'Replace', value })
    expect(body).toMatchObject({
      displayName: 'Thomas Braun', name: { givenName: 'Thomas', familyName: 'Braun' }, emails: [{ value: 'thomas@acme.example', type: 'work' }],
      [ENTERPRISE]: { department: 'Legal', costCenter: '4711', manager: { value: '26118915-6090-4610-87e4-49d8ca9f808d' } },
    })
    const [row] = await gateway.query('SELECT email, full_name FROM users WHERE id = $1', [id])
    expect(row).toEqual({ email: 'thomas@acme.example', full_name: 'Thomas Braun' })
  })

  test('sends a manager as a text, and takes it away', async () => {
    const id = await made('/Users', tom)
    const path = `${ENTERPRISE}:manager`
    expect((await patch(`/Users/${id}`, { op: 'Add', path, value: 'a-manager' })).body).toMatchObject({ [ENTERPRISE]: { manager: { value: 'a-manager' } } })
    const { body } = await patch(`/Users/${id}`, { op: 'Remove', path })
    expect(body?.[ENTERPRISE]).toEqual({ department: 'Sales' })
  })

  test('removes the one member that it names, and not all', async () => {
    const [one, other] = [await made('/Users', tom), await made('/Users', { ...tom, userName: 'eva@acme.example', emails: [], externalId: 'eva' })]
    const id = await made('/Groups', { schemas: [GROUP, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'], externalId: 'g', displayName: 'Sales', meta: { resourceType: 'Group' } })
    expect((await patch(`/Groups/${id}`, { op: 'Add', path: 'members', value: [{ $ref: null, value: one }, { $ref: null, value: other }] })).status).toBe(204)
    expect((await patch(`/Groups/${id}`, { op: 'Remove', path: 'members', value: [{ $ref: null, value: one }] })).status).toBe(204)
    expect(await members(id)).toEqual([other])
    const list = await client.send('GET', `/Groups?excludedAttributes=members&filter=${encodeURIComponent('displayName eq "sales"')}`)
    expect(list.body).toMatchObject({ totalResults: 1, Resources: [{ id, externalId: 'g', displayName: 'Sales' }] })
    expect(JSON.stringify(list.body)).not.toContain('members')
  })

  test('reads schemas in which there is no null', async () => {
    const { body } = await client.send('GET', '/Schemas')
    expect(JSON.stringify(body)).not.toContain('null')
    expect(listOf({ body }, 'Resources').map((one) => one['id'])).toEqual([USER, GROUP, ENTERPRISE])
  })
})

describe('what the vendor has made is there for the directory', () => {
  test('an administrator of before is found by address, and taken over', async () => {
    await gateway.query(`INSERT INTO users (email, full_name, role, tenant_id) VALUES ('tom@acme.example', 'Tom Braun', 'admin', $1)`, [client.tenant])
    const found = await client.send('GET', `/Users?filter=${encodeURIComponent('userName eq "Tom@acme.example"')}`)
    expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ userName: 'tom@acme.example', displayName: 'Tom Braun', emails: [{ value: 'tom@acme.example', type: 'work', primary: true }] }] })
    const id = String(listOf(found, 'Resources')[0]?.['id'])
    await patch(`/Users/${id}`, { op: 'replace', value: { externalId: '00u9' } })
    const [row] = await gateway.query('SELECT email, role, external_id FROM users WHERE id = $1', [id])
    expect(row).toEqual({ email: 'tom@acme.example', role: 'admin', external_id: '00u9' })
  })
})
