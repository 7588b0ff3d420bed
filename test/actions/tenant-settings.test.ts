import { beforeAll, describe, expect, test } from 'vitest'
import settings from '../../src/actions/tenant/settings.ts'
import { testDatabase } from '../support/database.ts'
import { actionLaws } from '../support/laws.ts'
import { createWorld, type World } from '../support/world.ts'

const full = {
  tenant: 'acme',
  entitled: { sso: true, scim: true, api_access: true, webhooks: false },
  limits: { users: 1000, api_calls_per_15min: 50_000, storage_gb: 500 },
  region: 'eu',
  session: { idle_minutes: 30, absolute_hours: 12 },
  password: { min_length: 12 },
  mfa: true,
  ip_allowlist: ['203.0.113.0/24', '2001:db8::/32'],
}
const tenant = (json: string) => (world: World) =>
  world.sql(`INSERT INTO tenants (slug, name, plan, settings) VALUES ('acme', 'Acme', 'custom', $1)`, [json])

actionLaws('tenant.settings', {
  'none set before': { input: full, given: tenant('{}') },
  'some set, and others of the vendor beside them': {
    input: full,
    given: tenant(
      '{"limits": {"users": 5, "seats": 12345678901234567890}, "mfa": null, "theme": "dark", "ip_allowlist": ["198.51.100.7"]}',
    ),
  },
})

describe('tenant.settings', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld(await testDatabase())
    await tenant('{"limits": {"seats": 12345678901234567890}, "enabled": {"sso": false}}')(world)
    return () => world.close()
  })
  const stored = async (path: string) =>
    (
      await world.sql<{ v: string | null }>(`SELECT (settings #> $1)::text AS v FROM tenants WHERE slug = 'acme'`, [
        path.split('.'),
      ])
    )[0]?.v

  test('each value stands alone: neighbours keep theirs, to the last digit', async () => {
    const { change } = await world.apply(settings as never, {
      tenant: 'acme',
      entitled: { sso: true },
      limits: { users: 1000 },
    })
    expect(change).toMatchObject({
      before: { 'settings.entitled.sso': null, 'settings.limits.users': null },
      after: { 'settings.entitled.sso': true, 'settings.limits.users': 1000 },
    })
    expect(await stored('limits')).toBe('{"seats": 12345678901234567890, "users": 1000}')
  })

  test('entitled by contract is not enabled: two facts', async () => {
    expect(await stored('entitled')).toBe('{"sso": true}')
    expect(await stored('enabled')).toBe('{"sso": false}')
  })

  test('what is not given is not touched, null neither', async () => {
    const { change } = await world.apply(settings as never, { tenant: 'acme', mfa: null, limits: {} })
    expect(change).toBeNull()
  })

  test('a value of another kind in the way is not overwritten', async () => {
    await world.sql(`UPDATE tenants SET settings = settings || '{"session": "default"}'`)
    const before = await world.dump()
    await expect(
      world.apply(settings as never, { tenant: 'acme', session: { idle_minutes: 5 } }),
    ).rejects.toMatchObject({
      kind: 'invalid',
      code: 'value-refused',
      message: expect.stringContaining('session holds a string') as string,
    })
    expect(await world.dump()).toEqual(before)
  })

  test('a limit changed by hand between plan and apply is a conflict', async () => {
    const input = { tenant: 'acme', limits: { users: 7 } }
    const change = settings.plan(input as never, await world.reading((read) => settings.check(read, input as never)))
    await world.sql(`UPDATE tenants SET settings = jsonb_set(settings, '{limits,users}', '6')`)
    await expect(world.apply(settings as never, input, { change: change as never })).rejects.toMatchObject({
      kind: 'conflict',
      code: 'moved',
    })
    expect(await stored('limits.users')).toBe('6')
  })

  test.each([['10.0.0.0/33'], ['300.1.1.1'], ['1.2.3.4/24/8'], ['anywhere'], ['2001:db8::/129'], [`0.0.0.0/0'; --`]])(
    'refuses the network %j',
    async (network) => {
      await expect(
        world.apply(settings as never, { tenant: 'acme', ip_allowlist: ['192.0.2.1', network] }),
      ).rejects.toMatchObject({ kind: 'invalid', code: 'network' })
    },
  )

  test('a tenant that is not there is planned whole, and refused at apply', async () => {
    const input = { tenant: 'nobody', mfa: true } as never
    const seen = await world.reading((read) => settings.check(read, input))
    expect(settings.plan(input, seen)).toMatchObject({ before: null, after: { 'settings.mfa': true } })
    await expect(world.apply(settings as never, input)).rejects.toMatchObject({ code: 'no-such-tenant' })
  })

  test('says what it owns by value, and by group where a group is an expression', () => {
    expect(settings.owns({ tenant: 'acme', limits: { users: 1 }, mfa: true } as never)).toEqual([
      'tenant/acme/settings/limits/users',
      'tenant/acme/settings/mfa',
    ])
    expect(settings.owns({ tenant: '${{ onboarding.slug }}', limits: '${{ x }}' } as never)).toEqual([
      'tenant/${{ onboarding.slug }}/settings/limits',
    ])
  })
})
