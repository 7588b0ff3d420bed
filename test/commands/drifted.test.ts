/** What stands in the way of a rollback is said by the fields that a plan names, not by how they are kept. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownWorkspace, type OwnWorkspace } from '../support/own-runbook.ts'

const PHASE = `apiVersion: onboard/v1
phase: one
title: One
owner: [engineering]
steps:
  - { id: tenant, title: Tenant, uses: tenant.record, with: { slug: acme, name: Acme, plan: custom, region: eu } }
  - { id: limits, title: Limits, uses: tenant.settings, with: { tenant: acme, limits: { users: 5, storage_gb: 1 }, mfa: true } }
  - { id: place, title: Place, uses: postgres.row, with: { table: places, key: { code: eu-1 }, set: { label: Frankfurt, seats: 5 } } }
`
let at: OwnWorkspace
beforeAll(async () => {
  at = await ownWorkspace({ roles: ['engineering'], people: '  engineering: [{ name: Eva, email: eva@vendor.example }]\n', phases: { one: PHASE } })
  await at.sql('CREATE TABLE places (code text PRIMARY KEY, label text, seats int)')
  await at.sql(`INSERT INTO places VALUES ('eu-1', 'Bonn', 1)`)
  await at.sql('GRANT SELECT, INSERT, UPDATE, DELETE ON places TO onboard_app; GRANT SELECT ON places TO onboard_reader')
  expect((await at.run('handoff accept --file acme.yaml --runbook ours')).exit).toBe(0)
  expect((await at.run('apply acme')).exit).toBe(0)
})
afterAll(() => at.remove())

async function refused(by: string, steps: string, putRight: string): Promise<string> {
  await at.sql(by)
  const { exit, stdout } = await at.run(`rollback acme --to one.${steps} --confirm acme`)
  expect(exit).toBe(7)
  await at.sql(putRight)
  return stdout.split('\n').find((line) => line.includes('somebody else')) ?? ''
}

test('a row by its columns, and one that is gone as such', async () => {
  const put = `UPDATE places SET seats = 5, label = 'Frankfurt'`
  expect(await refused(`UPDATE places SET seats = 7`, 'place', put)).toContain('one.place: seats was changed by somebody else since')
  expect(await refused(`UPDATE places SET seats = 7, label = 'Kiel'`, 'place', put)).toContain('one.place: label, seats was changed')
  const again = `INSERT INTO places VALUES ('eu-1', 'Frankfurt', 5)`
  expect(await refused('DELETE FROM places', 'place', again)).toMatch(/one\.place: places code=eu-1 was taken away by somebody else/)
})

test('a tenant by its fields', async () => {
  const { exit } = await at.run('rollback acme --to one.place --confirm acme')
  expect(exit).toBe(0)
  const put = `UPDATE tenants SET settings = jsonb_set(settings, '{limits,users}', '5')`
  expect(await refused(`UPDATE tenants SET settings = jsonb_set(settings, '{limits,users}', '6')`, 'limits', put))
    .toContain('one.limits: settings.limits.users was changed by somebody else since')
  expect((await at.run('rollback acme --to one.limits --confirm acme')).exit).toBe(0)
  expect(await refused(`UPDATE tenants SET name = 'Other'`, 'tenant', `UPDATE tenants SET name = 'Acme'`)).toContain('one.tenant: name was changed by')
})
