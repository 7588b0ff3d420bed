import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import type { IssueList } from '../../src/cli/views/issues.ts'
import type { IssueResult } from '../../src/onboarding/issues.ts'
import { packageRoot } from '../../src/package.ts'
import { cli, cliJson } from '../support/cli.ts'
import { environmentOf, testDatabase } from '../support/database.ts'

let dir = ''
let env: Record<string, string> = {}
let database: Database
const onboard = (...argv: string[]) => cli(argv, { cwd: dir, env })
const issue = async (...argv: string[]) => (await cliJson<IssueResult>('issue', ['issue', ...argv], { cwd: dir, env })).result
const list = async (...more: string[]) => (await cliJson<IssueList>('issue-list', ['issue', 'list', 'acme', ...more], { cwd: dir, env })).result
const later = async (hours: number) => {
  const app = await database.connect('app')
  await app.query(`SELECT onboard.move_clock(onboard.now() + $1 * interval '1 hour')`, [hours])
  await app.end()
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onboard-'))
  database = await testDatabase({ simulated: '2026-11-20T09:00:00Z' })
  env = environmentOf(database)
  await writeFile(join(dir, 'onboard.config.yaml'), `apiVersion: onboard/v1
vendor: { name: V }
roles:
  support: [{ name: Sun Park, email: sun@vendor.example }]
  engineering: [{ name: Eva Weber, email: eva@vendor.example }]
`)
  expect((await onboard('handoff', 'accept', '--file', join(packageRoot, 'runbooks/enterprise/examples/acme.handoff.yaml'))).exit).toBe(0)
})
afterEach(() => rm(dir, { recursive: true }))

test('an issue is opened, worked on, goes up, and is resolved; its open action items stay', async () => {
  const opened = await issue('add', 'acme', 'Login redirect fails', '--severity', 'P1', '--category', 'sso', '--owner', 'eva@vendor.example')
  expect(opened).toMatchObject({ outcome: 'opened', issue: { number: 1, status: 'open', owner: 'eva@vendor.example', escalation: { level: 'L1', people: [{ name: 'Sun Park' }] } } })
  const same = await issue('add', 'acme', 'Login redirect fails', '--severity', 'P1', '--category', 'sso', '--owner', 'eva@vendor.example')
  expect(same).toMatchObject({ outcome: 'unchanged', head: null, issue: { number: 1 } })

  await issue('update', 'acme', '1', '--action', 'Renew the certificate', '--action-owner', 'eva@vendor.example', '--due', '2026-11-25')
  expect(await issue('update', 'acme', '1', '--action', 'Renew the certificate')).toMatchObject({ outcome: 'unchanged' })
  await later(5)
  expect((await onboard('issue', 'show', 'acme', '1')).stdout).toMatch(/with\s+L2 Eva Weber until .* missed by L1 {2}then L3 engineering-lead/)
  expect((await onboard('status', 'acme')).stdout).toMatch(/issue 1 P1 Login redirect fails {2}L2 Eva Weber until/)
  expect((await cliJson('status', ['status', 'acme'], { cwd: dir, env })).result).toMatchObject({ issues: [{ number: 1, escalation: { level: 'L2' } }] })
  // Worse than it was: the clock starts anew, for those whom a P0 goes to.
  expect(await issue('update', 'acme', '1', '--severity', 'P0')).toMatchObject({ issue: { escalation: { level: 'P0', role: 'cto', overdue: false } } })

  expect(await issue('resolve', 'acme', '1', '--resolution', 'The certificate was renewed')).toMatchObject({ outcome: 'resolved', issue: { status: 'resolved', escalation: null } })
  expect(await issue('resolve', 'acme', '1', '--resolution', 'The certificate was renewed')).toMatchObject({ outcome: 'unchanged' })
  expect(await list()).toMatchObject({ issues: [], actions: [{ issue: 1, number: 1, text: 'Renew the certificate', due: '2026-11-25' }] })
  await later(24 * 7)
  expect((await onboard('issue', 'list', 'acme')).stdout).toContain('overdue since 2026-11-25')
  await issue('update', 'acme', '1', '--close-action', '1')
  expect(await list()).toMatchObject({ issues: [], actions: [] })
  expect((await list('--all')).issues).toHaveLength(1)
  expect(await issue('update', 'acme', '1', '--reopen')).toMatchObject({ outcome: 'reopened', issue: { resolution: null, escalation: { level: 'P0' } } })

  // The journal has it all: what in the chain, values beside it.
  const { result } = await cliJson<{ entries: { kind: string; facts: object; detail: Record<string, unknown> }[] }>('audit-log', ['audit', 'log', 'acme'], { cwd: dir, env })
  const entries = result.entries.filter(({ kind }) => kind === 'issue')
  expect(entries.map(({ facts }) => facts)).toEqual([
    { change: 'opened', issue: 1, severity: 'P1', status: 'open' }, { change: 'changed', issue: 1, severity: 'P1', status: 'open' },
    { change: 'changed', issue: 1, severity: 'P0', status: 'open' }, { change: 'resolved', issue: 1, severity: 'P0', status: 'resolved' },
    { change: 'changed', issue: 1, severity: 'P0', status: 'resolved' }, { change: 'reopened', issue: 1, severity: 'P0', status: 'open' },
  ])
  expect(entries[3]?.detail).toMatchObject({ before: { status: 'open', resolution: null }, after: { status: 'resolved', resolution: 'The certificate was renewed' } })
  expect((await onboard('audit', 'verify', 'acme')).exit).toBe(0)
})

