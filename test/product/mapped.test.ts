import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import access from '../../src/actions/tenant/access.ts'
import admin from '../../src/actions/tenant/admin.ts'
import record from '../../src/actions/tenant/record.ts'
import settings from '../../src/actions/tenant/settings.ts'
import type { EntityMapping, ProductConfig } from '../../src/product/port.ts'
import { testDatabase } from '../support/database.ts'
import { actionLaws } from '../support/laws.ts'
import { createWorld, type World } from '../support/world.ts'
import { VENDOR, vendorTables } from './vendor.ts'

const cost = process.env['ONBOARD_BCRYPT_COST']
process.env['ONBOARD_BCRYPT_COST'] = '4'
afterAll(() => {
  if (cost === undefined) delete process.env['ONBOARD_BCRYPT_COST']
  else process.env['ONBOARD_BCRYPT_COST'] = cost
})

const mapped = { product: VENDOR, given: vendorTables }
const person = {
  tenant: 'globex',
  email: 'Tom@globex.example',
  name: 'Tom',
  set_password_url: 'https://app.vendor.example/welcome/{token}',
}

actionLaws('tenant.record', {
  'mapped, new': { ...mapped, input: { slug: 'acme', name: 'Acme', plan: 'enterprise', region: 'eu' } },
  'mapped, there already': { ...mapped, input: { slug: 'globex', name: 'Globex Corp.', plan: 'enterprise' } },
})
actionLaws('tenant.settings', {
  mapped: {
    ...mapped,
    input: {
      tenant: 'globex',
      entitled: { sso: true },
      limits: { users: 1000, storage_gb: 5 },
      mfa: true,
      ip_allowlist: ['203.0.113.0/24'],
    },
  },
})
actionLaws('tenant.access', {
  'mapped, off': { ...mapped, input: { tenant: 'globex', production: false } },
})
actionLaws('tenant.admin', {
  'mapped, by link': { ...mapped, input: person },
  'mapped, by temporary password': { ...mapped, input: { ...person, handover: 'temporary-password' } },
  'mapped, there already': { ...mapped, input: { ...person, email: 'ADA@globex.example', name: 'Ada Lovelace' } },
})

