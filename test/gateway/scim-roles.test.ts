import { beforeAll, describe, expect, test } from 'vitest'
import { tablesOf } from '../../src/identity/sql.ts'
import { unmap } from '../../src/identity/scim/roles.ts'
import { scimClient, type ScimClient } from './client.ts'
import { testGateway, type TestGateway } from './support.ts'

const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
let gateway: TestGateway
let count = 0
beforeAll(async () => {
  gateway = await testGateway()
})

/** A tenant whose groups Admins and Managers give roles. */
async function tenant(): Promise<ScimClient> {
  const client = await scimClient(gateway, `roles-${++count}`)
  await gateway.query(
    `INSERT INTO scim_mappings (tenant_id, groups, role_default) VALUES ($1, '[{"group":"managers","role":"manager"},{"group":"Admins","role":"admin"}]', 'viewer')`,
    [client.tenant],
  )
  return client
}
const made = async (client: ScimClient, userName: string) => String((await client.send('POST', '/Users', { userName })).body?.['id'])
const group = async (client: ScimClient, displayName: string, ...ids: string[]) =>
  String((await client.send('POST', '/Groups', { displayName, members: ids.map((value) => ({ value })) })).body?.['id'])
const patch = (client: ScimClient, path: string, op: string, on: string, value?: unknown) =>
  client.send('PATCH', path, { schemas: [PATCH], Operations: [{ op, path: on, ...(value === undefined ? {} : { value }) }] } as never)
const role = async (id: string) => (await gateway.query<{ role: string }>('SELECT role FROM users WHERE id = $1', [id]))[0]?.role
const byHand = async (client: ScimClient, email: string, more = `role, password_hash`, values = `'admin', 'x'`) =>
  (await gateway.query<{ id: string }>(`INSERT INTO users (tenant_id, email, full_name, ${more}) VALUES ($1, $2, $2, ${values}) RETURNING id::text`, [client.tenant, email]))[0]?.id as string

