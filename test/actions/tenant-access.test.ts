import { beforeAll, describe, expect, test } from 'vitest'
import access from '../../src/actions/tenant/access.ts'
import { testDatabase } from '../support/database.ts'
import { actionLaws } from '../support/laws.ts'
import { createWorld, type World } from '../support/world.ts'

const tenant = (status: string) => (world: World) =>
  world.sql(`INSERT INTO tenants (slug, name, plan, status) VALUES ('acme', 'Acme', 'custom', $1)`, [status])

actionLaws('tenant.access', {
  'on, for the first time': {
    input: { tenant: 'acme', production: true },
    given: tenant('provisioning'),
    kept: ['first_live_at'],
  },
  'on, after a suspension': {
    input: { tenant: 'acme', production: true },
    given: tenant('suspended'),
    kept: ['first_live_at'],
  },
  off: { input: { tenant: 'acme', production: false }, given: tenant('live') },
})

describe('tenant.access', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld(await testDatabase({ simulated: '2026-12-01T09:00:00Z' }))
    await tenant('provisioning')(world)
    return () => world.close()
  })

  test('a tenant that was never live has no access to switch off', async () => {
    const { change, outputs } = await world.apply(access as never, { tenant: 'acme', production: false })
    expect(change).toBeNull()
    expect(outputs).toEqual({ status: 'provisioning' })
  })

  test('when it was live first is kept, by the clock of the database', async () => {
    const on = await world.apply(access as never, { tenant: 'acme', production: true })
    expect(on.change).toMatchObject({ before: { status: 'provisioning' }, after: { status: 'live' } })
    expect(on.outputs).toEqual({ status: 'live' })
    const off = await world.apply(access as never, { tenant: 'acme', production: false })
    expect(off.outputs).toEqual({ status: 'suspended' })
    expect(await world.sql('SELECT first_live_at::text AS at FROM tenants')).toEqual([{ at: '2026-12-01 09:00:00+00' }])
  })

  test('a tenant that is not there yet is planned, and refused at apply', async () => {
    const seen = await world.reading((read) => access.check(read, { tenant: 'nobody', production: true }))
    expect(access.plan({ tenant: 'nobody', production: true }, seen)).toMatchObject({
      before: null,
      after: { status: 'live' },
    })
    await expect(world.apply(access as never, { tenant: 'nobody', production: true })).rejects.toMatchObject({
      kind: 'conflict',
      code: 'no-such-tenant',
      suggestions: ['onboard plan acme'],
    })
  })
})
