/** Time in an onboarding, by its commands, on a moved clock: dates that wait, a late contract, a move, a hold, go-live. */
import type { Plan } from '../../src/model.ts'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RunResult } from '../../src/engine/ports.ts'
import type { HoldResult } from '../../src/onboarding/hold.ts'
import type { Rescheduled } from '../../src/onboarding/reschedule.ts'
import type { Status } from '../../src/onboarding/status.ts'
import { packageRoot } from '../../src/package.ts'
import { createOutput } from '../../src/cli/output.ts'
import { showStatus } from '../../src/cli/views/status.ts'
import { width } from '../../src/cli/width.ts'
import { cli, cliJson } from '../support/cli.ts'
import { environmentOf, testDatabase } from '../support/database.ts'

const CONFIG = `apiVersion: onboard/v1
vendor: { name: V }
time_zone: Europe/Berlin
holidays: [2026-12-25, 2027-01-01, 2027-03-02]
roles:
  legal: [{ name: Lea Novak, email: lea@vendor.example }]
  engineering: [{ name: Eva Weber, email: eva@vendor.example }]
  customer-success: [{ name: Cleo Adams, email: cleo@vendor.example }]
`
const RUNBOOK = `apiVersion: onboard/v1
runbook: ours
title: Ours
version: 1.0.0
inputs: { handoff: ../../schemas/handoff.schema.json }
roles: [legal, engineering, customer-success]
phases: [contract, provision, go_live, hypercare]
`
const PHASES: Readonly<Record<string, string>> = {
  contract: `owner: [legal]
duration: { min: 1w, max: 2w }
steps: [{ id: signed, title: The contract is signed, uses: confirm, with: { text: Signed? } }]
`,
  provision: `owner: [engineering]
duration: { min: 1w, max: 2w }
steps:
  - { id: tenant, title: The tenant, uses: tenant.record, with: { slug: "\${{ onboarding.slug }}", name: "\${{ handoff.company.name }}", plan: enterprise } }
  - { id: tried, title: Tried, uses: confirm, waivable_by: [engineering], with: { text: Tried? } }
`,
  go_live: `owner: [customer-success, engineering]
starts: { at: onboarding.go_live, offset: -1d }
duration: { min: 1d, max: 1d }
steps:
  - { id: ready, title: Ready, uses: confirm, binds: [onboarding.go_live], with: { text: Ready? } }
  - id: access
    title: Production access
    uses: tenant.access
    starts: { at: onboarding.go_live }
    with: { tenant: "\${{ onboarding.slug }}", production: true }
`,
  hypercare: `owner: [customer-success]
days: calendar
starts: { at: onboarding.live_on, offset: 1d }
duration: { min: 14d, max: 30d }
steps:
  - { id: check_in, title: Check-in, uses: confirm, on: [day 1, day 2], with: { text: "Well on \${{ each }}?" } }
`,
}

let world: { cwd: string; env: Record<string, string> }
const write = async (path: string, text: string) => {
  await mkdir(dirname(join(world.cwd, path)), { recursive: true })
  await writeFile(join(world.cwd, path), text)
}
/** Words are parted by blanks; a text in quotes is one. */
const words = (line: string) => [...line.matchAll(/"([^"]*)"|\S+/g)].map(([all, text]) => text ?? all)
const onboard = (line: string) => cli(words(line), world)
const must = async (line: string) => {
  const ran = await onboard(line)
  expect(ran, line).toMatchObject({ exit: 0 })
  return ran
}
const sign = (step: string, who: string) => must(`sign acme ${step} --signer ${who}@vendor.example`)
const day = (date: string) => must(`db clock --to ${date}T09:00:00Z`)
const statusOf = async () => (await cliJson<Status>('status', ['status', 'acme'], world)).result
const datesOf = async () => {
  const { schedule } = await statusOf()
  if (schedule === null) throw new Error('no schedule')
  return schedule
}
const rescheduled = async (line: string) => cliJson<Rescheduled>('reschedule', words(`reschedule acme ${line}`), world)

/** Monday, 2026-12-07; go-live of the example handoff is Monday, 2027-02-15. */
beforeEach(async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'onboard-time-'))
  world = { cwd, env: { ...environmentOf(await testDatabase({ simulated: '2026-12-07T09:00:00Z' })), ONBOARD_ACTOR: 'Rita Recorder' } }
  await write('onboard.config.yaml', CONFIG)
  await write('acme.yaml', await readFile(join(packageRoot, 'runbooks/enterprise/examples/acme.handoff.yaml'), 'utf8'))
  await write('runbooks/ours/runbook.yaml', RUNBOOK)
  for (const [id, text] of Object.entries(PHASES)) await write(`runbooks/ours/phases/${id}.yaml`, `apiVersion: onboard/v1\nphase: ${id}\ntitle: ${id}\n${text}`)
  await must('handoff accept --file acme.yaml --runbook ours')
})
afterEach(() => rm(world.cwd, { recursive: true }))