describe('groups give roles', () => {
  test('who is in none has the default; joining, leaving, and the highest of several', async () => {
    const client = await tenant()
    const id = await made(client, 'ada@acme.example')
    expect(await role(id)).toBe('viewer')
    const managers = await group(client, 'Managers', id)
    expect(await role(id)).toBe('manager')
    const admins = await group(client, 'admins')
    await patch(client, `/Groups/${admins}`, 'add', 'members', [{ value: id }])
    expect(await role(id)).toBe('admin')
    await patch(client, `/Groups/${admins}`, 'remove', `members[value eq "${id}"]`)
    expect(await role(id)).toBe('manager')
    await client.send('PUT', `/Groups/${managers}`, { displayName: 'Managers', members: [] })
    expect(await role(id)).toBe('viewer')
  })

  test('a group that is renamed or deleted gives it and takes it away', async () => {
    const client = await tenant()
    const id = await made(client, 'ada@acme.example')
    const one = await group(client, 'Staff', id)
    expect(await role(id)).toBe('viewer')
    await patch(client, `/Groups/${one}`, 'replace', 'displayName', 'MANAGERS')
    expect(await role(id)).toBe('manager')
    await patch(client, `/Groups/${one}`, 'replace', 'displayName', 'Staff')
    expect(await role(id)).toBe('viewer')
    await patch(client, `/Groups/${one}`, 'replace', 'displayName', 'Managers')
    expect((await client.send('DELETE', `/Groups/${one}`)).status).toBe(204)
    expect(await role(id)).toBe('viewer')
    const told = await gateway.query<{ to: string }>(`SELECT detail ->> 'to' AS to FROM audit_events WHERE user_id = $1 AND event = 'scim.role.changed' ORDER BY id`, [id])
    expect(told.map(({ to }) => to)).toEqual(['manager', 'viewer', 'manager', 'viewer'])
  })

  test('another tenant\'s group of the same name gives nothing, nor does a role that somebody sends', async () => {
    const [one, other] = [await tenant(), await tenant()]
    const id = await made(one, 'ada@acme.example')
    await group(other, 'Admins', await made(other, 'ada@acme.example'))
    await client(one, id)
    expect(await role(id)).toBe('viewer')
    async function client(to: ScimClient, user: string) {
      await to.send('PATCH', `/Users/${user}`, { schemas: [PATCH], Operations: [{ op: 'replace', value: { role: 'admin', roles: [{ value: 'admin', primary: true }], groups: [{ value: 'x' }] } }] })
    }
  })

  test('the last administrator keeps the role, and another one can take over', async () => {
    const client = await tenant()
    const id = await byHand(client, 'root@acme.example')
    const admins = await group(client, 'Admins', id)
    await patch(client, `/Groups/${admins}`, 'remove', 'members', [{ value: id }])
    expect(await role(id)).toBe('admin')
    expect(await gateway.query(`SELECT FROM audit_events WHERE user_id = $1 AND event = 'scim.role.kept'`, [id])).toHaveLength(1)
    await byHand(client, 'second@acme.example')
    await patch(client, `/Groups/${admins}`, 'add', 'members', [{ value: id }])
    await patch(client, `/Groups/${admins}`, 'remove', 'members', [{ value: id }])
    expect(await role(id)).toBe('viewer')
  })

  test('who has an account for emergencies is never mapped; taken back, everybody has the role of before', async () => {
    const client = await tenant()
    const emergency = await byHand(client, 'emergency@acme.example', 'role, password_hash, break_glass', `'admin', 'x', true`)
    const boss = await byHand(client, 'boss@acme.example')
    const ada = await made(client, 'ada@acme.example')
    await group(client, 'Managers', emergency, boss, ada)
    expect([await role(emergency), await role(boss), await role(ada)]).toEqual(['admin', 'manager', 'manager'])
    await unmap(gateway.query, tablesOf('public'), client.tenant)
    expect([await role(emergency), await role(boss), await role(ada)]).toEqual(['admin', 'admin', 'member'])
  })

  test('of changes of two groups at once neither is lost', async () => {
    const client = await tenant()
    const [admins, managers] = [await group(client, 'Admins'), await group(client, 'Managers')]
    const ids = await Promise.all(Array.from({ length: 12 }, (_, n) => made(client, `u${n}@acme.example`)))
    const add = (to: string, id: string) => patch(client, `/Groups/${to}`, 'add', 'members', [{ value: id }])
    await Promise.all(ids.flatMap((id) => [add(managers, id), add(admins, id)]))
    expect(new Set(await Promise.all(ids.map(role)))).toEqual(new Set(['admin']))
  })
})

