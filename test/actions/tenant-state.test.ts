import { afterEach, expect, test } from 'vitest'
import access from '../../src/actions/tenant/access.ts'
import record from '../../src/actions/tenant/record.ts'
import settings from '../../src/actions/tenant/settings.ts'
import action from '../../src/actions/tenant/state.ts'
import type { ProductConfig } from '../../src/product/port.ts'
import { misfits } from '../../src/runbook/fit.ts'
import { testDatabase } from '../support/database.ts'
import { createWorld, type World } from '../support/world.ts'

const MAPPED: ProductConfig = {
  form: 'mapped',
  tenants: { table: 'orgs', key: 'id', columns: { name: 'name', slug: 'handle', plan: 'tier', status: 'state' }, values: { status: { provisioning: 'NEW', live: 'ON', suspended: 'OFF' } } },
}

let world: World | undefined
afterEach(async () => {
  await world?.close()
  world = undefined
})

async function state(tenant = 'acme') {
  const evidence = await world?.reading((read) => action.probe(read, { tenant }))
  if (evidence === undefined) throw new Error('no world')
  return { evidence, outputs: evidence.result === 'pass' ? action.outputs({ tenant }, evidence) : null }
}

test('says what is true of the tenant as it changes: status, features, limits, and how people sign in', async () => {
  world = await createWorld(await testDatabase())
  const { apply } = world
  await apply(record as never, { slug: 'acme', name: 'Acme', plan: 'enterprise' })
  const first = await state()
  expect(first.outputs).toEqual({
    status: 'provisioning', live: false, login: 'password',
    entitled: { sso: false, scim: false, api_access: false, webhooks: false }, enabled: { sso: false, scim: false, api_access: false, webhooks: false },
    limits: { users: null, api_calls_per_15min: null, storage_gb: null },
    session: { idle_minutes: null, absolute_hours: null }, mfa: false, ip_allowlist: [],
  })
  // A switch that nobody has set is off, which is more than not being recorded.
  expect(misfits(first.outputs, action.output)).toEqual([])

  await apply(settings as never, { tenant: 'acme', entitled: { sso: true, scim: false }, limits: { users: 40 } })
  await apply(access as never, { tenant: 'acme', production: true })
  expect((await state()).outputs).toMatchObject({ status: 'live', live: true, login: 'password', entitled: { sso: true, scim: false }, limits: { users: 40 } })

  await apply(settings as never, { tenant: 'acme', enabled: { sso: true } })
  const both = await state()
  expect(both.outputs).toMatchObject({ login: 'sso-and-password', enabled: { sso: true } })
  expect(both.evidence).toMatchObject({ result: 'pass', summary: 'live, sign-in by sso-and-password' })

  await apply(settings as never, { tenant: 'acme', enabled: { password: false } })
  expect((await state()).outputs).toMatchObject({ login: 'sso' })
  await apply(settings as never, { tenant: 'acme', enabled: { sso: false } })
  expect((await state()).outputs).toMatchObject({ login: 'password' })
})

test('says the rules of security that are set', async () => {
  world = await createWorld(await testDatabase())
  await world.apply(record as never, { slug: 'acme', name: 'Acme', plan: 'enterprise' })
  const rules = { session: { idle_minutes: 30, absolute_hours: 12 }, mfa: true, ip_allowlist: ['203.0.113.0/24'] }
  await world.apply(settings as never, { tenant: 'acme', ...rules })
  const { outputs } = await state()
  expect(outputs).toMatchObject(rules)
  expect(misfits(outputs, action.output)).toEqual([])
})

test('a tenant that is not there fails', async () => {
  world = await createWorld(await testDatabase())
  expect((await state('nobody')).evidence).toMatchObject({ result: 'fail', summary: 'there is no tenant nobody' })
})

test("reads the vendor's own tables, and says null of what they have no place for", async () => {
  world = await createWorld(await testDatabase({ product: false }), MAPPED)
  await world.sql(`CREATE TABLE orgs (id int PRIMARY KEY, name text, handle text UNIQUE, tier text, state text); GRANT SELECT ON orgs TO onboard_reader`)
  await world.sql(`INSERT INTO orgs VALUES (7, 'Acme', 'acme', 'ENT', 'OFF')`)
  expect((await state()).outputs).toMatchObject({ status: 'suspended', live: false, login: 'password', entitled: { sso: null }, limits: { users: null }, session: { idle_minutes: null }, mfa: null, ip_allowlist: null })
})
