/** What status says of milestones, on a moved clock: open, at risk, missed, met; by dates that move with go-live. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { MilestoneStatus } from '../../src/onboarding/milestones.ts'
import type { Status } from '../../src/onboarding/status.ts'
import { ownWorkspace, type OwnWorkspace } from '../support/own-runbook.ts'

const PHASES = {
  contract: `apiVersion: onboard/v1
phase: contract
title: Contract
owner: [legal]
duration: { min: 5d, max: 10d }
steps:
  - { id: signed, title: Signed, uses: confirm, with: { text: Signed? } }
  - { id: legacy, title: Legacy, uses: confirm, when: handoff.technical.webhooks, with: { text: Legacy? } }
  - { id: each_one, title: Each, uses: confirm, for_each: "handoff.technical.integrations.map(one, slug(one.name))", with: { text: "\${{ each }}?" } }
`,
  live: `apiVersion: onboard/v1
phase: live
title: Live
owner: [legal]
starts: { at: onboarding.go_live }
duration: { min: 1d, max: 1d }
steps:
  - { id: open, title: Open, uses: confirm, with: { text: Open? } }
  - { id: after, title: After, uses: confirm, on: [day 1, day 3], with: { text: "\${{ each }}?" } }
`,
}
const MILESTONES = `milestones:
  - { id: agreed, by: "add_business_days(onboarding.go_live, -10, config.holidays)", holds: [contract.signed, contract.legacy] }
  - { id: live, by: onboarding.go_live, holds: [live.open] }
  - { id: cared, by: "add_days(onboarding.live_on, 3)", holds: [live.after] }
  - { id: chosen, by: "handoff.commercial.users > 5 ? add_days(onboarding.go_live, 1) : onboarding.go_live", holds: [live.open] }
  - { id: never, by: "add_days(onboarding.go_live, handoff.commercial.users * 100000)", holds: [live.open] }
  - { id: nothing, by: handoff.dates.contract_start, holds: [contract.legacy, contract.each_one] }
`

let own: OwnWorkspace
beforeEach(async () => {
  own = await ownWorkspace({
    roles: ['legal'], people: '  legal: [{ name: Lea Novak, email: lea@vendor.example }]\n', phases: PHASES, now: '2026-12-07T09:00:00Z',
  })
  await own.write('runbooks/ours/runbook.yaml', `${await own.read('runbooks/ours/runbook.yaml')}${MILESTONES}`)
  expect(await own.run('handoff accept --file acme.yaml --runbook ours')).toMatchObject({ exit: 0, stderr: expect.not.stringContaining('error') })
})
afterEach(() => own.remove())

const day = (date: string) => own.run(`db clock --to ${date}T09:00:00Z`)
const sign = async (step: string) => expect(await own.run(`sign acme ${step} --signer lea@vendor.example`)).toMatchObject({ exit: 0 })
const milestones = async (): Promise<Record<string, MilestoneStatus>> => {
  const { result } = await own.json<Status>('status', 'status acme')
  return Object.fromEntries(result.milestones.map((one) => [one.id, one]))
}

test('open while there is time, at risk when the forecast passes the date, missed when the date has passed', async () => {
  const first = await milestones()
  expect(first['agreed']).toEqual({
    id: 'agreed', by: '2027-02-01', unknown: null, state: 'open', on: null, forecast: '2026-12-11', late: 0,
    holds: [
      { step: 'contract.signed', settled: false, on: null, forecast: '2026-12-11' },
      // Nobody has to do anything about it.
      { step: 'contract.legacy', settled: true, on: null, forecast: null },
    ],
  })
  expect(first['live']).toMatchObject({ by: '2027-02-15', state: 'open', forecast: '2027-02-15' })
  // What only the expression library can say, and what nobody can.
  expect(first['chosen']).toMatchObject({ by: '2027-02-16', state: 'open' })
  expect(first['never']).toMatchObject({ by: null, state: 'open', unknown: '`add_days(onboarding.go_live, handoff.commercial.users * 100000)` gives no date', late: 0 })
  expect((await own.run('status acme')).stdout).toMatch(/never +by \(no date\) +open: `add_days/)
  // On a Saturday nothing is done before Monday.
  await day('2027-01-30')
  expect((await milestones())['agreed']).toMatchObject({ state: 'at risk', forecast: '2027-02-05', late: 4 })
  await day('2027-02-01')
  expect((await milestones())['live']).toMatchObject({ state: 'open', forecast: '2027-02-15' })
  await day('2027-02-12')
  expect(await milestones()).toMatchObject({
    agreed: { state: 'missed', on: null, forecast: '2027-02-18', late: 13 }, live: { state: 'at risk', forecast: '2027-02-19', late: 4 },
  })
  expect((await own.run('status acme')).stdout).toMatch(/MILESTONES\n +◈ agreed +by 2027-02-01 +missed ~2027-02-18 \+13d: contract\.signed\n/)
})

test('met on the day of its last step, by what is skipped or repeats over nothing too; late is missed all the same', async () => {
  await sign('contract.signed')
  await own.run('apply acme')
  const met = await milestones()
  expect(met).toMatchObject({
    agreed: { state: 'met', on: '2026-12-07', forecast: null, late: 0 },
    nothing: { state: 'met', by: '2026-12-01', on: null, holds: [{ settled: true, on: null }, { settled: true, on: null }] },
    // The day after go-live is a day of the phase too: day 3 of a phase in business days.
    cared: { state: 'open', by: '2027-02-18', forecast: '2027-02-17' },
  })
  expect((await own.run('status acme --all')).stdout).toMatch(/◆ agreed .*met 2026-12-07\n +✓ contract\.signed +2026-12-07\n +✓ contract\.legacy\n/)
  // What counts from go-live moves with it.
  expect(await own.run("reschedule acme --go-live 2027-03-01 --reason 'Later'")).toMatchObject({ exit: 0 })
  expect(await milestones()).toMatchObject({ agreed: { by: '2027-02-15', state: 'met' }, live: { by: '2027-03-01' }, cared: { by: '2027-03-04' } })
  await day('2027-03-03')
  expect((await milestones())['live']).toMatchObject({ state: 'missed', forecast: '2027-03-03', late: 2 })
  await sign('live.open')
  expect((await milestones())['live']).toMatchObject({ state: 'missed', on: '2027-03-03', forecast: null, late: 2, holds: [{ on: '2027-03-03' }] })
  // What held on its date was met, whatever became of it.
  expect(await own.run("reject acme contract.signed --signer lea@vendor.example --reason 'Not so'")).toMatchObject({ exit: 0 })
  expect((await own.run('status acme')).stdout).toContain('… signed  Signed  rejected: Not so')
  expect((await milestones())['agreed']).toMatchObject({ by: '2027-02-15', state: 'met', on: '2026-12-07' })
})

test('none of an onboarding that was given up', async () => {
  expect(await own.run("cancel acme --reason Gone --yes")).toMatchObject({ exit: 0 })
  expect(await milestones()).toEqual({})
  expect((await own.run('status acme')).stdout).not.toContain('MILESTONES')
})
