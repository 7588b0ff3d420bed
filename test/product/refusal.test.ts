import { expect, test } from 'vitest'
import admin from '../../src/actions/tenant/admin.ts'
import { testDatabase } from '../support/database.ts'
import { createWorld } from '../support/world.ts'

test('a refusal of the database names no secret, hashed or not', async () => {
  const world = await createWorld(await testDatabase(), {
    form: 'mapped',
    tenants: { table: 'orgs', key: 'id', columns: { slug: 'handle' } },
    users: {
      table: 'members',
      key: 'id',
      columns: {
        tenant: 'org',
        email: 'email',
        full_name: 'name',
        role: 'role',
        password_hash: 'pw',
        set_password_token_hash: 'invite',
        set_password_expires_at: 'invite_until',
      },
    },
  })
  await world.sql(`
    CREATE TABLE orgs (id int PRIMARY KEY, handle text); INSERT INTO orgs VALUES (1, 'acme');
    CREATE TABLE members (id serial PRIMARY KEY, org int, email text, name text, role text, pw text, invite uuid, invite_until timestamptz);
    GRANT ALL ON orgs, members, members_id_seq TO onboard_app; GRANT SELECT ON orgs, members TO onboard_reader`)
  const error = await world
    .apply(admin as never, { tenant: 'acme', email: 'tom@acme.example', name: 'Tom', handover: 'set-password-link' })
    .catch((thrown: unknown) => thrown as Error)
  expect(error).toMatchObject({ kind: 'invalid', code: 'value-refused', message: expect.stringContaining('uuid') })
  expect((error as Error).message).not.toMatch(/[0-9a-f]{32}/)
  await world.close()
})
