import { beforeAll, describe, expect, test } from 'vitest'
import record from '../../src/actions/tenant/record.ts'
import { misfits } from '../../src/runbook/fit.ts'
import { testDatabase } from '../support/database.ts'
import { actionLaws } from '../support/laws.ts'
import { createWorld, type World } from '../support/world.ts'

const input = { slug: 'acme', name: 'Acme Industrial GmbH', plan: 'enterprise', region: 'eu' }

actionLaws('tenant.record', {
  'a new tenant': { input },
  'a tenant that is there, under another name': {
    input,
    given: (world) =>
      world.sql(
        `INSERT INTO tenants (slug, name, plan, status, settings) VALUES ('acme', 'Acme', 'professional', 'live', '{"theme": {"dark": true}}')`,
      ),
  },
  'a name in another script, with quotes and SQL': {
    input: { ...input, name: `Ωμέγα "O'Brien"; DROP TABLE tenants; -- 株式会社` },
  },
})

describe('tenant.record', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld(await testDatabase())
    return () => world.close()
  })
  const tenant = async (slug: string) => (await world.sql('SELECT * FROM tenants WHERE slug = $1', [slug]))[0]

  test('a new tenant is provisioning, and its plan shows all of it', async () => {
    const applied = await world.apply(record as never, input)
    expect(applied.change).toMatchObject({
      target: 'tenant acme',
      before: null,
      after: { name: input.name, plan: 'enterprise', 'settings.region': 'eu', status: 'provisioning' },
    })
    expect(await tenant('acme')).toMatchObject({
      name: input.name,
      plan: 'enterprise',
      status: 'provisioning',
      settings: { region: 'eu' },
    })
    expect(applied.outputs).toEqual({ id: (await tenant('acme'))?.['id'], slug: 'acme', status: 'provisioning' })
  })

  test('an existing tenant is planned by differing fields alone, and keeps all else', async () => {
    await world.sql(
      `INSERT INTO tenants (slug, name, plan, status, settings) VALUES ('north', 'North', 'custom', 'suspended', '{"region": "us", "own": [1]}')`,
    )
    const { change } = await world.apply(record as never, {
      slug: 'north',
      name: 'North',
      plan: 'custom',
      region: 'eu',
    })
    expect(change).toMatchObject({ before: { 'settings.region': 'us' }, after: { 'settings.region': 'eu' } })
    expect(await tenant('north')).toMatchObject({ status: 'suspended', settings: { region: 'eu', own: [1] } })
  })

  test('what was changed since by somebody else is not overwritten by undo', async () => {
    const applied = await world.apply(record as never, { slug: 'south', name: 'South', plan: 'custom' })
    await world.sql(`UPDATE tenants SET name = 'South & Sons' WHERE slug = 'south'`)
    await expect(world.undo(record as never, applied)).rejects.toMatchObject({ kind: 'conflict', code: 'moved' })
    expect(await tenant('south')).toMatchObject({ name: 'South & Sons' })
  })

  test('undo suspends a tenant that was ever live, instead of deleting it', async () => {
    const applied = await world.apply(record as never, { slug: 'east', name: 'East', plan: 'custom' })
    await world.sql(`UPDATE tenants SET first_live_at = onboard.now() WHERE slug = 'east'`)
    await world.undo(record as never, applied)
    expect(await tenant('east')).toMatchObject({ status: 'suspended' })
  })

  test('undo suspends a tenant that rows of others refer to, though a cascade would take them', async () => {
    await world.sql(
      `CREATE TABLE invoices (tenant uuid REFERENCES tenants ON DELETE CASCADE); GRANT SELECT ON invoices TO onboard_app`,
    )
    const applied = await world.apply(record as never, { slug: 'west', name: 'West', plan: 'custom' })
    await world.sql(`INSERT INTO invoices SELECT id FROM tenants WHERE slug = 'west'`)
    await world.undo(record as never, applied)
    expect(await tenant('west')).toMatchObject({ status: 'suspended' })
    expect(await world.sql('SELECT * FROM invoices')).toHaveLength(1)
  })

  test('rows that this login may not see are not taken to be absent', async () => {
    await world.sql(
      `CREATE TABLE secret_invoices (tenant uuid REFERENCES tenants); REVOKE ALL ON secret_invoices FROM onboard_app, onboard_reader`,
    )
    const applied = await world.apply(record as never, { slug: 'centre', name: 'Centre', plan: 'custom' })
    await world.undo(record as never, applied)
    expect(await tenant('centre')).toMatchObject({ status: 'suspended' })
    await world.sql('DROP TABLE secret_invoices')
  })

  test.each(["acme'; DROP TABLE tenants; --", 'Acme', 'a_b', '-acme', 'a'.repeat(64), ''])(
    'refuses the slug %j by its schema',
    (slug) => {
      expect(misfits({ ...input, slug }, record.input)).not.toEqual([])
    },
  )

  test('SQL in a slug that gets past the schema is only a slug', async () => {
    const before = await world.dump()
    await expect(world.apply(record as never, { ...input, slug: `x'); DROP TABLE tenants; --` })).rejects.toMatchObject(
      { kind: 'invalid', code: 'value-refused' },
    )
    expect(await world.dump()).toEqual(before)
  })
})
