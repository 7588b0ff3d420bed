/** A probe that has nowhere to look: it blocks, says why, and can be waived; a config that names where is looked at. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import type { RunResult } from '../../src/engine/ports.ts'
import type { Status } from '../../src/onboarding/status.ts'
import type { OpenItem } from '../../src/onboarding/tasks.ts'
import { packageRoot } from '../../src/package.ts'
import { cli, cliJson } from '../support/cli.ts'
import { environmentOf, sqlAsOwner, testDatabase } from '../support/database.ts'
import { writeRunbook } from '../support/runbook.ts'
import { serve } from '../support/tls.ts'

const CONFIG = 'apiVersion: onboard/v1\nvendor: { name: V }\nroles: { engineering: [{ name: Eva Weber, email: eva@vendor.example }] }\n'
const PHASE = `apiVersion: onboard/v1
phase: look
title: Look
owner: [engineering]
steps:
  - { id: smoke, title: Smoke, uses: smoke.check, waivable_by: [engineering], with: { requests: "\${{ config.?probes.?smoke }}" } }
  - { id: after, title: After, uses: assert, with: { that: "\${{ handoff.commercial.users > 1 }}", message: Too few } }
`
let dir = ''
let env: Record<string, string> = {}
let database: Database
const onboard = (...argv: string[]) => cli(argv, { cwd: dir, env })
const stateOf = async () => (await cliJson<Status>('status', ['status', 'acme'], { cwd: dir, env })).result.phases[0]?.steps[0]

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onboard-'))
  database = await testDatabase({ simulated: '2026-11-20T09:00:00Z' })
  env = environmentOf(database)
  await mkdir(join(dir, 'runbooks/ours/phases'), { recursive: true })
  await writeFile(join(dir, 'onboard.config.yaml'), CONFIG)
  await writeFile(join(dir, 'runbooks/ours/runbook.yaml'), 'apiVersion: onboard/v1\nrunbook: ours\ntitle: Ours\nversion: 1.0.0\ninputs: { handoff: ../../schemas/handoff.schema.json }\nroles: [engineering]\nphases: [look]\n')
  await writeFile(join(dir, 'runbooks/ours/phases/look.yaml'), PHASE)
  expect((await onboard('handoff', 'accept', '--file', join(packageRoot, 'runbooks/enterprise/examples/acme.handoff.yaml'), '--runbook', 'ours')).exit).toBe(0)
})
afterEach(() => rm(dir, { recursive: true }))

test('it blocks with its reason and the command that passes over it, in a run and in status', async () => {
  const { exit, result } = await cliJson<RunResult>('run', ['apply', 'acme'], { cwd: dir, env })
  expect(exit).toBe(5)
  expect(result.steps[0]).toMatchObject({ outcome: 'blocked', reason: expect.stringMatching(/^not checked: .*probes/), next: 'onboard waive acme look.smoke --reason TEXT --until DATE' })
  expect(await stateOf()).toMatchObject({ state: 'blocked', reason: expect.stringContaining('not checked'), next: 'onboard waive acme look.smoke --reason TEXT --until DATE' })
  expect((await onboard('waive', 'acme', 'look.smoke', '--signer', 'eva@vendor.example', '--reason', 'later', '--until', '2027-01-31')).exit).toBe(0)
  expect((await onboard('apply', 'acme')).exit).toBe(0)
})

test('once the config names where to look, it is ready, and looked at', async () => {
  await onboard('apply', 'acme')
  const server = await serve((_request, reply) => void reply.end('ok'))
  await writeFile(join(dir, 'onboard.config.yaml'), `${CONFIG}probes: { smoke: [{ name: Home, url: "${server.url}" }] }\nnetwork: { allow: [127.0.0.1] }\n`)
  expect(await stateOf()).toMatchObject({ state: 'ready' })
  // A host is not asked because somebody's folder says so.
  expect(await onboard('apply', 'acme')).toMatchObject({ exit: 9, stdout: expect.stringContaining('not trusted') })
  await onboard('trust')
  expect((await onboard('apply', 'acme')).exit).toBe(0)
  await server.close()
})

test('what it found wrong is said in status with the way past it, and in the list of tasks of those who may waive it', async () => {
  const server = await serve((_request, reply) => void reply.writeHead(500).end('down'))
  await writeFile(join(dir, 'onboard.config.yaml'), `${CONFIG}probes: { smoke: [{ name: Home, url: "${server.url}" }] }\nnetwork: { allow: [127.0.0.1] }\n`)
  await onboard('trust')
  const waive = 'onboard waive acme look.smoke --reason TEXT --until DATE'
  const { exit, result } = await cliJson<RunResult>('run', ['apply', 'acme'], { cwd: dir, env })
  expect([exit, result.steps[0]]).toMatchObject([6, { outcome: 'failed', reason: expect.stringContaining('Home'), next: waive }])
  expect(await stateOf()).toMatchObject({ state: 'failed', reason: result.steps[0]?.reason, next: waive })
  const status = (await cliJson<Status>('status', ['status', 'acme'], { cwd: dir, env })).result
  expect([status.health, status.why]).toEqual(['red', expect.arrayContaining(['1 step failed or undone'])])
  const { tasks } = (await cliJson<{ tasks: readonly OpenItem[] }>('tasks', ['tasks', 'acme'], { cwd: dir, env })).result
  expect(tasks).toContainEqual(expect.objectContaining({ kind: 'blocked', step: 'look.smoke', for: ['engineering'], next: waive, reason: result.steps[0]?.reason }))
  await server.close()
})

test('what a directory has yet to do is looked at again after its next cycle; the waiver comes second', async () => {
  await sqlAsOwner(database, `INSERT INTO tenants (slug, name, plan) VALUES ('acme', 'Acme', 'custom')`)
  await writeRunbook(dir, 'sync', '  - { id: users, title: Users come, uses: scim.activity, waivable_by: [engineering], with: { tenant: acme } }\n')
  expect((await onboard('handoff', 'accept', '--file', join(packageRoot, 'runbooks/enterprise/examples/acme.handoff.yaml'), '--runbook', 'sync', '--name', 'sync')).exit).toBe(0)
  const { exit, stdout } = await onboard('apply', 'acme/sync')
  expect(exit).toBe(5)
  expect(stdout).toMatch(/come back after its next cycle[^]*→ (npx )?onboard apply acme\/sync\n +(npx )?onboard waive acme\/sync one\.users --reason TEXT --until DATE\n/)
})
