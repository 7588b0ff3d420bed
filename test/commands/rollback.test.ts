/** The shipped rollback, by commands, on a real tenant: under each condition, twice in a row, and where nothing stands. */
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunResult } from '../../src/engine/ports.ts'
import type { UndoPlan } from '../../src/engine/undo.ts'
import type { Plan } from '../../src/model.ts'
import type { Status } from '../../src/onboarding/status.ts'
import type { WaiverLine } from '../../src/onboarding/waivers.ts'
import { packageRoot } from '../../src/package.ts'
import { type OwnWorkspace, ownWorkspace } from '../support/own-runbook.ts'

const SETUP = `apiVersion: onboard/v1
phase: setup
title: Setup
owner: [engineering]
steps:
  - id: tenant
    title: Tenant
    uses: tenant.record
    with: { slug: "\${{ onboarding.tenant_slug }}", name: "\${{ onboarding.company }}", plan: enterprise }
  - id: administrator
    title: Administrator
    uses: tenant.admin
    with: { tenant: "\${{ onboarding.tenant_slug }}", email: "\${{ handoff.admin.email }}", name: "\${{ handoff.admin.name }}", handover: "\${{ config.admin.handover }}", expires_hours: "\${{ config.admin.expires_hours }}", set_password_url: "\${{ config.admin.set_password_url }}" }
`
/** With the steps that the shipped rollback knows by name. */
const featured = (feature: string, tested: string): string => `apiVersion: onboard/v1
phase: ${feature}
title: ${feature}
owner: [engineering]
steps:
  - { id: ${tested}, title: Tested, uses: confirm, when: config.capabilities.?sso.orValue(false), with: { text: Tested? } }
  - { id: enabled, title: On, uses: tenant.settings, when: config.capabilities.?sso.orValue(false), with: { tenant: "\${{ onboarding.tenant_slug }}", enabled: { ${feature}: true } } }
`
const SSO = `${featured('sso', 'test_login')}
  - { id: first_time_login, title: First time, uses: assert, with: { that: true, message: No. } }
  - { id: sign_out, title: Out, uses: assert, with: { that: true, message: No. } }
  - { id: passwords_off, title: No passwords, uses: tenant.settings, when: config.capabilities.?sso.orValue(false), with: { tenant: "\${{ onboarding.tenant_slug }}", enabled: { password: false } } }
`
const GO_LIVE = `apiVersion: onboard/v1
phase: go_live
title: Go-live
owner: [engineering]
steps:
  - { id: ready, title: Ready, uses: confirm, with: { text: "Go live on \${{ onboarding.go_live }}?" } }
  - { id: access, title: Access, uses: tenant.access, with: { tenant: "\${{ onboarding.tenant_slug }}", production: true } }
  - { id: told, title: Told, uses: mail.send, with: { to: "\${{ handoff.contacts.primary.map(one, one.email) }}", subject: "You are live", text: "From \${{ onboarding.go_live }} on." } }
`
const ROLES = ['sales-engineering', 'engineering', 'engineering-lead', 'customer-success', 'security-lead', 'cto', 'customer']
const PEOPLE = `  engineering: [{ name: Eva, email: eva@vendor.example }]
  engineering-lead: [{ name: Eli, email: eli@vendor.example }]
  customer-success: [{ name: Cleo, email: cleo@vendor.example }]
  security-lead: [{ name: Noor, email: noor@vendor.example }]
  cto: [{ name: Mira, email: mira@vendor.example }]
`

let at: OwnWorkspace
beforeEach(async () => {
  at = await ownWorkspace({ roles: ROLES, people: PEOPLE, phases: { setup: SETUP, sso: SSO, scim: featured('scim', 'user_sync'), go_live: GO_LIVE } })
  await at.write('runbooks/ours/phases/rollback.yaml', await readFile(join(packageRoot, 'runbooks/enterprise/phases/rollback.yaml'), 'utf8'))
  await at.write('runbooks/ours/runbook.yaml', `${await at.read('runbooks/ours/runbook.yaml')}procedures: [rollback]\n`)
})
afterEach(() => at.remove())

