/** A runbook whose days count from go-live, rehearsed on a moved clock: what waits, since when, and what then is done. */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunbookTestResult } from '../../src/cli/rehearsals.ts'
import { packageRoot } from '../../src/package.ts'
import { cliJson } from '../support/cli.ts'

const GO_LIVE = `apiVersion: onboard/v1
phase: go_live
title: Go-live
owner: [engineering]
steps:
  - { id: ready, title: Ready, uses: confirm, starts: { at: onboarding.go_live, offset: -1d }, with: { text: "Ready for \${{ onboarding.go_live }}?" } }
  - id: access
    title: Production access
    uses: tenant.access
    starts: { at: onboarding.go_live }
    with: { tenant: "\${{ onboarding.slug }}", production: true }
`
const CARE = `apiVersion: onboard/v1
phase: care
title: Care
owner: [engineering]
days: calendar
starts: { at: onboarding.live_on, offset: 1d }
steps:
  - { id: check_in, title: Check in, uses: confirm, on: [day 1, day 3], with: { text: "\${{ each }} since \${{ onboarding.live_on }}?" } }
  - { id: end, title: The end, uses: assert, with: { that: "\${{ onboarding.day >= 3 }}", message: too early } }
`
const RUNBOOK = `apiVersion: onboard/v1
runbook: timed
title: Timed
version: 0.1.0
inputs: { handoff: ../../schemas/handoff.schema.json }
roles: [engineering]
phases: [go_live, care]
`

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onboard-'))
  const folder = join(dir, 'runbooks/timed')
  await mkdir(join(folder, 'phases'), { recursive: true })
  await cp(join(packageRoot, 'runbooks/enterprise/examples'), join(folder, 'examples'), { recursive: true })
  await writeFile(join(dir, 'onboard.config.yaml'), 'apiVersion: onboard/v1\nvendor: { name: V }\ntime_zone: America/New_York\n')
  await writeFile(join(folder, 'runbook.yaml'), RUNBOOK)
  await writeFile(join(folder, 'phases/go_live.yaml'), GO_LIVE)
  await writeFile(join(folder, 'phases/care.yaml'), CARE)
})
afterAll(() => rm(dir, { recursive: true }))

async function run(body: string): Promise<string[]> {
  await writeFile(join(dir, 'runbooks/timed/timed.test.yaml'), `apiVersion: onboard/v1\ntests:\n${body}`)
  const { result } = await cliJson<{ runbooks: RunbookTestResult[] }>('runbook-test', ['runbook', 'test', 'timed'], { cwd: dir })
  return result.runbooks.flatMap(({ tests }) => tests.flatMap(({ failures }) => failures.map(({ line, message }) => `${line} ${message}`)))
}

/** Go-live of the example is Monday, 2027-03-01. */
test('T-1, T and the days after: each waits for its day, and go-live in one run begins the days', async () => {
  expect(await run(`  - test: The whole
    clock: 2027-02-25
    handoff: examples/kaiyo.handoff.yaml
    given: { go_live.access: { outputs: { status: live } } }
    expect:
      outcomes: { go_live.ready: waiting, go_live.access: blocked, care.check_in/day-1: blocked }
      reasons: { go_live.ready: waits for 2027-02-26 }
      waiting: {}
      exit: 5
    then:
      - clock: 2027-02-26
        answers: { go_live.ready: engineering }
        expect:
          outcomes: { go_live.access: waiting }
          reasons: { go_live.access: waits for 2027-03-01 }
      # Eight in the evening of Monday in New York is Tuesday in UTC: the first day is Tuesday there.
      - clock: 2027-03-02T01:00:00Z
        expect:
          outcomes: { go_live.access: changed, care.check_in/day-1: waiting, care.end: blocked }
          reasons: { care.check_in/day-1: waits for 2027-03-02, care.check_in/day-3: waits for 2027-03-04 }
      - clock: 2027-03-02
        answers: { care.check_in/day-1: engineering }
        expect:
          outcomes: { care.check_in/day-3: waiting, care.end: blocked }
      - clock: 2027-03-04
        answers: { care.check_in/day-3: engineering }
        expect:
          outcomes: { care.end: changed }
          exit: 0
`)).toEqual([])
})

test('before go-live its days wait for it by name', async () => {
  await writeFile(join(dir, 'runbooks/timed/phases/care.yaml'), CARE.replace('days: calendar', 'needs: []\ndays: calendar'))
  expect(await run(`  - test: Not live
    clock: 2027-03-10
    handoff: examples/kaiyo.handoff.yaml
    expect:
      outcomes: { care.check_in/day-1: waiting }
      reasons: { care.check_in/day-1: waits for go-live }
      waiting: { go_live.ready: [engineering] }
`)).toEqual([expect.stringContaining('dates.go_live (2027-03-01) is past')])
  expect(await run(`  - test: Not live
    clock: 2027-02-26
    handoff: examples/kaiyo.handoff.yaml
    expect:
      outcomes: { care.check_in/day-1: waiting }
      reasons: { care.check_in/day-1: waits for go-live }
      waiting: { go_live.ready: [engineering] }
`)).toEqual([])
})
