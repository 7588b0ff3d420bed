import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
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
  expect([coverage?.steps.missing, coverage?.branches.missing]).toEqual([[], []])
})

test('it does so in the workspace of a product that can do it all', async () => {
  const workspace = await mkdtemp(join(tmpdir(), 'onboard-'))
  const made = await cli(['init', '.', '--app-url', 'http://127.0.0.1:8080', '--gateway'], { cwd: workspace })
  expect(made).toMatchObject({ exit: 0 })
  const { result } = await cliJson<{ runbooks: RunbookTestResult[] }>('runbook-test', ['runbook', 'test', 'enterprise'], { cwd: workspace })
  expect(result.runbooks.flatMap(({ tests }) => tests.flatMap(({ failures }) => failures))).toEqual([])
  await rm(workspace, { recursive: true })
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
  expect(result.coverage?.steps).toEqual({ covered: 5, total: 5, missing: [] })
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

test('a pretended row has its columns; a step that others hold up is said with the one at fault, and why', async () => {
  expect(await run(`    answers: { prepare.agreed: customer }
    given: { shelves.shelf: { fails: No room } }
    expect:
      changes: { shelves.warehouse: { key: { code: acme } } }
      outcomes: { shelves.counted: changed }
`)).toMatchObject({ exit: 6, said: ['10:19 shelves.counted is blocked, not changed: needs shelves.shelf; shelves.shelf/salesforce is failed: No room'] })
  expect(await run(`    answers: { prepare.agreed: customer }
    expect: { outcomes: { shelves.counted: changed } }
`)).toMatchObject({ exit: 0, said: [] })
})

test('milestones stand as they would, by the moved clock', async () => {
  const file = join(dir, 'runbooks/inventory/runbook.yaml')
  const before = await readFile(file, 'utf8')
  await writeFile(file, `${before}milestones:\n  - { id: agreed, by: "add_days(handoff.dates.contract_start, 30)", holds: [prepare.agreed] }\n`)
  const { said } = await run(`    but: { dates: { contract_start: 2026-12-01 } }
    expect: { milestones: { agreed: open } }
    then:
      - { clock: 2027-01-01, expect: { milestones: { agreed: missed } } }
      - answers: { prepare.agreed: customer }
        expect: { milestones: { agreed: met, agred: met } }
`)
  await writeFile(file, before)
  expect(said).toEqual(['11:33 agreed is missed, not met: by 2026-12-31, 2027-01-01', '11:46 there is no milestone agred; did you mean agreed?'])
})

test('one handoff serves many tests: each says what is other than in it', async () => {
  expect(await run(`    but: { commercial: { users: 20000 }, technical: { integrations: [] } }
    expect:
      outcomes: { prepare.small_enough: failed }
`)).toMatchObject({ exit: 0, said: [] })
  const wrong = await run(`    but: { commercial: { usrs: 1 }, contacts: { primary: { email: nobody } } }
`)
  expect(wrong.exit).toBe(6)
  expect(wrong.said).toEqual([expect.stringMatching(/contacts\.primary\.email/), expect.stringMatching(/"usrs".*did you mean "users"/)])
})

test('a file that is not in its form is a test that failed, for every program that reads the results', async () => {
  await writeFile(join(dir, 'runbooks/inventory/inventory.test.yaml'), HEAD.replace('clock', 'clok'))
  const { stdout, exit } = await cli(['runbook', 'test', 'inventory', '--format', 'junit'], { cwd: dir })
  expect(exit).toBe(3)
  expect(stdout).toContain('did you mean')
  // What its tests would have reached nobody knows.
  const { result } = await cliJson<{ runbooks: RunbookTestResult[] }>('runbook-test', ['runbook', 'test', 'inventory'], { cwd: dir })
  expect(result.runbooks[0]?.coverage).toBeNull()
  expect((await cli(['runbook', 'test', 'inventory'], { cwd: dir })).stdout).not.toContain('not reached')
  expect(await readFile(join(dir, 'runbooks/inventory/inventory.test.yaml'), 'utf8')).toContain('clok')
})

test('a procedure is begun, goes on in later moments, and counts; so do rows of tables and days', async () => {
  const write = async (path: string, text: string) => {
    await mkdir(join(dir, 'runbooks/care', path, '..'), { recursive: true })
    await writeFile(join(dir, 'runbooks/care', path), text)
  }
  const head = (id: string) => `apiVersion: onboard/v1\nphase: ${id}\ntitle: ${id}\nowner: [engineering]\n`
  await write('runbook.yaml', 'apiVersion: onboard/v1\nrunbook: care\ntitle: Care\nversion: 1.0.0\ninputs: { handoff: ../../schemas/handoff.schema.json }\nroles: [engineering]\nphases: [care]\nprocedures: [back]\n')
  await write('phases/care.yaml', `${head('care')}starts: { at: handoff.dates.go_live }\nsteps:\n  - { id: look, title: Look, uses: confirm, on: [day 1, day 3], with: { text: All well? } }\n`)
  await write('phases/back.yaml', `${head('back')}conditions: { bad: It is bad, worse: It is worse }
steps:
  - id: way
    title: Way
    uses: decision
    with: { rows: [{ when: "\${{ procedure.condition == 'bad' }}", outcome: wait }, { when: "\${{ procedure.condition == 'worse' }}", outcome: go }] }
  - { id: told, title: Told, uses: confirm, with: { text: "Told? \${{ procedure.reason }}" } }
`)
  await cp(join(packageRoot, 'runbooks/enterprise/examples'), join(dir, 'runbooks/care/examples'), { recursive: true })
  const begins = (more: string) => `${HEAD}    begin: { procedure: ${more} }\n`
  const tested = async (text: string) => {
    await write('care.test.yaml', text)
    const { result } = await cliJson<{ runbooks: RunbookTestResult[] }>('runbook-test', ['runbook', 'test', 'care'], { cwd: dir })
    const [{ tests, coverage }] = result.runbooks as [RunbookTestResult]
    return { coverage, said: tests.flatMap(({ failures }) => failures.map(({ message }) => message)) }
  }
  const { said, coverage } = await tested(`${begins('back, condition: worse, reason: It fell over')}    expect:
      outcomes: { back.way/1: changed }
      waiting: { back.told/1: [engineering] }
    then:
      - clock: 2027-12-01
        answers: { back.told/1: engineering, care.look/day-3: engineering }
        expect: { waiting: { care.look/day-1: [engineering] } }
`)
  expect(said).toEqual([])
  expect(coverage?.steps).toEqual({ covered: 3, total: 3, missing: [] })
  expect(coverage?.branches.missing).toEqual(['care.look on day-1', 'back.way, row 1 (wait)'])
  expect((await tested(begins('bak, reason: X'))).said).toEqual([expect.stringContaining("did you mean back?")])
  expect((await tested(begins('back, condition: bd, reason: X'))).said).toEqual([expect.stringContaining("There is no condition 'bd'")])
})
