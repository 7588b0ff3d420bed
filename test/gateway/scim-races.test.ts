import { beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../../src/model.ts'
import { listOf, scimClient, type ScimClient } from './client.ts'
import { testGateway, type TestGateway } from './support.ts'

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const MANY = 50
let gateway: TestGateway
let acme: ScimClient
let ids: string[]

beforeAll(async () => {
  gateway = await testGateway()
  acme = await scimClient(gateway, 'acme')
  ids = await Promise.all(Array.from({ length: MANY }, async (_, n) => String((await acme.send('POST', '/Users', { userName: `u${n}@acme.example` })).body?.['id'])))
})

const patch = (path: string, operation: Json, headers = {}) => acme.send('PATCH', path, { schemas: [PATCH], Operations: [operation] }, headers)
const group = async (displayName: string, members: readonly string[] = []) =>
  String((await acme.send('POST', '/Groups', { displayName, members: members.map((value) => ({ value })) })).body?.['id'])
const membersOf = async (id: string) => listOf(await acme.send('GET', `/Groups/${id}`), 'members').map((one) => one['value']).toSorted()
const statuses = (all: readonly { readonly status: number }[]) => all.map(({ status }) => status).toSorted()

describe('at the same moment', () => {
  test(`${MANY} members added to a group are all in it`, async () => {
    const id = await group('Added')
    const answers = await Promise.all(ids.map((value) => patch(`/Groups/${id}`, { op: 'add', path: 'members', value: [{ value }] })))
    expect(new Set(statuses(answers))).toEqual(new Set([204]))
    expect(await membersOf(id)).toEqual(ids.toSorted())
  })

  test(`${MANY} members removed from a group, in the shapes of Okta and Entra ID, are all out of it`, async () => {
    const id = await group('Removed', ids)
    const shapes = [
      (value: string) => ({ op: 'remove', path: `members[value eq "${value}"]` }), (value: string) => ({ op: 'Remove', path: 'members', value: [{ $ref: null, value }] }),
    ]
    const answers = await Promise.all(ids.map((value, n) => patch(`/Groups/${id}`, (shapes[n % 2] as (typeof shapes)[0])(value))))
    expect(new Set(statuses(answers))).toEqual(new Set([204]))
    expect(await membersOf(id)).toEqual([])
  })

  test('half are added while the other half is removed: none is lost, none stays', async () => {
    const [first, second] = [ids.slice(0, MANY / 2), ids.slice(MANY / 2)]
    const id = await group('Both', first)
    await Promise.all([
      ...first.map((value) => patch(`/Groups/${id}`, { op: 'remove', path: `members[value eq "${value}"]` })),
      ...second.map((value) => patch(`/Groups/${id}`, { op: 'add', path: 'members', value: [{ value }] })),
    ])
    expect(await membersOf(id)).toEqual(second.toSorted())
  })

  test('the same user made twenty times is there once: one 201, else 409 uniqueness', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => acme.send('POST', '/Users', { userName: n % 2 ? 'Twin@acme.example' : 'twin@acme.example' })))
    expect(statuses(answers)).toEqual([201, ...Array<number>(19).fill(409)])
    expect(new Set(answers.filter(({ status }) => status === 409).map(({ body }) => body?.['scimType']))).toEqual(new Set(['uniqueness']))
  })

  test('the same group made ten times is there once', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => acme.send('POST', '/Groups', { displayName: 'Twins' })))
    expect(statuses(answers)).toEqual([201, ...Array<number>(9).fill(409)])
  })

  test.each(['Users', 'Groups'])('of ten changes of one of %s from the same version one is made, the others are told 412', async (kind) => {
    const made = await acme.send('POST', `/${kind}`, kind === 'Users' ? { userName: 'raced@acme.example' } : { displayName: 'Raced' })
    const [path, version] = [`/${kind}/${String(made.body?.['id'])}`, made.headers.get('etag') as string]
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => patch(path, { op: 'replace', path: 'displayName', value: `Winner ${n}` }, { 'if-match': version })))
    const won = answers.findIndex(({ status }) => status < 300)
    expect(statuses(answers).slice(1)).toEqual(Array<number>(9).fill(412))
    expect((await acme.send('GET', path)).body?.['displayName']).toBe(`Winner ${won}`)
  })

  test('a user is deleted while groups are changed: no answer is an error of the server, and no member is left who is nobody', async () => {
    const gone = await Promise.all(Array.from({ length: 8 }, async (_, n) => String((await acme.send('POST', '/Users', { userName: `gone${n}@acme.example` })).body?.['id'])))
    const groups = await Promise.all([group('G1', gone), group('G2', gone)])
    const answers = await Promise.all([
      ...gone.map((id) => acme.send('DELETE', `/Users/${id}`)),
      ...groups.flatMap((id) => gone.map((value) => patch(`/Groups/${id}`, { op: 'remove', path: `members[value eq "${value}"]` }))),
    ])
    expect(answers.filter(({ status }) => status >= 500)).toEqual([])
    for (const id of groups) expect(await membersOf(id)).toEqual([])
  })

  test('people are deleted together with the group that they are in', async () => {
    const gone = await Promise.all(Array.from({ length: 8 }, async (_, n) => String((await acme.send('POST', '/Users', { userName: `left${n}@acme.example` })).body?.['id'])))
    const id = await group('Left', gone)
    const answers = await Promise.all([...gone.map((one) => acme.send('DELETE', `/Users/${one}`)), patch(`/Groups/${id}`, { op: 'remove', path: 'members' }), acme.send('DELETE', `/Groups/${id}`)])
    for (const { status } of answers) expect([204, 404]).toContain(status)
    expect(await gateway.query('SELECT FROM group_members WHERE group_id = $1', [id])).toEqual([])
  })
})