/** --database-url takes no password, which the logins of a given server have. */
test.skipIf(process.env['ONBOARD_TEST_DATABASE_URL'])('a handoff says before it is accepted, and when it is, whether its go-live leaves time, and from when on it does', async () => {
  const early = (await readFile(join(world.cwd, 'acme.yaml'), 'utf8')).replace('go_live: 2027-02-15', 'go_live: 2026-12-18').replaceAll('Acme Industrial GmbH', 'Boreal AB').replace('slug: acme', 'slug: boreal')
  await write('boreal.yaml', early)
  const fits = async (file: string) => (await cliJson<{ feasibility: object }>('handoff-check', words(`handoff check --file ${file} --runbook ours --database-url ${world.env['ONBOARD_DATABASE_URL']}`), world)).result.feasibility
  expect(await fits('acme.yaml')).toMatchObject({ fits: true, earliest_go_live: '2026-12-22', business_days: 11 })
  expect(await fits('boreal.yaml')).toMatchObject({ fits: false, earliest_go_live: '2026-12-22' })
  const check = `handoff check --file boreal.yaml --runbook ours --database-url ${world.env['ONBOARD_DATABASE_URL']} --fail-on warn`
  expect(await onboard(check)).toMatchObject({ exit: 3, stdout: expect.stringContaining('earliest 2026-12-22, wanted 2026-12-18: this does not fit') })
  expect((await must('handoff accept --file boreal.yaml --runbook ours')).stdout).toContain('earliest 2026-12-22, wanted 2026-12-18: this does not fit')
  expect(await onboard('handoff check --file acme.yaml --runbook nosuch')).toMatchObject({ exit: 2 })
})

test('a time zone that there is not is refused with its place', async () => {
  await write('onboard.config.yaml', CONFIG.replace('Europe/Berlin', 'Europe/Berlinn'))
  expect(await onboard('status acme')).toMatchObject({ exit: 3, stderr: expect.stringMatching(/onboard\.config\.yaml:3:12: .*time_zone/) })
})

test('planned as long as go-live leaves room for, foreseen at the shortest, past holidays', async () => {
  const dates = await datesOf()
  expect(dates).toMatchObject({ accepted: '2026-12-07', baseline_go_live: '2027-02-15', forecast_go_live: '2027-02-15', late: 0, held: null, shifts: [] })
  expect(dates.phases.map(({ id, planned, forecast }) => [id, planned.start, planned.end, forecast.end])).toEqual([
    ['contract', '2026-12-07', '2026-12-21', '2026-12-14'],
    ['provision', '2026-12-21', '2027-01-06', '2026-12-21'],
    ['go_live', '2027-02-12', '2027-02-15', '2027-02-15'],
    ['hypercare', '2027-02-16', '2027-03-18', '2027-03-02'],
  ])
  expect((await statusOf()).waiting).toMatchObject([{ for: ['legal'], people: ['Lea Novak'], since: '2026-12-07', due: '2026-12-21', overdue: false }])
})

test('a contract signed late is said with the days that it took, and what is overdue before it is signed', async () => {
  await day('2026-12-23')
  const late = await statusOf()
  expect(late).toMatchObject({ health: 'amber', why: ['a phase is 2 business days overdue', '1 step overdue'], waiting: [{ overdue: true }] })
  expect(late.schedule?.shifts.map(({ text }) => text)).toEqual(['contract moves 7 days: contract.signed waits for legal, planned by 2026-12-21'])
  await sign('contract.signed', 'lea')
  const dates = await datesOf()
  expect(dates.phases[0]).toMatchObject({ actual: { start: '2026-12-23', end: '2026-12-23' }, late: 2 })
  expect(dates.shifts).toEqual([{ phase: 'contract', days: 2, text: 'contract moved 2 days: contract.signed was signed on 2026-12-23, planned by 2026-12-21' }])
  await day('2027-02-10')
  const red = await statusOf()
  expect(red.health).toBe('red')
  expect(red.schedule).toMatchObject({ forecast_go_live: '2027-02-18', late: 3 })
  expect(red.schedule?.shifts.at(-1)?.text).toBe('go-live on 2027-02-15 does not leave time for what is left; the earliest is 2027-02-18')
  await day('2027-02-17')
  expect((await statusOf()).why[0]).toBe('go-live was agreed for 2027-02-15')
})

