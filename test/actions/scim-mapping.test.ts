import { beforeAll, describe, expect, test } from 'vitest'
import mapping from '../../src/actions/scim/mapping.ts'
import { testDatabase } from '../support/database.ts'
import { actionLaws } from '../support/laws.ts'
import { createWorld, type World } from '../support/world.ts'

const input = { tenant: 'acme', groups: [{ group: 'Admins', role: 'admin' }, { group: 'Guests', role: 'viewer' }], role_default: 'member' }
const tenant = (world: World) => world.sql(`INSERT INTO tenants (slug, name, plan, settings) VALUES ('acme', 'Acme', 'custom', '{"enabled":{"scim":true}}'), ('other', 'Other', 'custom', '{}')`)
const mapped = async (world: World) => {
  await tenant(world)
  await world.sql(`INSERT INTO scim_mappings (tenant_id, groups, role_default) SELECT id, '[{"group":"Staff","role":"manager"}]', 'viewer' FROM tenants WHERE slug = 'acme'`)
}

actionLaws('scim.mapping', { 'a first one': { input, given: tenant }, 'another one': { input, given: mapped, kept: ['updated_at'] } })

describe('scim.mapping', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld(await testDatabase({ simulated: '2026-12-01T09:00:00Z' }))
    await tenant(world)
    return () => world.close()
  })
  const roles = async () => Object.fromEntries((await world.sql<{ email: string; role: string }>('SELECT email, role FROM users')).map(({ email, role }) => [email, role]))

  test('whoever is in the groups already has the role at once, an administrator made by hand stays one, and all have that of before when it is taken back', async () => {
    await world.sql(`INSERT INTO users (tenant_id, email, full_name, role, document) SELECT t.id, e, e, CASE e WHEN 'dee' THEN 'admin' ELSE 'member' END, '{}' FROM tenants t, unnest(ARRAY['ada', 'bo', 'cy', 'dee']) e WHERE slug = 'acme'`)
    await world.sql(`INSERT INTO users (tenant_id, email, full_name, role, password_hash) SELECT t.id, 'root', 'Root', 'admin', 'x' FROM tenants t WHERE slug = 'acme'`)
    await world.sql(`INSERT INTO groups (tenant_id, display_name) SELECT id, g FROM tenants, unnest(ARRAY['admins', 'Guests']) g WHERE slug = 'acme'`)
    await world.sql(`INSERT INTO group_members SELECT g.tenant_id, g.id, u.id FROM groups g JOIN users u ON (u.email, g.display_name) IN (('ada', 'admins'), ('bo', 'Guests'))`)
    const applied = await world.apply(mapping as never, { ...input, role_default: 'viewer' })
    expect(await roles()).toEqual({ ada: 'admin', bo: 'viewer', cy: 'viewer', dee: 'admin', root: 'admin' })
    await world.undo(mapping as never, applied)
    expect(await roles()).toEqual({ ada: 'member', bo: 'member', cy: 'member', dee: 'admin', root: 'admin' })
  })

  test('who was given another role since gets the one of the mapping again', async () => {
    const first = await world.apply(mapping as never, input)
    expect(first.change).not.toBeNull()
    await world.sql(`UPDATE users SET role = 'manager' WHERE email = 'bo'`)
    expect((await world.apply(mapping as never, input)).change).toMatchObject({ before: { users_with_another_role: 1 } })
    expect(await roles()).toMatchObject({ bo: 'viewer' })
    expect((await world.apply(mapping as never, input)).change).toBeNull()
  })

  test.each([
    [[{ group: 'Admins', role: 'admin' }, { group: ' admins', role: 'member' }], 'twice'], [[{ group: '  ', role: 'admin' }], 'empty'],
  ])('a mapping that says two things, or of nothing, is refused: %j', async (groups, why) => {
    await expect(world.apply(mapping as never, { ...input, groups })).rejects.toThrow(why)
  })
})