async function configured(more = ''): Promise<void> {
  await at.write('onboard.config.yaml', `apiVersion: onboard/v1
vendor: { name: V, app_url: "https://app.vendor.example", support_email: help@vendor.example }
admin: { handover: set-password-link, expires_hours: 72, set_password_url: "https://app.vendor.example/set" }
mail: { from: "V <onboarding@vendor.example>", folder: outbox }
${more}roles:
${PEOPLE}`)
  await done('trust')
}

/** Runs a command that must end with 0, or with 5 where something still waits. */
async function done(line: string): Promise<string> {
  const { exit, stdout, stderr } = await at.run(line)
  expect([0, 5], `${line}: ${stdout}${stderr}`).toContain(exit)
  return stdout
}

async function live(more = ''): Promise<void> {
  await configured(more)
  await done('handoff accept --file acme.yaml --runbook ours')
  await done('apply acme --secrets-out secrets')
  if (more !== '') {
    await done('sign acme sso.test_login --signer eva@vendor.example')
    await done('apply acme')
    await done('sign acme scim.user_sync --signer eva@vendor.example')
    await done('apply acme')
  }
  await goLive()
}

async function goLive(): Promise<void> {
  await done('sign acme go_live.ready --signer eva@vendor.example')
  expect(await outcomes('apply acme')).toMatchObject({ 'go_live.access': 'changed', 'go_live.told': 'changed' })
  expect(await tenant()).toBe('live')
}

async function tenant(): Promise<string> {
  return (await sql<{ status: string }>('SELECT status FROM tenants'))[0]?.status ?? ''
}

const sql = <R extends object>(text: string) => at.sql<R>(text)

const byStep = (run: RunResult) => Object.fromEntries(run.steps.map(({ key, outcome }) => [`${key.phase}.${key.step}`, outcome]))
const outcomes = async (line: string) => byStep((await at.json<RunResult>(line.startsWith('rollback') ? 'rollback' : 'run', line)).result)
const mails = async () => (await readdir(join(at.cwd, 'outbox'))).length

const CRITICAL = `rollback acme --condition critical --reason 'logins fail' --confirm acme`
const FORM = '--set severity=P1 --set users_affected=12'

/** From what was taken back to its cause. */
async function explained(): Promise<void> {
  await done(`sign acme rollback.issue --signer eva@vendor.example --set issue=7`)
  await done(`sign acme rollback.impact_after --signer eva@vendor.example ${FORM} --set 'what=nobody gets in'`)
  await done('sign acme rollback.works --signer eva@vendor.example')
  await done('apply acme')
  await at.write('cause.yaml', `happened: At 14:00 logins failed.
impact: Nobody got in.
cause: A certificate had run out.
response: Support saw it; we rolled back.
actions: [{ text: Watch certificates, owner: Eva, due: 2026-12-01 }]
`)
  await done('sign acme rollback.cause --signer eli@vendor.example --answers cause.yaml')
  await done('apply acme')
}

/** From what was taken back to the end of the procedure. */
async function finish(goLiveOn: string): Promise<Record<string, string>> {
  await explained()
  await done(`reschedule acme --go-live ${goLiveOn} --reason 'after the rollback' --even-if-late --signer cleo@vendor.example`)
  await done('sign acme rollback.new_date --signer cleo@vendor.example')
  return outcomes('apply acme')
}

test('without a procedure it is undone to before go-live, or to where one says; there are no conditions then', async () => {
  await at.write('runbooks/ours/runbook.yaml', (await at.read('runbooks/ours/runbook.yaml')).replace('procedures: [rollback]\n', ''))
  await rm(join(at.cwd, 'runbooks/ours/phases/rollback.yaml'))
  await live()
  const refused = await at.run('rollback acme --condition critical --reason x --confirm acme')
  expect([refused.exit, refused.stderr]).toEqual([2, expect.stringMatching(/no procedure 'rollback'[\s\S]*--to go_live/)])
  const planned = await at.json<UndoPlan>('rollback', 'rollback acme --dry-run')
  expect(planned.result).toMatchObject({ to: { phase: 'go_live', step: null }, steps: [{ key: { step: 'told' } }, { key: { step: 'access' } }] })
  const { exit, result } = await at.json<RunResult>('rollback', 'rollback acme --confirm acme')
  expect([exit, byStep(result)]).toEqual([0, { 'go_live.told': 'undone', 'go_live.access': 'undone' }])
  expect(await tenant()).not.toBe('live')
})

