import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import activity from '../../src/actions/scim/activity.ts'
import { testDatabase } from '../support/database.ts'
import { createWorld, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await createWorld(await testDatabase())
  return () => world.close()
})
beforeEach(async () => {
  await world.sql('TRUNCATE tenants, users, sessions, audit_events CASCADE')
  await world.sql(`INSERT INTO tenants (slug, name, plan) VALUES ('acme', 'Acme', 'custom'), ('other', 'Other', 'custom')`)
})

const user = async (name: string, slug = 'acme', active = true) =>
  (await world.sql<{ id: string }>(`INSERT INTO users (tenant_id, email, full_name, active, document) SELECT id, $1, $1, $3, '{}' FROM tenants WHERE slug = $2 RETURNING id::text`, [name, slug, active]))[0]?.id as string
const told = (id: string, event: string, detail: object = {}) =>
  world.sql(`INSERT INTO audit_events (tenant_id, event, user_id, detail) SELECT tenant_id, $2, id, $3 FROM users WHERE id = $1`, [id, event, JSON.stringify(detail)])
const looked = (of: 'users' | 'groups' = 'users', tenant = 'acme') => world.reading((read) => activity.probe(read, { tenant, of } as never))
async function whole(name: string, slug?: string): Promise<void> {
  const id = await user(name, slug, false)
  await told(id, 'scim.user.created', { user_name: name })
  for (const event of ['scim.user.updated', 'scim.user.deactivated']) await told(id, event, { user_name: name })
}

describe('scim.activity', () => {
  test('says what the directory has not done yet, and passes when it has', async () => {
    expect(await looked()).toEqual({
      result: 'not_checked', next: 'onboard apply acme',
      reason: 'the directory has not made a user, nor changed one, nor switched one off yet: come back after its next cycle',
    })
    await told(await user('ada'), 'scim.user.created', { user_name: 'ada' })
    expect(await looked()).toMatchObject({ reason: expect.stringMatching(/^the directory has not changed one, nor switched one off yet/) })
    await whole('bo')
    expect(await looked()).toMatchObject({ result: 'pass', data: { created: 2, changed: 1, off: 1 } })
  })

  test('what our tester did, and another tenant\'s directory, does not count', async () => {
    await whole('onboard-scim-test-1@customer.example')
    await whole('eve', 'other')
    expect(await looked()).toMatchObject({ result: 'not_checked' })
  })

  test('of groups it wants a role given and one taken back', async () => {
    const id = await user('ada')
    await told(id, 'scim.role.changed', { from: 'member', to: 'admin' })
    expect(await looked('groups')).toMatchObject({ result: 'not_checked', reason: expect.stringMatching(/^the directory has not taken one back yet/) })
    await told(id, 'scim.role.changed', { from: 'admin', to: 'member' })
    expect(await looked('groups')).toMatchObject({ result: 'pass', data: { given: 1, taken: 1 } })
  })

  test('it fails where somebody who is switched off is still signed in', async () => {
    await whole('ada')
    await world.sql(`INSERT INTO sessions (token_hash, tenant_id, user_id, method) SELECT 'x', tenant_id, id, 'password' FROM users WHERE email = 'ada'`)
    expect(await looked()).toMatchObject({ result: 'fail', summary: '1 sessions of users that are switched off are still open' })
  })

  test('a tenant that is not there is a conflict', async () => {
    await expect(looked('users', 'nobody')).rejects.toMatchObject({ code: 'no-such-tenant' })
  })
})
