import type pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import { verifyChain } from '../../src/journal/verify.ts'
import { testDatabase } from '../support/database.ts'
import { toThisVersion, versionBefore } from './version.ts'

let database: Database
let owner: pg.Client
const open: pg.Client[] = []
beforeEach(async () => {
  database = await testDatabase()
  open.push((owner = await database.connect('owner')))
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.end()
})
const as = async (role: 'app' | 'reader'): Promise<pg.Client> => {
  const client = await database.connect(role)
  open.push(client)
  return client
}
const rows = async (client: pg.Client, sql: string, params: unknown[] = []) => (await client.query(sql, params)).rows

test('010: a chain that entries were appended to one by one goes on, and still verifies', async () => {
  await versionBefore(owner, '010')
  const app = await as('app')
  const [{ id }] = await rows(app, 'SELECT onboard.open_chain() AS id')
  const append = `SELECT seq::int FROM onboard.append($1, $2, NULL, NULL, NULL, NULL, '{"n":1}', $3)`
  for (const kind of ['opened', 'held']) await app.query(append, [id, kind, '{"reason":"\\"why\\""}'])
  const before = await rows(owner, 'SELECT * FROM onboard.journal ORDER BY seq')

  expect(await toThisVersion(database)).toEqual(['010', '011', '012', '013', '014'])

  expect(await rows(owner, 'SELECT * FROM onboard.journal ORDER BY seq')).toEqual(before)
  expect(await rows(app, append, [id, 'resumed', '{}'])).toEqual([{ seq: 3 }])
  const several = JSON.stringify([{ kind: 'held', entry: '{}' }, { kind: 'resumed', entry: '{}', detail: { reason: '"x"' } }])
  expect(await rows(app, 'SELECT seq::int FROM onboard.append_all($1, $2)', [id, several])).toEqual([{ seq: 5 }])
  expect(await verifyChain(owner, id)).toMatchObject({ entries: 5, faults: [] })
  await expect((await as('reader')).query('SELECT onboard.append_all($1, $2)', [id, several])).rejects.toThrow('permission denied')
})

test('011: users who were there are known by their address, each tenant for itself, and no directory has described them', async () => {
  await versionBefore(owner, '011')
  await owner.query(`INSERT INTO tenants (slug, name, plan) VALUES ('acme', 'Acme', 'custom'), ('other', 'Other', 'custom');
    INSERT INTO users (tenant_id, email, full_name, role, password_hash) SELECT id, 'Ada@acme.example', 'Ada', 'admin', 'hash' FROM tenants`)
  const before = await rows(owner, 'SELECT id, email, full_name, role, active, password_hash, created_at FROM users ORDER BY id')

  expect(await toThisVersion(database)).toEqual(['011', '012', '013', '014'])

  expect(await rows(owner, 'SELECT id, email, full_name, role, active, password_hash, created_at FROM users ORDER BY id')).toEqual(before)
  expect(await rows(owner, 'SELECT DISTINCT user_name, external_id, document, version::int FROM users')).toEqual([{ user_name: null, external_id: null, document: null, version: 1 }])
  const app = await as('app')
  await expect(app.query(`INSERT INTO users (tenant_id, email, full_name, user_name) SELECT tenant_id, 'x@acme.example', 'X', 'ada@ACME.example' FROM users LIMIT 1`)).rejects.toThrow('users_tenant_user_name')
  await app.query(`INSERT INTO scim_tokens (tenant_id, token_hash, prefix, expires_at) SELECT id, repeat('0', 64), 'p', now() + interval '1 day' FROM tenants LIMIT 1`)
  const reader = await as('reader')
  expect(await rows(reader, 'SELECT prefix FROM scim_tokens')).toEqual([{ prefix: 'p' }])
  await expect(reader.query('SELECT token_hash FROM scim_tokens')).rejects.toThrow('permission denied')
})

test('012: users, groups and tokens of before stay as they are, nobody is mapped, locked or an account for emergencies', async () => {
  await versionBefore(owner, '012')
  await owner.query(`INSERT INTO tenants (slug, name, plan) VALUES ('acme', 'Acme', 'custom');
    INSERT INTO users (tenant_id, email, full_name, role, document) SELECT id, 'ada@acme.example', 'Ada', 'manager', '{"title":"Dr"}' FROM tenants;
    INSERT INTO groups (tenant_id, display_name) SELECT id, 'Staff' FROM tenants;
    INSERT INTO group_members SELECT g.tenant_id, g.id, u.id FROM groups g, users u;
    INSERT INTO scim_tokens (tenant_id, token_hash, prefix, expires_at) SELECT id, repeat('0', 64), 'p', now() + interval '1 day' FROM tenants`)
  const all = async () => [
    await rows(owner, 'SELECT id, email, role, document, version, updated_at FROM users'), await rows(owner, 'SELECT * FROM group_members'), await rows(owner, 'SELECT * FROM scim_tokens'),
  ]
  const before = await all()

  expect(await toThisVersion(database)).toEqual(['012', '013', '014'])

  expect(await all()).toEqual(before)
  expect(await rows(owner, 'SELECT break_glass, failed_logins, locked_until, totp_secret, role_mapped, role_given FROM users')).toEqual([
    { break_glass: false, failed_logins: 0, locked_until: null, totp_secret: null, role_mapped: false, role_given: null },
  ])
  const [app, reader] = [await as('app'), await as('reader')]
  await app.query(`INSERT INTO sessions (token_hash, tenant_id, user_id, method) SELECT 'h', tenant_id, id, 'password' FROM users`)
  await app.query(`INSERT INTO scim_mappings (tenant_id, groups, role_default) SELECT id, '[]', 'member' FROM tenants`)
  await app.query(`INSERT INTO audit_events (tenant_id, event) SELECT id, 'login.password' FROM tenants`)
  for (const change of [`UPDATE audit_events SET event = 'x'`, 'DELETE FROM audit_events', 'TRUNCATE audit_events']) await expect(app.query(change), change).rejects.toThrow('permission denied')
  for (const secret of ['token_hash FROM sessions', 'totp_secret FROM users', 'client_secret FROM sso_connections', 'private_key FROM sso_keys', 'detail FROM sso_requests']) {
    await expect(reader.query(`SELECT ${secret}`), secret).rejects.toThrow('permission denied')
  }
  for (const seen of ['role_default FROM scim_mappings', 'method FROM sessions', 'event FROM audit_events', 'status FROM scim_log']) await reader.query(`SELECT ${seen}`)
  // A person who is deleted takes sessions and identities along, and what was done stays told.
  await app.query('DELETE FROM users')
  expect(await rows(owner, 'SELECT (SELECT count(*)::int FROM sessions) AS sessions, (SELECT count(*)::int FROM audit_events) AS events')).toEqual([{ sessions: 0, events: 1 }])
})