test('issues opened at the same moment have numbers of their own', async () => {
  const opened = await Promise.all(['a', 'b', 'c', 'd'].map((title) => issue('add', 'acme', title, '--severity', 'P3')))
  expect(opened.map((one) => one.issue.number).toSorted()).toEqual([1, 2, 3, 4])
})

test('what cannot be is refused, and says what can', async () => {
  await issue('add', 'acme', 'Slow', '--severity', 'P2')
  const refused = async (...argv: string[]) => {
    const { exit, stderr } = await onboard('issue', ...argv)
    return `${exit} ${stderr}`
  }
  expect(await refused('show', 'acme', '7')).toMatch(/^2 [^]*acme has no issue 7: it has 1/)
  expect(await refused('update', 'acme', '1', '--close-action', '2')).toMatch(/^2 [^]*no action item 2: it has none/)
  expect(await refused('add', 'acme', 'Slow', '--severity', 'P1')).toMatch(/^7 [^]*issue update acme 1/)
  expect(await refused('add', 'acme', '  ', '--severity', 'P1')).toMatch(/^2 /)
  expect(await refused('add', 'acme', 'x', '--severity', 'P9')).toMatch(/^2 /)
  expect(await refused('add', 'acme', 'x', '--severity', 'P1', '--owner', 'nobody@else.example')).toMatch(/^2 [^]*nobody@else.example is nobody of this onboarding/)
  expect(await refused('add', 'acme', 'x', '--severity', 'P1', '--action', 'y', '--due', '2026-02-30')).toMatch(/^2 [^]*--due/)
  expect(await refused('resolve', 'acme', '1', '--resolution', ' ')).toMatch(/^2 [^]*by saying how/)
  expect((await list('--all')).issues).toMatchObject([{ number: 1, status: 'open', severity: 'P2', actions: [] }])
})

test('a step waits until no issue of its severity is open', async () => {
  const { writeRunbook } = await import('../support/runbook.ts')
  await writeRunbook(dir, 'gate', `  - { id: clear, title: Nothing is in the way, uses: issue.open, with: { severity: P1 } }\n`)
  expect((await onboard('handoff', 'accept', '--file', join(packageRoot, 'runbooks/enterprise/examples/acme.handoff.yaml'), '--runbook', 'gate', '--name', 'gate')).exit).toBe(0)
  await issue('add', 'acme/gate', 'Down', '--severity', 'P0')
  await issue('add', 'acme/gate', 'Ugly', '--severity', 'P3')
  const failed = await onboard('apply', 'acme/gate', '--yes')
  expect(failed.exit).toBe(6)
  expect(failed.stdout).toContain('open: 1 (P0) Down')
  await issue('resolve', 'acme/gate', '1', '--resolution', 'up')
  expect((await onboard('apply', 'acme/gate', '--yes')).exit).toBe(0)
})