describe('deactivation', () => {
  const session = (client: ScimClient, user: string) =>
    gateway.query(`INSERT INTO sessions (token_hash, tenant_id, user_id, method) VALUES (gen_random_uuid()::text, $1, $2, 'password')`, [client.tenant, user])
  const open = async (user: string) => (await gateway.query(`SELECT FROM sessions WHERE user_id = $1 AND ended_at IS NULL`, [user])).length

  test.each([
    ['Okta, by PATCH', 'PATCH', { schemas: [PATCH], Operations: [{ op: 'replace', value: { active: false } }] }],
    ['Entra ID, by PATCH', 'PATCH', { schemas: [PATCH], Operations: [{ op: 'Replace', path: 'active', value: 'False' }] }],
    ['by PUT', 'PUT', { userName: 'ada@acme.example', active: false }],
  ])('%s ends every session at once, and the link to set a password', async (_who, method, body) => {
    const client = await scimClient(gateway, `off-${++count}`)
    const id = await made(client, 'ada@acme.example')
    await gateway.query(`UPDATE users SET set_password_token_hash = $1::text, set_password_expires_at = onboard.now() + interval '1 day' WHERE id = $1::uuid`, [id])
    for (let n = 0; n < 3; n++) await session(client, id)
    const bystander = await made(client, 'bo@acme.example')
    await session(client, bystander)
    expect((await client.send(method, `/Users/${id}`, body as never)).status).toBe(200)
    expect([await open(id), await open(bystander)]).toEqual([0, 1])
    expect(await gateway.query(`SELECT active, set_password_token_hash AS hash FROM users WHERE id = $1`, [id])).toEqual([{ active: false, hash: null }])
    const events = await gateway.query<{ event: string }>(`SELECT event FROM audit_events WHERE user_id = $1 ORDER BY id`, [id])
    expect(events.map(({ event }) => event)).toEqual(['scim.user.created', 'scim.user.deactivated', 'session.ended', 'session.ended', 'session.ended'])
  })

  test('a session that began while somebody was being switched off is not there again when he comes back', async () => {
    const client = await scimClient(gateway, `back-${++count}`)
    const id = await made(client, 'ada@acme.example')
    await patch(client, `/Users/${id}`, 'replace', 'active', false)
    await session(client, id)
    expect((await patch(client, `/Users/${id}`, 'replace', 'active', true)).status).toBe(200)
    expect(await open(id)).toBe(0)
    await session(client, id)
    await patch(client, `/Users/${id}`, 'replace', 'title', 'Guide')
    expect(await open(id)).toBe(1)
  })

  test('of the last administrator who can sign in is refused, as is deleting it, until there is another one', async () => {
    const client = await scimClient(gateway, `last-${++count}`)
    const root = await byHand(client, 'root@acme.example')
    await byHand(client, 'invited@acme.example', 'role', `'admin'`)
    const off = (id: string) => patch(client, `/Users/${id}`, 'replace', 'active', false)
    expect(await off(root)).toMatchObject({ status: 403, body: { detail: expect.stringContaining('last administrator') } })
    expect((await client.send('DELETE', `/Users/${root}`)).status).toBe(403)
    await byHand(client, 'emergency@acme.example', 'role, password_hash, break_glass', `'admin', 'x', true`)
    expect((await off(root)).status).toBe(200)
  })

  test('of the last two at the same moment leaves one', async () => {
    const client = await scimClient(gateway, `two-${++count}`)
    const both = [await byHand(client, 'a@acme.example'), await byHand(client, 'b@acme.example')]
    const answers = await Promise.all(both.map((id) => patch(client, `/Users/${id}`, 'replace', 'active', false)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 403])
  })

  test('an account for emergencies is not the directory\'s to change', async () => {
    const client = await scimClient(gateway, `glass-${++count}`)
    const id = await byHand(client, 'emergency@acme.example', 'role, password_hash, break_glass', `'admin', 'x', true`)
    await byHand(client, 'root@acme.example')
    for (const [method, body] of [['PUT', { userName: 'x@acme.example' }], ['DELETE', undefined]] as const) {
      expect(await client.send(method, `/Users/${id}`, body)).toMatchObject({ status: 403, body: { detail: expect.stringContaining('emergencies') } })
    }
  })
})

describe('before directory sync is switched on', () => {
  test('a directory can be tried with some users of its own, and touches nobody else', async () => {
    const client = await scimClient(gateway, `trial-${++count}`)
    await gateway.query(`UPDATE tenants SET settings = '{}' WHERE id = $1`, [client.tenant])
    const root = await byHand(client, 'root@acme.example')
    const answers = []
    for (let n = 0; n < 21; n++) answers.push(await client.send('POST', '/Users', { userName: `u${n}@acme.example` }))
    expect(answers.map(({ status }) => status)).toEqual([...Array<number>(20).fill(201), 403])
    expect(answers[20]?.body).toMatchObject({ detail: expect.stringContaining('not switched on') })
    expect((await patch(client, `/Users/${String(answers[0]?.body?.['id'])}`, 'replace', 'active', false)).status).toBe(200)
    expect((await patch(client, `/Users/${root}`, 'replace', 'active', false)).status).toBe(403)
    expect((await client.send('DELETE', `/Users/${root}`)).status).toBe(403)
    await gateway.query(`INSERT INTO scim_mappings (tenant_id, groups, role_default) VALUES ($1, '[{"group":"G","role":"viewer"}]', 'member')`, [client.tenant])
    await byHand(client, 'second@acme.example')
    await group(client, 'G', root)
    expect(await role(root)).toBe('admin')
  })
})