test('go-live is moved with a reason: what counts from it moves, and what was signed on the date is asked again', async () => {
  await sign('contract.signed', 'lea')
  await onboard('apply acme')
  await sign('provision.tried', 'eva')
  expect(await onboard('apply acme')).toMatchObject({ exit: 5 })
  expect((await statusOf()).dated[0]).toMatchObject({ until: '2027-02-12', reason: 'waits for 2027-02-12' })
  await day('2027-02-12')
  await sign('go_live.ready', 'cleo')
  const line = '--go-live 2027-03-01 --reason "the customer asked for it" --signer cleo@vendor.example'
  expect((await rescheduled(line)).result).toMatchObject({ outcome: 'rescheduled', from: '2027-02-15', to: '2027-03-01', fits: true, void: ['go_live.ready'] })
  expect((await rescheduled(line)).result).toMatchObject({ outcome: 'unchanged', head: null })
  const dates = await datesOf()
  expect(dates).toMatchObject({ baseline_go_live: '2027-02-15', go_live: '2027-03-01', forecast_go_live: '2027-03-01', late: 0 })
  expect(dates.shifts.map(({ days, text }) => [days, text])).toEqual([[14, 'go-live moved 14 days later, to 2027-03-01, by Cleo Adams: the customer asked for it']])
  expect((await statusOf()).dated[0]).toMatchObject({ until: '2027-02-26' })
  await day('2027-02-26')
  expect((await statusOf()).waiting).toMatchObject([{ step: { step: 'ready' }, since: '2027-02-26' }])
  expect((await must('audit log acme')).stdout).toMatch(/rescheduled +Cleo Adams <cleo@vendor.example>, recorded by Rita Recorder +go-live 2027-02-15 → 2027-03-01/)
})

test.each([
  ['2027-01-01', 3, 'not-a-business-day', '2027-01-01 is a holiday', '--go-live 2027-01-04'],
  ['2027-02-27', 3, 'not-a-business-day', '2027-02-27 is on a weekend', '--go-live 2027-03-01'],
  ['2027-02-29', 2, 'not-a-date', '2027-02-29 is no date', '--go-live DATE'],
  ['soon', 2, 'not-a-date', 'soon is no date', '--go-live DATE'],
  ['2026-12-04', 3, 'past-date', '2026-12-04 is past: today is 2026-12-07', '--go-live 2026-12-07'],
  ['2026-12-18', 3, 'does-not-fit', 'takes until 2026-12-22', '--go-live 2026-12-22'],
])('go-live cannot be moved to %s', async (date, exit, code, message, better) => {
  const ran = await cli(words(`reschedule acme --go-live ${date} --reason "a test" --json`), world)
  expect(ran.exit).toBe(exit)
  const { error } = JSON.parse(ran.stdout) as { error: { code: string; message: string; suggestions: string[] } }
  expect(error).toMatchObject({ code, message: expect.stringContaining(message) })
  expect(error.suggestions[0]).toContain(better)
  expect((await datesOf()).go_live).toBe('2027-02-15')
})

test('the date that is offered in place of one that has passed comes after the contract begins', async () => {
  await write('acme.yaml', (await readFile(join(world.cwd, 'acme.yaml'), 'utf8')).replace('contract_start: 2026-12-01', 'contract_start: 2026-12-18'))
  await must('handoff revise acme --file acme.yaml --reason "it begins later"')
  for (const date of ['2026-12-04', '2026-12-12', '2026-12-18']) {
    expect(await onboard(`reschedule acme --go-live ${date} --reason "a test"`)).toMatchObject({ exit: 3, stderr: expect.stringContaining('--go-live 2026-12-21') })
  }
})

test('a date that does not leave time is taken only when that is said, and stays visible', async () => {
  const { result } = await rescheduled('--go-live 2026-12-18 --reason "the contract says so" --even-if-late')
  expect(result).toMatchObject({ outcome: 'rescheduled', fits: false, earliest: '2026-12-22' })
  const { health, why, schedule } = await statusOf()
  expect([health, why[0], schedule?.late]).toEqual(['amber', 'go-live is forecast 2 business days late', 2])
  expect((await onboard('reschedule acme --go-live 2027-01-11 --reason " "')).exit).toBe(2)
  expect(await onboard('reschedule acme --go-live 2027-01-11 --reason x --signer nobody@vendor.example')).toMatchObject({ exit: 9 })
})

