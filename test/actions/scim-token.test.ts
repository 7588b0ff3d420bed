import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import token from '../../src/actions/scim/token.ts'
import { testDatabase } from '../support/database.ts'
import { actionLaws } from '../support/laws.ts'
import { createWorld, type World } from '../support/world.ts'

const input = { tenant: 'acme', expires_days: 90 }
const tenant = (world: World) => world.sql(`INSERT INTO tenants (slug, name, plan) VALUES ('acme', 'Acme', 'custom'), ('other', 'Other', 'custom')`)
const ended = async (world: World) => {
  await tenant(world)
  await world.sql(`INSERT INTO scim_tokens (tenant_id, token_hash, prefix, expires_at) SELECT id, repeat('0', 64), 'old', onboard.now() - interval '1 day' FROM tenants WHERE slug = 'acme'`)
}

actionLaws('scim.token', { 'a first one': { input, given: tenant }, 'a new one after one that has ended': { input, given: ended } })

describe('scim.token', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld(await testDatabase({ simulated: '2026-12-01T09:00:00Z' }))
    await tenant(world)
    return () => world.close()
  })

  test('is 256 random bits, of which the SHA-256 is kept, and ends by the clock of the database', async () => {
    const { secrets, outputs } = await world.apply(token as never, input)
    expect(secrets).toMatchObject([{ name: 'scim_token', expires_at: '2027-03-01T09:00:00Z' }])
    const value = secrets[0]?.value.reveal() as string
    expect(value).toMatch(/^onboard_scim_[\w-]{43}$/)
    const [row] = await world.sql(`SELECT token_hash, prefix FROM scim_tokens`)
    expect(row).toEqual({ token_hash: createHash('sha256').update(value).digest('hex'), prefix: value.slice(0, 17) })
    expect(outputs).toEqual({ prefix: value.slice(0, 17), expires_at: '2027-03-01T09:00:00Z' })
  })
})
