/** Phases of the shipped runbook under their own names. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunResult } from '../../src/engine/ports.ts'
import { packageRoot } from '../../src/package.ts'
import { cli, cliJson } from '../support/cli.ts'
import { environmentOf, testDatabase } from '../support/database.ts'

let world: { cwd: string; env: Record<string, string> }
beforeAll(async () => {
  world = { cwd: await mkdtemp(join(tmpdir(), 'onboard-')), env: environmentOf(await testDatabase({ simulated: '2026-11-20T09:00:00Z' })) }
  const file = join(packageRoot, 'runbooks/enterprise/examples/acme.handoff.yaml')
  expect((await cli(['handoff', 'accept', '--file', file], world)).exit).toBe(0)
})
afterAll(() => rm(world.cwd, { recursive: true }))

test.each([['sso', 'sso'], ['scim', 'scim'], ['validate', 'validation'], ['go-live', 'go_live']])('onboard %s acme is apply for the phase %s', async (command, phase) => {
  const { exit, result } = await cliJson<RunResult>('run', [command, 'acme'], world)
  // The contract is not signed: nothing of it can be done yet, and nothing of another phase was tried.
  expect(exit).toBe(5)
  const outcomes = new Set(result.steps.map(({ key, outcome }) => `${key.phase} ${outcome}`))
  expect(outcomes.delete(`${phase} blocked`)).toBe(true)
  outcomes.delete(`${phase} skipped`) // what the customer does not have
  expect([...outcomes]).toEqual([])
  const one = result.steps[0]?.key.step ?? ''
  expect((await cliJson<RunResult>('run', [command, 'acme', '--step', one], world)).result.steps.map(({ key }) => key.step)).toEqual([one])
  expect(await cli([command, 'acme', '--step', 'nonsense'], world)).toMatchObject({ exit: 2 })
})