test('without a procedure and without a go-live it must be said how far', async () => {
  const names = ['setup', 'sso', 'scim']
  await at.write('runbooks/ours/runbook.yaml', (await at.read('runbooks/ours/runbook.yaml')).replace('procedures: [rollback]\n', '').replace(/phases: .*/, `phases: [${names.join(', ')}]`))
  for (const gone of ['rollback', 'go_live']) await rm(join(at.cwd, `runbooks/ours/phases/${gone}.yaml`))
  await configured()
  await done('handoff accept --file acme.yaml --runbook ours')
  const { exit, stderr } = await at.run('rollback acme')
  expect([exit, stderr]).toEqual([2, expect.stringMatching(/How far back\?[\s\S]*setup, sso, scim[\s\S]*--to scim/)])
})

describe('the shipped rollback', () => {
  test('critical: at once, the customer is told, and it can go live and be rolled back a second time', async () => {
    await live()
    const planned = await at.json<Plan>('rollback', `rollback acme --condition critical --reason 'logins fail' --dry-run`)
    expect(planned.result.steps.find(({ key }) => key.step === 'take_back')).toMatchObject({
      action: 'update', changes: [{ field: 'go_live.access', after: 'no longer' }, { field: 'go_live.told' }, { field: 'go_live.ready', after: 'to be signed again' }],
    })
    expect(await tenant()).toBe('live')
    const first = await outcomes(CRITICAL)
    expect(first).toMatchObject({
      'rollback.approval': 'skipped', 'rollback.notice_sent': 'changed', 'rollback.take_back': 'changed', 'rollback.way_in': 'unchanged',
      'rollback.as_before': 'changed', 'rollback.works': 'waiting', 'rollback.completion': 'blocked',
    })
    expect(await tenant()).not.toBe('live')
    expect(await mails()).toBe(2)
    const { result } = await at.json<Status>('status', 'status acme')
    expect(result.procedures).toMatchObject([{ id: 'rollback', occurrence: 1, condition: 'critical', reason: 'logins fail' }])
    expect((await at.run('apply acme --phase go_live')).stdout).toContain('rollback/1')
    expect(await outcomes(CRITICAL)).toMatchObject({ 'rollback.take_back': 'unchanged' })
    expect(await finish('2027-03-15')).toMatchObject({ 'rollback.again_sent': 'changed' })
    expect(await mails()).toBe(4)
    const after = (await at.json<Status>('status', 'status acme')).result
    expect(after.procedures).toEqual([])
    // Nothing of it stands: it begins anew.
    expect(after.schedule?.phases.find(({ id }) => id === 'go_live')?.actual).toMatchObject({ start: null, end: null })
    const again = await at.json<UndoPlan>('rollback', CRITICAL)
    expect([again.exit, again.result.steps]).toEqual([0, []])

    await goLive()
    expect(await mails()).toBe(5)
    const second = `rollback acme --condition critical --reason 'again' --confirm acme`
    expect(await outcomes(second)).toMatchObject({ 'rollback.notice_sent': 'changed', 'rollback.take_back': 'changed' })
    expect(await mails()).toBe(6)
    expect(await tenant()).not.toBe('live')
    expect(await finish('2027-04-15')).toMatchObject({ 'rollback.again_sent': 'changed' })
    expect(await done('audit verify acme')).toContain('✓')
  })

  test('the date that was agreed before is no new date: it is moved first', async () => {
    await live()
    await sql("UPDATE onboard.clock SET simulated = '2027-02-17T09:00:00Z'")
    await done(CRITICAL)
    await explained()
    const move = 'onboard reschedule acme --go-live DATE --reason TEXT'
    const { result } = await at.json<Status>('status', 'status acme')
    expect(result.waiting.find(({ step }) => step.step === 'new_date')).toMatchObject({ next: move })
    const sign = 'sign acme rollback.new_date --signer cleo@vendor.example'
    const early = await at.run(sign)
    expect([early.exit, early.stderr]).toEqual([5, expect.stringContaining(move)])
    await done(`reschedule acme --go-live 2027-03-15 --reason 'after the rollback' --even-if-late --signer cleo@vendor.example`)
    await done(sign)
    expect(await outcomes('apply acme')).toMatchObject({ 'rollback.date_is_new': 'changed', 'rollback.again_sent': 'changed' })
  })

  test('a waiver of what is taken back is void, one of what came before holds', async () => {
    const waivable = (id: string) => `  - { id: ${id}, title: Load is tried, uses: confirm, needs: [], with: { text: Tried? }, waivable_by: [cto] }\n`
    await at.write('runbooks/ours/phases/setup.yaml', SETUP + waivable('load'))
    await at.write('runbooks/ours/phases/go_live.yaml', GO_LIVE + waivable('peak'))
    await configured()
    await done('handoff accept --file acme.yaml --runbook ours')
    await done('apply acme --secrets-out secrets')
    const waive = (step: string) => `waive acme ${step} --signer mira@vendor.example --reason 'next week' --until 2099-12-31`
    await done(waive('setup.load'))
    await done('apply acme')
    await goLive()
    await done(waive('go_live.peak'))
    expect(await outcomes('apply acme')).toMatchObject({ 'setup.load': 'waived', 'go_live.peak': 'waived' })
    await done(CRITICAL)
    const { result } = await at.json<{ waivers: readonly WaiverLine[] }>('waivers', 'waivers acme')
    expect(result.waivers).toMatchObject([{ step: 'setup.load', state: 'holds' }, { step: 'go_live.peak', state: 'void' }])
    expect(await done('waivers acme')).toMatch(/go_live\.peak\s+2099-12-31\s+void/)
    await finish('2027-03-15')
    expect(await outcomes('apply acme')).toMatchObject({ 'setup.load': 'waived', 'go_live.peak': 'waiting' })
    await done(waive('go_live.peak'))
    expect(await outcomes('apply acme')).toMatchObject({ 'go_live.peak': 'waived' })
  })

  test('customer-request: nothing is taken back before it was decided and the customer agreed', async () => {
    await live()
    const begin = `rollback acme --condition customer-request --reason 'they ask for it' --issue 4 --confirm acme`
    expect(await outcomes(begin)).toMatchObject({ 'rollback.issue': 'skipped', 'rollback.impact': 'waiting', 'rollback.take_back': 'blocked' })
    await done(`sign acme rollback.impact --signer eva@vendor.example ${FORM} --set 'what=their own reasons'`)
    expect((await at.run(`sign acme rollback.decision --signer eva@vendor.example --set decision=go-back --set 'why=they insist'`)).exit).toBe(9)
    await done(`sign acme rollback.decision --signer eli@vendor.example --set decision=go-back --set 'why=they insist'`)
    expect(await outcomes('apply acme')).toMatchObject({ 'rollback.approval': 'waiting', 'rollback.take_back': 'blocked' })
    expect(await tenant()).toBe('live')
    expect((await at.run('sign acme rollback.approval --on-behalf-of primary')).exit).toBe(3)
    await at.write('mail.txt', 'we agree')
    await done('sign acme rollback.approval --on-behalf-of primary --evidence mail.txt')
    expect(await outcomes('apply acme')).toMatchObject({ 'rollback.take_back': 'changed', 'rollback.works': 'waiting' })
    expect(await tenant()).not.toBe('live')
  })

  test('customer-request that is declined ends, and nothing was touched', async () => {
    await live()
    await done(`rollback acme --condition customer-request --reason 'they ask for it' --issue 4 --confirm acme`)
    await done(`sign acme rollback.impact --signer eva@vendor.example ${FORM} --set 'what=their own reasons'`)
    await done(`sign acme rollback.decision --signer eli@vendor.example --set decision=stay --set 'why=a setting helps'`)
    expect(await outcomes('apply acme')).toMatchObject({ 'rollback.verdict': 'changed', 'rollback.take_back': 'skipped', 'rollback.cause': 'skipped' })
    expect(await tenant()).toBe('live')
    expect(await outcomes('apply acme')).toMatchObject({ 'go_live.access': 'unchanged' })
    expect((await at.json<Status>('status', 'status acme')).result).toMatchObject({ procedures: [], next: null })
  })

  test('customer-request that the customer rejects goes nowhere, until it is decided to stay', async () => {
    await live()
    await done(`rollback acme --condition customer-request --reason 'they ask for it' --issue 4 --confirm acme`)
    await done(`sign acme rollback.impact --signer eva@vendor.example ${FORM} --set 'what=their own reasons'`)
    await done(`sign acme rollback.decision --signer eli@vendor.example --set decision=go-back --set 'why=they insist'`)
    await done('apply acme')
    await done(`reject acme rollback.approval --on-behalf-of primary --reason 'not now'`)
    expect(await outcomes('apply acme')).toMatchObject({ 'rollback.approval': 'blocked', 'rollback.take_back': 'blocked' })
    await done(`sign acme rollback.decision --signer eli@vendor.example --set decision=stay --set 'why=they said no'`)
    expect(await outcomes('apply acme')).toMatchObject({ 'rollback.approval': 'skipped', 'rollback.take_back': 'skipped' })
    expect([await tenant(), (await at.json<Status>('status', 'status acme')).result.procedures]).toEqual(['live', []])
  })

  test('performance: only after an investigation, or a waiver with its reason', async () => {
    await live()
    const begin = `rollback acme --condition performance --reason 'it crawls' --issue 4 --confirm acme`
    expect(await outcomes(begin)).toMatchObject({ 'rollback.investigation': 'waiting', 'rollback.decision': 'blocked' })
    expect((await at.run(`waive acme rollback.investigation --signer eva@vendor.example --reason x --until 2027-01-01`)).exit).toBe(9)
    await done(`sign acme rollback.investigation --signer eva@vendor.example --set 'measured=p95 4 s' --set 'tried=an index'`)
    expect(await outcomes('apply acme')).toMatchObject({ 'rollback.investigation': 'unchanged', 'rollback.take_back': 'blocked' })
    expect(await tenant()).toBe('live')
  })

  test('security: at once, the Security Lead is told, and the incident is theirs to open', async () => {
    await live()
    expect(await outcomes(`rollback acme --condition security --reason 'a leak' --confirm acme`)).toMatchObject({
      'rollback.security_told': 'changed', 'rollback.incident': 'waiting', 'rollback.take_back': 'changed',
    })
    expect((await at.run('sign acme rollback.incident --signer eva@vendor.example')).exit).toBe(9)
    await done('sign acme rollback.incident --signer noor@vendor.example')
    const letters = await Promise.all((await readdir(join(at.cwd, 'outbox'))).map((name) => at.read(`outbox/${name}`)))
    expect(letters.filter((one) => one.includes('noor@vendor.example'))).toHaveLength(1)
  })

  test('single sign-on is switched off only after somebody got in with a password', async () => {
    await live('capabilities: { sso: true, scim: true }\n')
    const first = await outcomes(CRITICAL)
    expect(first).toMatchObject({
      'rollback.take_back': 'changed', 'rollback.passwords_back': 'changed', 'rollback.passwords': 'changed', 'rollback.way_in_works': 'waiting', 'rollback.sso_off': 'blocked', 'rollback.as_before': 'blocked',
    })
    await done('sign acme rollback.way_in_works --on-behalf-of tom@acme.example')
    expect(await outcomes('apply acme')).toMatchObject({ 'rollback.sso_back': 'changed', 'rollback.sso_off': 'changed', 'rollback.as_before': 'changed' })
    // After its end neither comes on again by itself: each is tested anew first.
    await finish('2027-03-15')
    expect(await outcomes('apply acme')).toMatchObject({ 'setup.tenant': 'unchanged', 'sso.test_login': 'waiting', 'sso.enabled': 'blocked' })
    const [row] = await sql<{ enabled: unknown }>(`SELECT settings->'enabled' AS enabled FROM tenants`)
    expect(row?.enabled).toMatchObject({ sso: false, scim: false })
  })

  test('an administrator who could not get in is given a way in, and nothing begins where it could not be handed over', async () => {
    await live('capabilities: { sso: true, scim: true }\n')
    await sql('UPDATE users SET password_hash = NULL, set_password_token_hash = NULL, set_password_expires_at = NULL')
    const refused = await at.run(CRITICAL)
    expect(refused).toMatchObject({ exit: 2, stderr: expect.stringContaining(`onboard ${CRITICAL} --secrets-out secrets.jsonl\n`) })
    expect([await tenant(), (await at.json<Status>('status', 'status acme')).result.procedures]).toEqual(['live', []])
    expect(await outcomes(`${CRITICAL} --secrets-out way-in`)).toMatchObject({ 'rollback.way_in': 'changed', 'rollback.sso_off': 'blocked' })
    expect(await at.read('way-in')).toContain('https://app.vendor.example/set')
  })

  test('what is held is rolled back all the same; what is cancelled is not begun', async () => {
    await live()
    await done(`hold acme --reason 'a holiday' --signer cleo@vendor.example`)
    expect(await outcomes(CRITICAL)).toMatchObject({ 'rollback.take_back': 'changed' })
    await finish('2027-03-15')
    await done('resume acme --signer cleo@vendor.example')
    await goLive()
    await done(`cancel acme --reason 'they left'`)
    const { exit, stderr } = await at.run(`rollback acme --condition critical --reason late --confirm acme`)
    expect([exit === 0, stderr]).toEqual([false, expect.stringContaining('cancelled')])
    expect((await at.run('audit log acme')).stdout).not.toContain('late')
  })

  test('what is missing or wrong is said with what there is, and nothing is begun', async () => {
    await live()
    const refused = async (line: string, code: number, said: RegExp) => {
      const { exit, stderr } = await at.run(line)
      expect([exit, stderr]).toEqual([code, expect.stringMatching(said)])
    }
    await refused('rollback acme', 2, /critical: a core function does not work[\s\S]*--condition performance --reason TEXT/)
    await refused('rollback acme --condition critcal --reason x', 2, /no condition 'critcal'[\s\S]*--condition critical/)
    await refused('rollback acme --condition critical', 2, /needs a reason/)
    await refused(`rollback acme --condition critical --reason ' '`, 2, /needs a reason/)
    await refused('rollback acme --condition critical --reason x', 2, /confirm it by its name[\s\S]*--confirm acme/)
    await refused('rollback acme --condition critical --reason x --confirm acne', 2, /another customer/)
    await refused('rollback acme --condition critical --reason x --to go_live', 2, /--to/)
    await refused('rollback acme --reason x --to go_live', 2, /nothing reads --reason/)
    await refused(`rollback acme --condition critical --reason x --issue 'Ada has called'`, 2, /not 'Ada has called'/)
    await refused('sign acme rollback.works --signer eva@vendor.example', 2, /procedure rollback is not under way/)
    expect((await at.json<Status>('status', 'status acme')).result.procedures).toEqual([])
    await done(CRITICAL)
    expect((await at.run('status acme')).stdout).toContain('rollback/1 is under way since 2026-11-20 (critical): logins fail')
    await refused('rollback acme', 7, /rollback\/1 of acme is under way/)
    await refused(`rollback acme --condition security --reason y --confirm acme`, 7, /under way/)
  })
})
