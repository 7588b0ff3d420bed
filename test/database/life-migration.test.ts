import { expect, test } from 'vitest'
import { migrate } from '../../src/database/migrate.ts'
import { open, sketch } from '../engine/world.ts'
import { testDatabase } from '../support/database.ts'

test('005: onboardings of the version before it keep the keys that they had, and each tenant has a name of its own', async () => {
  const database = await testDatabase()
  const owner = await database.connect('owner')
  await owner.query(`
    DROP FUNCTION onboard.erase_onboarding, onboard.cancel_onboarding, onboard.rename_customer, onboard.other_slugs;
    DROP TRIGGER name_onboarding ON onboard.onboarding; DROP FUNCTION onboard.name_onboarding; DROP TABLE onboard.former_slug, onboard.issue;
    ALTER TABLE onboard.onboarding DROP COLUMN idempotency, DROP COLUMN tenant_slug, DROP COLUMN cancelled_at, DROP COLUMN purged_at`)
  expect((await owner.query(`DELETE FROM onboard.migration WHERE name LIKE '005%'`)).rowCount).toBe(1)
  const setting = { runbook: sketch({ one: [{ id: 'a', uses: 'put', with: { key: 'a', value: '1' } }] }) }
  const acme = await open(database, setting)
  await open(database, setting, 'acme-eu')
  const app = await database.connect('app')
  const second = async (name: string) => {
    await app.query(
      `INSERT INTO onboard.onboarding (id, customer, name, runbook)
       SELECT onboard.open_chain(), o.customer, $2, o.runbook FROM onboard.onboarding o WHERE o.id = $1`, [acme, name])
  }
  await second('eu')
  await second('us')
  await second('x'.repeat(63))

  expect(await migrate({ connectionString: database.url('owner') }, { label: database.label, product: 'public' })).toEqual([expect.stringMatching(/^005/)])

  const { rows } = await app.query<{ idempotency: string; tenant_slug: string }>('SELECT idempotency, tenant_slug FROM onboard.onboarding ORDER BY idempotency COLLATE "C"')
  expect(rows).toEqual([
    { idempotency: 'acme', tenant_slug: 'acme' },
    { idempotency: 'acme-eu', tenant_slug: 'acme-eu' },
    { idempotency: 'acme/eu', tenant_slug: expect.stringMatching(/^acme-eu-[0-9a-f]{8}$/) },
    { idempotency: 'acme/us', tenant_slug: 'acme-us' },
    { idempotency: `acme/${'x'.repeat(63)}`, tenant_slug: expect.stringMatching(/^acme-x{49}-[0-9a-f]{8}$/) },
  ])
  // What is opened from now on cannot be meant by a phase of another onboarding.
  await second('apac')
  expect((await app.query(`SELECT idempotency, tenant_slug FROM onboard.onboarding WHERE name = 'apac'`)).rows).toEqual([{ idempotency: 'acme:apac', tenant_slug: 'acme-apac' }])
  await app.end()
  await owner.end()
})
