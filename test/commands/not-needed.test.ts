/** What a customer does not have is left out from the first day on: of dates, counts, plans and tasks. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunResult } from '../../src/engine/ports.ts'
import type { Plan } from '../../src/model.ts'
import type { Feasibility } from '../../src/onboarding/feasibility.ts'
import type { Status } from '../../src/onboarding/status.ts'
import { packageRoot } from '../../src/package.ts'
import { cli, cliJson } from '../support/cli.ts'
import { environmentOf, testDatabase } from '../support/database.ts'

let dir = ''
let world: { cwd: string; env: Record<string, string> }
const run = (line: string) => cli(line.split(' '), world)
const json = <R>(schema: string, line: string) => cliJson<R>(schema, line.split(' '), world)

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onboard-'))
  world = { cwd: dir, env: environmentOf(await testDatabase({ simulated: '2026-12-01T09:00:00Z' })) }
  const example = await readFile(join(packageRoot, 'runbooks/enterprise/examples/borealis.handoff.yaml'), 'utf8')
  const smallest = example.replace('name: Borealis Foods Inc.', 'name: Borealis Foods Inc., slug: borealis')
  await writeFile(join(dir, 'small.yaml'), smallest)
  await writeFile(join(dir, 'sso.yaml'), smallest.replace('sso: { required: false }', 'sso: { required: true, provider: saml, idp: okta, test_user: t@borealis.example }'))
  await writeFile(join(dir, 'onboard.config.yaml'), 'apiVersion: onboard/v1\nvendor: { name: V }\n')
})
afterAll(() => rm(dir, { recursive: true }))

test('a customer without single sign-on and SCIM is told at intake how long it takes without them', async () => {
  const days = async (file: string) => (await json<{ feasibility: Feasibility }>('handoff-check', `handoff check --file ${file} --runbook enterprise`)).result.feasibility.business_days
  expect(await days('sso.yaml') - await days('small.yaml')).toBe(2) // the shortest that the phase takes
  const { result } = await json<{ feasibility: Feasibility }>('handoff-accept', 'handoff accept --file small.yaml --runbook enterprise')
  expect(result.feasibility.business_days).toBe(await days('small.yaml'))
})

test('status counts and plans what it has, before anything was done', async () => {
  const { result: { phases, schedule } } = await json<Status>('status', 'status borealis')
  expect(phases.filter(({ total }) => total === 0).map(({ id, done, state }) => [id, done, state])).toEqual([['sso', 0, 'done'], ['scim', 0, 'done']])
  expect(schedule?.phases.map(({ id }) => id)).toEqual(['handoff', 'contract', 'provision', 'validation', 'go_live', 'hypercare'])
  const [provision, validation] = ['provision', 'validation'].map((id) => schedule?.phases.find((one) => one.id === id))
  expect(validation?.planned.start).toBe(provision?.planned.end)
  expect(schedule?.phases.every(({ late, overdue }) => late === 0 && overdue === 0)).toBe(true)
  expect(phases.find(({ id }) => id === 'validation')?.steps.find(({ key }) => key.step === 'response_times')?.state).toBe('skipped')
  const shown = (await run('status borealis')).stdout
  expect(shown).toMatch(/Single sign-on +\S[^\d]*not needed/)
  expect(shown).not.toMatch(/0\/18/)
})

test('what is left out is skipped in the plan and by the first run, and is nobody’s task', async () => {
  const { result: plan } = await json<Plan>('plan', 'plan borealis')
  const sso = plan.steps.filter(({ key }) => key.phase === 'sso')
  expect([...new Set(sso.map(({ action }) => action))]).toEqual(['skipped'])
  expect((await run('plan borealis')).stdout).toMatch(/· sso {2}18 skipped: .*\n· scim /)
  const { result } = await json<RunResult>('run', 'apply borealis')
  expect(new Set(result.steps.filter(({ key }) => key.phase === 'sso').map(({ outcome }) => outcome))).toEqual(new Set(['skipped']))
  const again = (await run('audit log borealis --json')).stdout
  await run('apply borealis')
  expect((await run('audit log borealis --json')).stdout).toBe(again)
  expect((await run('tasks')).stdout).not.toMatch(/sso|scim/)
})

test('sold later, it is there again, with its days', async () => {
  expect((await cli(['handoff', 'revise', 'borealis', '--file', 'sso.yaml', '--reason', 'sold after all'], world)).exit).toBe(0)
  const { result: { phases, schedule } } = await json<Status>('status', 'status borealis')
  const sso = phases.find(({ id }) => id === 'sso')
  expect([sso?.done, sso?.total, sso?.state]).toEqual([0, 15, 'pending'])
  expect(schedule?.phases.map(({ id }) => id)).toContain('sso')
})