test('a hold stops what is done and the days that are counted; a resume lets both go on', async () => {
  const held = async (line: string) => cliJson<HoldResult>('hold', words(line), world)
  expect((await held('resume acme')).result).toMatchObject({ outcome: 'unchanged', head: null })
  await day('2026-12-08')
  expect((await held('hold acme --reason "budget freeze" --signer cleo@vendor.example')).result).toMatchObject({ outcome: 'held', by: 'Cleo Adams' })
  expect((await held('hold acme --reason "budget freeze"')).result).toMatchObject({ outcome: 'unchanged' })
  expect(await onboard('hold acme --reason another')).toMatchObject({ exit: 7 })
  expect(await onboard('hold acme --reason ""')).toMatchObject({ exit: 2 })
  const refused = await onboard('apply acme')
  expect(refused).toMatchObject({ exit: 5 })
  expect(refused.stderr).toContain('acme is held since 2026-12-08 by Cleo Adams: budget freeze')
  expect(refused.stderr).toContain('onboard resume acme')
  const planned = await cliJson<Plan>('plan', ['plan', 'acme'], world)
  expect(planned.result.held).toMatchObject({ by: 'Cleo Adams', reason: 'budget freeze' })
  const shown = (await onboard('plan acme')).stdout
  expect(shown).toMatch(/held since 2026-12-08 .* by Cleo Adams: budget freeze/)
  expect(shown.trimEnd()).toMatch(/onboard resume acme$/)
  await day('2026-12-15')
  expect(await statusOf()).toMatchObject({ health: 'amber', why: ['held'], next: 'onboard resume acme', schedule: { held: { reason: 'budget freeze' } } })
  expect((await datesOf()).shifts).toMatchObject([{ days: 5, text: 'held since 2026-12-08 by Cleo Adams: budget freeze' }])
  expect((await held('resume acme')).result).toMatchObject({ outcome: 'resumed' })
  const dates = await datesOf()
  // Five business days were not worked on: what was planned by the 21st is planned by the 29th, Christmas between them.
  expect(dates.phases[0]).toMatchObject({ baseline: { end: '2026-12-21' }, planned: { end: '2026-12-29' }, late: 0 })
  expect(dates.shifts).toMatchObject([{ days: 5, text: 'held for 5 business days, 2026-12-08 to 2026-12-15, by Cleo Adams: budget freeze' }])
  expect((await onboard('apply acme')).stderr).not.toContain('held')
})

test('once live, days count from that day, and go-live is not moved any more', async () => {
  await sign('contract.signed', 'lea')
  await onboard('apply acme')
  await sign('provision.tried', 'eva')
  await day('2027-02-12')
  await sign('go_live.ready', 'cleo')
  expect((await cliJson<RunResult>('run', ['apply', 'acme'], world)).result.steps.filter(({ outcome }) => outcome === 'waiting').map(({ key, reason }) => [key.step, reason]))
    .toEqual([['access', 'waits for 2027-02-15']])
  // Half past midnight of Tuesday in Berlin, Monday still in UTC.
  await must('db clock --to 2027-02-15T23:30:00Z')
  expect((await onboard('apply acme')).exit).toBe(5)
  expect(await datesOf()).toMatchObject({ live_on: '2027-02-16', late: 1, go_live: '2027-02-15' })
  expect((await statusOf()).dated.map(({ until }) => until)).toEqual(['2027-02-17', '2027-02-18'])
  expect(await onboard('reschedule acme --go-live 2027-03-01 --reason x')).toMatchObject({ exit: 7, stderr: expect.stringContaining('live since 2027-02-16') })
  await day('2027-02-18')
  await sign('hypercare.check_in/day-1', 'cleo')
  await sign('hypercare.check_in/day-2', 'cleo')
  expect(await statusOf()).toMatchObject({ health: 'green', next: null })
})

test('a step that was waived is said to be until its day, and comes back as open after it', async () => {
  await sign('contract.signed', 'lea')
  await onboard('apply acme')
  await must('waive acme provision.tried --reason "it is tried in January" --until 2026-12-10 --signer eva@vendor.example')
  const tried = async () => (await statusOf()).phases[1]?.steps[1]
  expect(await tried()).toMatchObject({ state: 'waived', reason: 'waived until 2026-12-10: it is tried in January' })
  await day('2026-12-11')
  expect(await tried()).toMatchObject({ state: 'waiting' })
})

