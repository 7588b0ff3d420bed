import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageRoot } from '../../src/package.ts'
import type { RunbookTestResult } from '../../src/cli/rehearsals.ts'
import { cli, cliJson } from '../support/cli.ts'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onboard-'))
  await cp(join(packageRoot, 'test/runbook/fixtures/runbooks'), join(dir, 'runbooks'), { recursive: true })
  await cp(join(packageRoot, 'runbooks/enterprise/examples'), join(dir, 'runbooks/inventory/examples'), { recursive: true })
  // A database that could not be opened: a test that tried would fail.
  await writeFile(join(dir, 'onboard.config.yaml'), 'apiVersion: onboard/v1\nvendor: { name: V }\ndatabase: { url_env: NOT_SET }\n')
})
afterAll(() => rm(dir, { recursive: true }))

const HEAD = 'apiVersion: onboard/v1\ntests:\n  - test: One\n    clock: 2026-11-20\n    handoff: examples/acme.handoff.yaml\n'
async function run(body: string): Promise<{ exit: number; result: RunbookTestResult; said: string[] }> {
  await writeFile(join(dir, 'runbooks/inventory/inventory.test.yaml'), HEAD + body)
  const { exit, result } = await cliJson<{ runbooks: RunbookTestResult[] }>('runbook-test', ['runbook', 'test', 'inventory'], { cwd: dir })
  const [first] = result.runbooks as [RunbookTestResult]
  return { exit, result: first, said: first.tests.flatMap(({ failures }) => failures.map(({ line, col, message }) => `${line}:${col} ${message}`)) }
}

test('the shipped runbook keeps what its tests say, and they reach every step and branch', async () => {
  const { exit, result } = await cliJson<{ runbooks: RunbookTestResult[] }>('runbook-test', ['runbook', 'test', 'enterprise'])
  const [{ coverage, tests }] = result.runbooks as [RunbookTestResult]
  expect(tests.flatMap(({ failures }) => failures)).toEqual([])
  expect(exit).toBe(0)
  expect([...coverage.steps.missing, ...coverage.branches.missing]).toEqual([])
})

test('outcomes, persons waited for, and changes are as apply would have them; time passes without waiting', async () => {
  const { exit, said, result } = await run(`    expect:
      outcomes: { prepare.small_enough: changed, shelves.warehouse: blocked }
      waiting: { prepare.agreed: [customer] }
      exit: 5
    then:
      - clock: +30d
        answers: { prepare.agreed: customer }
        given: { shelves.warehouse: { outputs: { row: { code: other } } } }
        expect:
          outcomes: { shelves.shelf/salesforce: changed }
          changes: { shelves.warehouse: { set: { capacity: 10000 } } }
          waiting: {}
          exit: 0
`)
  expect(said).toEqual([])
  expect(exit).toBe(0)
  expect(result.coverage.steps).toEqual({ covered: 5, total: 5, missing: [] })
})

test('what is not as expected is said with its place and with what is there instead, all at once', async () => {
  const { exit, said } = await run(`    answers: { prepare.agreed: legal }
    expect:
      outcomes: { prepare.small_enough: failed, prepare.smal_enough: changed }
      changes: { shelves.warehouse: { key: { code: acme } } }
      waiting: { shelves.shelf: [customer] }
      exit: 0
`)
  expect(exit).toBe(6)
  expect(said).toEqual([
    expect.stringContaining('6:16 prepare.agreed is signed by customer;'),
    '8:19 prepare.small_enough is changed, not failed: holds',
    '8:49 there is no step prepare.smal_enough; did you mean prepare.small_enough?',
    '9:39 key of shelves.warehouse is not changed, not {"code":"acme"}',
    '10:18 shelves.shelf does not wait for anybody: it is blocked',
    '10:7 prepare.agreed waits for customer as well',
    '11:7 apply exits with 5, not 0',
  ])
})

test('a step that fails holds up those after it, and no retry is waited for', async () => {
  const { said } = await run(`    answers: { prepare.agreed: customer }
    given: { shelves.warehouse: { fails: the rack is full } }
    expect:
      outcomes: { shelves.warehouse: failed, shelves.shelf: blocked }
      reasons: { shelves.warehouse: rack is full }
      exit: 1
`)
  expect(said).toEqual([])
})

test('a handoff outside the runbook’s folder is not read', async () => {
  await writeFile(join(dir, 'runbooks/inventory/inventory.test.yaml'), HEAD.replace('examples/acme', '../../../etc/acme'))
  const { stdout, exit } = await cli(['runbook', 'test', 'inventory', '--format', 'github'], { cwd: dir })
  expect(exit).toBe(6)
  expect(stdout).toContain('there is no file ../../../etc/acme.handoff.yaml in the folder of this runbook')
})

test('a file that is not in its form is a test that failed, for every program that reads the results', async () => {
  await writeFile(join(dir, 'runbooks/inventory/inventory.test.yaml'), HEAD.replace('clock', 'clok'))
  const { stdout, exit } = await cli(['runbook', 'test', 'inventory', '--format', 'junit'], { cwd: dir })
  expect(exit).toBe(6)
  expect(stdout).toContain('did you mean')
  expect(await readFile(join(dir, 'runbooks/inventory/inventory.test.yaml'), 'utf8')).toContain('clok')
})
