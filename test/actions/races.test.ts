/** Somebody else writes between the look and the act: what they wrote is never lost. */
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import row from '../../src/actions/postgres/row.ts'
import admin from '../../src/actions/tenant/admin.ts'
import record from '../../src/actions/tenant/record.ts'
import { createWriter } from '../../src/journal/reader.ts'
import { testDatabase } from '../support/database.ts'
import { createWorld, type World } from '../support/world.ts'

const cost = process.env['ONBOARD_BCRYPT_COST']
process.env['ONBOARD_BCRYPT_COST'] = '4'
afterAll(() => {
  if (cost === undefined) delete process.env['ONBOARD_BCRYPT_COST']
  else process.env['ONBOARD_BCRYPT_COST'] = cost
})

let world: World
beforeEach(async () => {
  world = await createWorld(await testDatabase({ simulated: '2026-12-01T09:00:00Z' }))
})
afterEach(() => world.close())

/** Holds what `sql` writes until `work` waits for it, then commits. */
async function meanwhile<T>(sql: string, work: () => Promise<T>): Promise<T> {
  const other = await world.database.connect('owner')
  try {
    await other.query(`BEGIN; ${sql}`)
    const done = work()
    done.catch(() => undefined)
    await pause(300)
    await other.query('COMMIT')
    return await done
  } finally {
    await other.end()
  }
}

describe('tenant.admin', () => {
  const input = { tenant: 'acme', email: 'tom@acme.example', name: 'Tom', handover: 'temporary-password' }
  const own = `UPDATE users SET password_hash = 'own', must_change_password = false, password_expires_at = NULL, set_password_token_hash = NULL, set_password_expires_at = NULL`
  beforeEach(() =>
    world.sql(`INSERT INTO tenants (slug, name, plan) VALUES ('acme', 'Acme', 'custom')`))

  test('does not overwrite a password that a user without one has set meanwhile', async () => {
    await world.sql(
      `INSERT INTO users (tenant_id, email, full_name, role) SELECT id, 'tom@acme.example', 'Tom', 'member' FROM tenants`,
    )
    const seen = await world.reading((read) => admin.check(read, input as never))
    const change = admin.plan(input as never, seen)
    await world.sql(own)
    await expect(world.apply(admin as never, input, { change: change as never })).rejects.toMatchObject({
      kind: 'conflict',
    })
    expect(await world.sql('SELECT password_hash, role FROM users')).toEqual([{ password_hash: 'own', role: 'member' }])
  })

  test.each(['temporary-password', 'set-password-link'])(
    'does not reissue over a password that its owner has set meanwhile: %s',
    async (handover) => {
      const given = { ...input, handover }
      await world.apply(admin as never, given)
      const seen = await world.reading((read) => admin.check(read, given as never))
      await world.sql(own)
      const client = await world.database.connect('app')
      await client.query('BEGIN')
      const write = createWriter(
        client,
        'k',
        { product: world.product, exec: () => Promise.reject(new Error('no')) },
        () => undefined,
      )
      await expect(admin.reissue?.(write, given as never, seen)).rejects.toMatchObject({ kind: 'conflict' })
      await client.query('COMMIT')
      await client.end()
      expect(await world.sql('SELECT password_hash, set_password_token_hash FROM users')).toEqual([
        { password_hash: 'own', set_password_token_hash: null },
      ])
    },
  )
})

describe('undo', () => {
  test('of tenant.record does not delete a tenant that goes live at that moment', async () => {
    const applied = await world.apply(record as never, { slug: 'acme', name: 'Acme', plan: 'custom' })
    await meanwhile(`UPDATE tenants SET status = 'live', first_live_at = onboard.now()`, () =>
      world.undo(record as never, applied))
    expect(await world.sql('SELECT status FROM tenants')).toEqual([{ status: 'suspended' }])
  })

  test('of postgres.row cascades to no row that is added at that moment', async () => {
    await world.sql(`
      CREATE TABLE parent (id int PRIMARY KEY);
      CREATE TABLE child (parent int REFERENCES parent ON DELETE CASCADE);
      GRANT ALL ON parent, child TO onboard_app; GRANT SELECT ON parent, child TO onboard_reader`)
    const applied = await world.apply(row as never, { table: 'parent', key: { id: 1 }, set: {} })
    await expect(
      meanwhile('INSERT INTO child VALUES (1)', () => world.undo(row as never, applied)),
    ).rejects.toMatchObject({ kind: 'conflict', code: 'has-dependents' })
    expect(await world.sql('SELECT parent FROM child')).toEqual([{ parent: 1 }])
  })

  test('of postgres.row needs no right to update', async () => {
    await world.sql(`
      CREATE TABLE leaf (id int PRIMARY KEY);
      GRANT SELECT, INSERT, DELETE ON leaf TO onboard_app; GRANT SELECT ON leaf TO onboard_reader`)
    const applied = await world.apply(row as never, { table: 'leaf', key: { id: 1 }, set: {} })
    await world.undo(row as never, applied)
    expect(await world.sql('SELECT id FROM leaf')).toEqual([])
  })
})