describe('a mapped product', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld(await testDatabase({ product: false, simulated: '2026-12-01T09:00:00Z' }), VENDOR)
    await vendorTables(world)
    return () => world.close()
  })

  test("a whole provisioning in the vendor's own words, with keys beyond what JavaScript counts", async () => {
    const { outputs } = await world.apply(record as never, {
      slug: 'acme',
      name: 'Acme',
      plan: 'enterprise',
      region: 'eu',
    })
    expect(outputs).toEqual({ id: '9007199254740994', slug: 'acme', status: 'provisioning' })
    await world.apply(settings as never, {
      tenant: 'acme',
      limits: { users: 1000, api_calls_per_15min: 50_000 },
      ip_allowlist: ['203.0.113.0/24'],
    })
    await world.apply(admin as never, { ...person, tenant: 'acme' })
    await world.apply(access as never, { tenant: 'acme', production: true })
    expect(
      await world.sql(
        `SELECT display_name, tier, state, region_id, seat_limit, prefs, allowed::text, went_live::text FROM crm.organizations WHERE handle = 'acme'`,
      ),
    ).toEqual([
      {
        display_name: 'Acme',
        tier: 'ENT',
        state: 1,
        region_id: 3,
        seat_limit: '1000',
        allowed: '{203.0.113.0/24}',
        went_live: '2026-12-01 09:00:00+00',
        prefs: { region: 'eu', limits: { api_calls_per_15min: 50_000 } },
      },
    ])
    expect(
      await world.sql(
        `SELECT organization_id, login::text, person, level, pw_digest, invite_hash IS NOT NULL AS invited FROM crm.memberships WHERE level = 9`,
      ),
    ).toEqual([
      {
        organization_id: '9007199254740994',
        login: 'Tom@globex.example',
        person: 'Tom',
        level: 9,
        pw_digest: '!',
        invited: true,
      },
    ])
  })

  test('again, and nothing is to do', async () => {
    for (const [action, input] of [
      [record, { slug: 'acme', name: 'Acme', plan: 'enterprise', region: 'eu' }],
      [
        settings,
        { tenant: 'acme', limits: { users: 1000, api_calls_per_15min: 50_000 }, ip_allowlist: ['203.0.113.0/24'] },
      ],
      [admin, { ...person, tenant: 'acme' }],
      [access, { tenant: 'acme', production: true }],
    ] as const)
      expect((await world.apply(action as never, input)).change).toBeNull()
  })

  test('a plan shows the words of ours, not of the product', async () => {
    const input = { slug: 'globex', name: 'Globex', plan: 'enterprise' } as never
    const seen = await world.reading((read) => record.check(read, input))
    expect(record.plan(input, seen)).toMatchObject({ before: { plan: 'professional' }, after: { plan: 'enterprise' } })
  })

  test('a plan for which the product has no word names the line of the config', async () => {
    const input = { slug: 'new', name: 'New', plan: 'custom' } as never
    await expect(
      world.reading((read) => record.check(read, { ...(input as object), slug: 'globex' } as never)),
    ).rejects.toMatchObject({
      kind: 'invalid',
      code: 'mapping',
      message: expect.stringMatching(/product\.tenants\.values\.plan.*"custom".*enterprise, professional/) as string,
    })
  })

  const other = (tenants: Partial<EntityMapping>): ProductConfig => ({
    ...VENDOR,
    tenants: { ...VENDOR.tenants, ...tenants },
  })
  const without = (...fields: string[]): ProductConfig =>
    other({ columns: Object.fromEntries(Object.entries(VENDOR.tenants.columns).filter(([f]) => !fields.includes(f))) })
  const trying = async (config: ProductConfig, action: unknown, input: object): Promise<unknown> => {
    const odd = await createWorld(world.database, config)
    return odd.apply(action as never, input).finally(() => odd.close())
  }
  const tenant = { slug: 'new', name: 'New', plan: 'enterprise' }

  test.each([
    [
      'a column that is not there',
      other({ columns: { ...VENDOR.tenants.columns, name: 'Display_Name' } }),
      /product\.tenants\.columns\.name: .*no column Display_Name; did you mean display_name\?/,
    ],
    [
      'a table that is not there',
      other({ table: 'organisations' }),
      /product\.tenants\.table: there is no table organisations/,
    ],
    ['a key that is not there', other({ key: 'id' }), /product\.tenants\.key: .*no column id; it has: org_id/],
    [
      'a default for a column that is not there',
      other({ defaults: { region: 3 } }),
      /product\.tenants\.defaults: .*no column region/,
    ],
    ['a default that is missing', other({ defaults: {} }), /product\.tenants\.defaults: .*need a value for region_id/],
    [
      'a path into a column that is no document',
      other({ columns: { ...VENDOR.tenants.columns, settings: 'display_name' } }),
      /product\.tenants\.columns\.settings: .*must be jsonb/,
    ],
  ])('a mapping with %s names its place in the config', async (_title, config, message) => {
    const before = await world.dump()
    const input = { ...tenant, region: 'eu' }
    await expect(trying(config, record, input)).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringMatching(message) as string,
    })
    expect(await world.dump()).toEqual(before)
  })

  test.each([
    ['access without a status', without('status'), access, { tenant: 'globex', production: true }, /tenant\.status/],
    [
      'settings without a place',
      without('settings'),
      settings,
      { tenant: 'globex', mfa: true },
      /tenant\.settings\.mfa/,
    ],
    ['a region without a place', without('settings'), record, { ...tenant, region: 'eu' }, /tenant\.settings\.region/],
    [
      'users that are not mapped',
      { form: 'mapped', tenants: VENDOR.tenants } as ProductConfig,
      admin,
      person,
      /user\./,
    ],
  ])('what is not mapped is an unavailable capability: %s', async (_title, config, action, input, message) => {
    await expect(trying(config, action, input)).rejects.toMatchObject({
      kind: 'waiting',
      code: 'capability-unavailable',
      message: expect.stringMatching(message) as string,
    })
  })

  test('settings that are mapped go on where others are not', async () => {
    await trying(without('settings'), settings, { tenant: 'globex', limits: { users: 12 } })
    expect(await world.sql(`SELECT seat_limit FROM crm.organizations WHERE handle = 'globex'`)).toEqual([
      { seat_limit: '12' },
    ])
  })

  test('where no column keeps that a tenant was live, undoing its access suspends it', async () => {
    const config = without('first_live_at')
    const odd = await createWorld(world.database, config)
    const made = await odd.apply(record as never, { ...tenant, slug: 'brief' })
    const on = await odd.apply(access as never, { tenant: 'brief', production: true })
    await odd.undo(access as never, on)
    await odd.undo(record as never, made)
    await odd.close()
    expect(await world.sql(`SELECT state FROM crm.organizations WHERE handle = 'brief'`)).toEqual([{ state: 2 }])
  })

  test('a tenant with rows of the vendor is suspended by undo, though its memberships would cascade', async () => {
    const made = await world.apply(record as never, { ...tenant, slug: 'kept' })
    await world.sql(
      `INSERT INTO crm.memberships (organization_id, login, person, level, pw_digest) SELECT org_id, 'x@kept.example', 'X', 1, '!' FROM crm.organizations WHERE handle = 'kept'`,
    )
    await world.undo(record as never, made)
    expect(await world.sql(`SELECT state FROM crm.organizations WHERE handle = 'kept'`)).toEqual([{ state: 2 }])
    expect(await world.sql(`SELECT 1 FROM crm.memberships WHERE login = 'x@kept.example'`)).toHaveLength(1)
  })

  test('a right that is missing is said, with what is missing', async () => {
    await world.sql('REVOKE INSERT ON crm.organizations FROM onboard_app')
    await expect(world.apply(record as never, { ...tenant, slug: 'denied' })).rejects.toMatchObject({
      kind: 'forbidden',
      code: 'permission-denied',
      message: expect.stringContaining('organizations') as string,
    })
    await world.sql('GRANT INSERT ON crm.organizations TO onboard_app')
    await world.sql('REVOKE USAGE ON SCHEMA crm FROM onboard_app, onboard_reader')
    const fresh = await createWorld(world.database, VENDOR)
    await expect(fresh.apply(record as never, { ...tenant, slug: 'denied' })).rejects.toMatchObject({
      kind: 'forbidden',
      code: 'permission-denied',
      message: expect.stringContaining('permission denied for schema crm; its owner has to type GRANT USAGE ON SCHEMA crm TO onboard_app, onboard_reader') as string,
    })
    await fresh.close()
    await world.sql('GRANT USAGE ON SCHEMA crm TO onboard_app, onboard_reader')
  })
})