test('status fits a screen, and --all shows every step', async () => {
  await day('2026-12-23')
  const shown = await must('status acme')
  expect(shown.stdout).toContain('go-live 2027-02-15 · forecast 2027-02-15\namber: a phase is 2 business days overdue; 1 step overdue\n')
  expect(shown.stdout).toMatch(/signed {2}The contract is signed {2}Lea Novak since 12-07, overdue since 12-21/)
  const written: string[] = []
  const stdout = { columns: 80, write: (text: string) => written.push(text) }
  const narrow = createOutput({ stdin: process.stdin, stdout, stderr: stdout, env: {}, cwd: '' }, {}, () => 'Europe/Berlin')
  showStatus(await statusOf(), narrow)
  expect(written.length).toBeLessThanOrEqual(22) // and the database, and the next command
  expect(written.filter((line) => width(line.trimEnd()) > 80)).toEqual([])
  expect(shown.stdout).not.toContain('check_in/day-2')
  expect((await must('status acme --all')).stdout).toContain('check_in/day-2')
  expect((await must('status')).stdout).toMatch(/acme +Acme Industrial GmbH +contract +0\/7 +2027-02-15 += +amber +legal/)
})

test('a waiver ends when its last day ends where the vendor is', async () => {
  await sign('signed', 'lea')
  await onboard('apply acme')
  await must('waive acme tried --signer eva@vendor.example --reason "later" --until 2026-12-10')
  const at = async (instant: string) => {
    await must(`db clock --to ${instant}`)
    const { phases } = await statusOf()
    const state = phases.find(({ id }) => id === 'provision')?.steps.find(({ key }) => key.step === 'tried')?.state
    return [state, (await must('waivers acme')).stdout.includes('holds')]
  }
  expect(await at('2026-12-10T22:59:00Z')).toEqual(['waived', true])
  const list = await must('status')
  expect(list.stdout).toContain('3/7') // it is one of the settled ones
  expect(await at('2026-12-10T23:01:00Z')).toEqual(['waiting', false])
  expect((await must('status')).stdout).not.toBe(list.stdout) // what was kept of the look is not told on
  expect(await onboard('waive acme tried --signer eva@vendor.example --reason "again" --until 2026-12-10')).toMatchObject({ exit: 3, stderr: expect.stringContaining('today is 2026-12-11') })
})

test('after a revision a phase shows what still holds of it, and what was voided as open', async () => {
  await write('runbooks/ours/phases/contract.yaml', `apiVersion: onboard/v1\nphase: contract\ntitle: contract\n${PHASES['contract']}`.replace('with: { text: Signed? }', 'binds: [handoff.commercial], with: { text: Signed? }'))
  await write('runbooks/ours/phases/provision.yaml', `apiVersion: onboard/v1\nphase: provision\ntitle: provision\n${PHASES['provision']}  - { id: users, title: Users, uses: confirm, with: { text: "Are \${{ handoff.commercial.users }} users there?" } }\n`)
  await write('runbooks/ours/runbook.yaml', RUNBOOK.replace('1.0.0', '1.1.0'))
  await must('upgrade acme')
  await sign('signed', 'lea')
  await onboard('apply acme')
  await sign('tried', 'eva')
  await sign('users', 'eva')
  const counts = async () => (await statusOf()).phases.slice(0, 2).map(({ done, total, state }) => [done, total, state])
  expect(await counts()).toEqual([[1, 1, 'done'], [3, 3, 'done']])
  await write('acme.yaml', (await readFile(join(world.cwd, 'acme.yaml'), 'utf8')).replace('users: 1000', 'users: 900'))
  await must('handoff revise acme --file acme.yaml --reason "fewer users"')
  const found = await statusOf()
  expect(await counts()).toEqual([[0, 1, 'current'], [2, 3, 'pending']])
  expect(found.phases[1]?.steps.map(({ key, state }) => [key.step, state])).toEqual([['tenant', 'done'], ['tried', 'done'], ['users', 'blocked']])
  expect(found.waiting.map(({ step }) => step.step)).toEqual(['signed'])
  expect((await must('status')).stdout).toMatch(/ 2\/\d+ /)
  // What is shown is what apply finds: it does nothing again, and asks for what was voided.
  await sign('signed', 'lea')
  const { result } = await cliJson<RunResult>('run', ['apply', 'acme'], world)
  expect(result.steps.filter(({ key }) => key.phase === 'provision').map(({ key, outcome }) => [key.step, outcome])).toEqual([['tenant', 'unchanged'], ['tried', 'unchanged'], ['users', 'waiting']])
})
