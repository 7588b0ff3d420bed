import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RunResult } from '../../src/engine/ports.ts'
import { packageRoot } from '../../src/package.ts'
import { cli, cliJson } from '../support/cli.ts'
import { environmentOf, testDatabase } from '../support/database.ts'

let world: { cwd: string; env: Record<string, string> }
const write = async (path: string, text: string) => {
  await mkdir(dirname(join(world.cwd, path)), { recursive: true })
  await writeFile(join(world.cwd, path), text)
}
const onboard = (line: string) => cli(line.split(' '), world)
const CONFIG = `apiVersion: onboard/v1
vendor: { name: V }
roles:
  engineering: [{ name: Eva Weber, email: eva@vendor.example }, { name: Eli Brandt, email: eli@vendor.example }]
`
const RUNBOOK = `apiVersion: onboard/v1
runbook: ours
title: Ours
version: 1.0.0
inputs: { handoff: ../../schemas/handoff.schema.json }
roles: [engineering, customer]
phases: [uat]
`
const PHASE = `apiVersion: onboard/v1
phase: uat
title: Acceptance
owner: [engineering]
steps:
  - { id: tested, title: Tested, uses: confirm, with: { text: "Tested, \${{ handoff.commercial.plan }}?", from: [engineering, customer] } }
  - id: seconded
    title: Tested by somebody else
    uses: confirm
    with:
      text: Tested too?
      from: [engineering, customer]
      distinct_from: ["\${{ steps.tested.outputs.email }}"]
  - { id: after, title: After, uses: assert, with: { that: true, message: No. } }
`

beforeEach(async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'onboard-people-'))
  const simulated = { simulated: '2026-11-20T09:00:00Z' }
  world = { cwd, env: { ...environmentOf(await testDatabase(simulated)), ONBOARD_ACTOR: 'Rita Recorder' } }
  await write('onboard.config.yaml', CONFIG)
  await write('acme.yaml', await readFile(join(packageRoot, 'runbooks/enterprise/examples/acme.handoff.yaml'), 'utf8'))
  await write('runbooks/ours/runbook.yaml', RUNBOOK)
  await write('runbooks/ours/phases/uat.yaml', PHASE)
  expect(await onboard('handoff accept --file acme.yaml --runbook ours')).toMatchObject({ exit: 0 })
})
afterEach(() => rm(world.cwd, { recursive: true }))

test('two signatures are those of two people, and who recorded them is told apart from who gave them', async () => {
  const { result } = await cliJson<{ signer: object }>('sign', 'sign acme tested --signer eva@vendor.example'.split(' '), world)
  expect(result).toMatchObject({ outcome: 'signed', signer: { email: 'eva@vendor.example' } })
  const refused = await onboard('sign acme seconded --signer EVA@vendor.example')
  expect([refused.exit, refused.stderr]).toEqual([9, expect.stringContaining('must be signed by somebody else')])
  expect((await onboard('sign acme seconded --signer eli@vendor.example')).exit).toBe(0)
  expect((await onboard('status acme --json')).stdout).toContain('signed by Eli Brandt as engineering, recorded by Rita Recorder')
  expect((await onboard('status acme --all')).stdout).toContain('signed by Eli Brandt as engineering')
  expect((await onboard('apply acme')).exit).toBe(0)
  const log = await onboard('audit log acme')
  expect(log.stdout).toContain('Eli Brandt <eli@vendor.example>, recorded by Rita Recorder')
  // Who signed first is part of what the second word was given on.
  expect((await onboard('sign acme tested --on-behalf-of technical')).exit).toBe(0)
  const { result: run } = await cliJson<RunResult>('run', ['apply', 'acme'], world)
  expect(run.steps[1]).toMatchObject({ outcome: 'waiting', reason: 'what was signed has changed since; the sign-off is void' })
})

test('a no blocks what needs it, until what was asked changes or it is signed after all', async () => {
  const no = 'reject acme tested --signer eva@vendor.example --reason'
  expect((await onboard(`${no} `)).exit).toBe(2)
  const given = [...no.split(' '), 'the API is slow']
  const { result } = await cliJson('reject', given, world)
  expect(result).toMatchObject({ outcome: 'rejected', role: 'engineering', reason: 'the API is slow' })
  expect((await cliJson('reject', given, world)).result).toMatchObject({ outcome: 'unchanged', head: null })
  const run = await cliJson<RunResult>('run', ['apply', 'acme'], world)
  expect(run.exit).toBe(5)
  expect(run.result.steps.map(({ outcome, reason }) => [outcome, reason])).toEqual([
    ['blocked', 'rejected: the API is slow'],
    ['blocked', 'needs uat.tested'],
    ['blocked', 'needs uat.seconded'],
  ])
  const log = await onboard('audit log acme')
  expect(log.stdout).toMatch(/rejected .*Eva Weber <eva@vendor\.example>, recorded by Rita Recorder .*the API is slow/)
  expect((await onboard('sign acme tested --signer eli@vendor.example')).exit).toBe(0)
  expect((await onboard('status acme')).stdout).not.toContain('rejected: the API is slow')
  expect((await onboard('audit verify acme')).exit).toBe(0)
})

test.each([
  ['reject acme after --signer eva@vendor.example --reason no', 2, 'is not signed by anyone'],
  ['reject acme seconded --signer eva@vendor.example --reason no', 5, 'cannot be signed yet'],
  ['reject acme tested --signer zoe@vendor.example --reason no', 9, 'is in no role'],
  ['reject acme tested --reason no', 2, 'Whose word is it?'],
])('%s', async (line, exit, says) => {
  const ran = await onboard(line)
  expect([ran.exit, ran.stderr]).toEqual([exit, expect.stringContaining(says)])
  expect((await onboard('audit log acme')).stdout).not.toContain('rejected')
})
