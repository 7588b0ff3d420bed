import { expect, test } from 'vitest'
import enable from '../../src/actions/scim/enable.ts'
import { testDatabase } from '../support/database.ts'
import { actionLaws } from '../support/laws.ts'
import { createWorld, type World } from '../support/world.ts'

const input = { tenant: 'acme' }
const tenant = (settings: string) => async (world: World) => {
  await world.sql(`INSERT INTO tenants (slug, name, plan, settings) VALUES ('acme', 'Acme', 'custom', $1), ('other', 'Other', 'custom', '{}')`, [settings])
  await world.sql(`INSERT INTO scim_tokens (tenant_id, token_hash, prefix, expires_at) SELECT id, repeat('0', 64), 'good', onboard.now() + interval '1 day' FROM tenants WHERE slug = 'acme'`)
}

actionLaws('scim.enable', { 'never said': { input, given: tenant('{}') }, 'switched off': { input, given: tenant('{"enabled":{"scim":false,"sso":true}}') } })

test('without a token that is good nothing is switched on', async () => {
  const world = await createWorld(await testDatabase())
  await tenant('{}')(world)
  await world.sql(`UPDATE scim_tokens SET revoked_at = onboard.now()`)
  await expect(world.apply(enable as never, input)).rejects.toMatchObject({ code: 'no-scim-token', suggestions: ['onboard scim rotate acme'] })
  expect(await world.sql(`SELECT settings FROM tenants WHERE slug = 'acme'`)).toEqual([{ settings: {} }])
  await world.close()
})
