/** What becomes of an onboarding that is live: it is renamed, rolled back, purged and forgotten, with mail and documents of its own. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RunResult } from '../../src/engine/ports.ts'
import type { CancelResult } from '../../src/onboarding/cancel.ts'
import { type OwnWorkspace, ownWorkspace } from '../support/own-runbook.ts'

const LIVE = `apiVersion: onboard/v1
phase: live
title: Live
owner: [engineering]
steps:
  - { id: tenant, title: Tenant, uses: tenant.record, with: { slug: "\${{ onboarding.tenant_slug }}", name: "\${{ onboarding.company }}", plan: enterprise } }
  - { id: access, title: Access, uses: tenant.access, with: { tenant: "\${{ onboarding.tenant_slug }}", production: true } }
  - { id: told, title: Told, uses: mail.send, with: { to: "\${{ handoff.contacts.primary.map(one, one.email) }}", subject: "You are live", text: "From \${{ onboarding.go_live }} on." } }
`
const ROLLBACK = `apiVersion: onboard/v1
phase: rollback
title: Rollback
owner: [engineering]
conditions: { critical: Nobody gets in. }
steps:
  - { id: notice, title: Notice, uses: mail.send, with: { to: "\${{ handoff.contacts.primary.map(one, one.email) }}", subject: "We go back", text: "\${{ procedure.reason }}" } }
  - { id: take_back, title: Take back, uses: onboarding.undo, with: { to: live.access } }
  - { id: works, title: It works, uses: confirm, with: { text: "Does it?" } }
`
const ROLES = ['sales-engineering', 'engineering', 'engineering-lead', 'customer-success', 'security-lead', 'cto', 'customer']

let at: OwnWorkspace
beforeEach(async () => {
  at = await ownWorkspace({ roles: ROLES, people: '  engineering: [{ name: Eva, email: eva@vendor.example }]\n', phases: { live: LIVE } })
  await at.write('runbooks/ours/phases/rollback.yaml', ROLLBACK)
  await at.write('runbooks/ours/runbook.yaml', `${await at.read('runbooks/ours/runbook.yaml')}procedures: [rollback]\n`)
  await at.write('onboard.config.yaml', `apiVersion: onboard/v1
vendor: { name: V, app_url: "https://app.vendor.example", support_email: help@vendor.example }
mail: { from: "V <onboarding@vendor.example>", folder: outbox }
roles:
  engineering: [{ name: Eva, email: eva@vendor.example }]
  engineering-lead: [{ name: Eli, email: eli@vendor.example }]
  cto: [{ name: Mira, email: mira@vendor.example }]
`)
  for (const line of ['trust', 'handoff accept --file acme.yaml --runbook ours', 'apply acme']) {
    const { exit, stdout, stderr } = await at.run(line)
    expect(exit, `${line}: ${stdout}${stderr}`).toBe(0)
  }
})
afterEach(() => at.remove())

const mails = async () => (await readdir(join(at.cwd, 'outbox'))).length
const outcomes = async (line: string) => {
  const { result } = await at.json<RunResult>(line.startsWith('rollback') ? 'rollback' : 'run', line)
  return Object.fromEntries(result.steps.map(({ key, outcome }) => [`${key.phase}.${key.step}`, outcome]))
}

const sql = <R extends object>(text: string) => at.sql<R>(text)

test('renamed: no mail goes out twice, and what was done under the old name is taken back under the new', async () => {
  expect([await mails(), (await at.run('rename acme globex')).exit]).toEqual([1, 0])
  expect(await outcomes('apply globex')).toEqual({ 'live.tenant': 'changed', 'live.access': 'unchanged', 'live.told': 'unchanged' })
  expect(await mails()).toBe(1)
  expect(await sql('SELECT slug, status FROM tenants')).toEqual([{ slug: 'globex', status: 'live' }])
  expect(await outcomes(`rollback globex --condition critical --reason 'logins fail' --confirm globex`)).toMatchObject({ 'rollback.notice': 'changed', 'rollback.take_back': 'changed' })
  expect((await sql<{ status: string }>('SELECT status FROM tenants'))[0]?.status).not.toBe('live')
  expect(await mails()).toBe(2)
  expect((await at.run('audit verify globex')).exit).toBe(0)
})

test('purged while live and in the midst of a rollback: the tenant is suspended, what cannot be undone is listed, persons are forgotten', async () => {
  await outcomes(`rollback acme --condition critical --reason 'logins fail' --confirm acme`)
  const { exit, result } = await at.json<CancelResult>('cancel', `cancel acme --reason 'they left' --purge --erase --confirm acme`)
  expect([exit, result.outcome]).toEqual([0, 'purged'])
  const left = new Map(result.left.map(({ step, why }) => [step, why]))
  expect(left.get('live.told')).toContain('mail')
  expect(left.get('live.tenant')).toContain('the tenant stays, suspended: it was live once')
  expect(await sql('SELECT slug, status FROM tenants')).toEqual([{ slug: 'acme', status: 'suspended' }])
  expect((await at.run('audit verify acme')).exit).toBe(0)
  expect(await sql('SELECT FROM onboard.document')).toEqual([])
  expect(await sql<{ recipients: string[] }>(`SELECT DISTINCT recipients FROM onboard.outbox`)).toEqual([{ recipients: [] }])
  for (const line of ['status acme', 'status', 'issue list acme', 'audit log acme', 'document list acme']) expect([line, (await at.run(line)).exit]).toEqual([line, 0])
  const again = await at.json<CancelResult>('cancel', `cancel acme --purge --erase --confirm acme`)
  expect(again.result).toMatchObject({ outcome: 'unchanged', erased: 0 })
})
