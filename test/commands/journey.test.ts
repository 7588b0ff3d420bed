import { lstat, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Plan } from '../../src/model.ts'
import type { RunResult } from '../../src/engine/ports.ts'
import type { Status } from '../../src/onboarding/status.ts'
import { environmentOf, testDatabase } from '../support/database.ts'
import { cli, cliJson, expectResult } from '../support/cli.ts'

let world: { cwd: string; env: Record<string, string> }
const at = (name: string) => join(world.cwd, name)
const outcomes = (run: RunResult) => Object.fromEntries(run.steps.map((step) => [`${step.key.phase}.${step.key.step}`, step.outcome]))

beforeAll(async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'onboard-journey-'))
  world = { cwd, env: { ...environmentOf(await testDatabase()), ONBOARD_ACTOR: 'Eva Weber <eva@vendor.example>' } }
  expect((await cli(['init'], world)).exit).toBe(0)
  await writeFile(at('proof.txt'), 'signed\n')
})

/** One onboarding from the handoff to its rollback; each test goes on where the one before it ended. */
describe('an onboarding by its commands', () => {
  test('accept, then status names the next command', async () => {
    await cliJson('handoff-accept', ['handoff', 'accept', '--file', 'acme.handoff.yaml', '--runbook', 'enterprise'], world)
    const { result } = await cliJson<Status>('status', ['status', 'acme'], world)
    expect(result.next).toBe('onboard apply acme')
    expect((await cliJson<{ onboardings: unknown[] }>('status', ['status'], world)).result.onboardings).toHaveLength(1)
  })

  test('apply does what is ready, exits with 5 and says which words are missing', async () => {
    const { exit, result } = await cliJson<RunResult>('run', ['apply', 'acme'], world)
    expect(exit).toBe(5)
    expect(outcomes(result)).toMatchObject({ 'handoff.sla_known': 'changed', 'contract.contract_signed': 'waiting', 'provision.tenant': 'blocked' })
    const { stdout } = await cli(['apply', 'acme'], world)
    expect(stdout).toContain('onboard sign acme contract.contract_signed --evidence FILE')
  })

  test('a word needs its role and its evidence', async () => {
    const signing = ['sign', 'acme', 'contract_signed', '--signer']
    expect((await cli([...signing, 'eva@vendor.example', '--evidence', 'proof.txt'], world)).exit).toBe(9)
    expect((await cli([...signing, 'lea@vendor.example'], world)).exit).toBe(3)
    expect((await cli([...signing, 'nobody@vendor.example'], world)).exit).toBe(9)
    const { result } = await cliJson<{ outcome: string }>('sign', [...signing, 'lea@vendor.example', '--evidence', 'proof.txt'], world)
    expect(result.outcome).toBe('signed')
    expect((await cliJson<{ outcome: string }>('sign', [...signing, 'lea@vendor.example', '--evidence', 'proof.txt'], world)).result.outcome).toBe('unchanged')
  })

  test('evidence is a regular file: no link, no pipe, no folder', async () => {
    await symlink('proof.txt', at('link.txt'))
    for (const file of ['link.txt', '.', 'nothing.txt', '/dev/null']) {
      const { exit, stderr } = await cli(['sign', 'acme', 'dpa_signed', '--signer', 'lea@vendor.example', '--evidence', file], world)
      expect([exit, stderr], file).toEqual([3, expect.stringContaining(file)])
    }
  })

  test('provision waits for the other phases, and is told so', async () => {
    const { exit, result } = await cliJson<RunResult>('run', ['provision', 'acme'], world)
    expect(exit).toBe(5)
    expect(new Set(Object.values(outcomes(result)))).toEqual(new Set(['blocked']))
    for (const [step, signer] of [['dpa_signed', 'lea'], ['questionnaire', 'noor'], ['certifications', 'noor']] as const) {
      expect((await cli(['sign', 'acme', step, '--signer', `${signer}@vendor.example`, '--evidence', 'proof.txt'], world)).exit).toBe(0)
    }
  })

  test('a plan has changes, is saved for its owner alone, and exits with 4 where asked to', async () => {
    const { exit, result } = await cliJson<Plan>('plan', ['plan', 'acme', '--phase', 'provision', '--out', 'p.json', '--detailed-exitcode'], world)
    expect(exit).toBe(4)
    expect(result.steps.map((step) => step.action)).toEqual(['create', 'create', 'create', 'create', 'create', 'create', 'ask', 'probe', 'probe', 'later'])
    expect((await lstat(at('p.json'))).mode & 0o777).toBe(0o600)
    expectResult('plan', JSON.parse(await readFile(at('p.json'), 'utf8')))
    expect((await cli(['plan', 'acme', '--phase', 'provision', '--format', 'junit'], world)).stdout).toContain('<testsuites name="onboard acme" tests="10" failures="0"')
  })

  test('a run that will issue a secret is refused where nobody would see it, before any effect', async () => {
    const { exit, stderr } = await cli(['apply', 'acme', '--plan', 'p.json'], world)
    expect(exit).toBe(2)
    expect(stderr).toContain('--secrets-out')
    await symlink('elsewhere', at('dangling.jsonl'))
    for (const file of ['proof.txt', 'link.txt', 'dangling.jsonl', 'no/such/folder.jsonl']) {
      const refused = await cli(['provision', 'acme', '--secrets-out', file], world)
      expect([refused.exit, refused.stderr], file).toEqual([2, expect.stringContaining(file)])
    }
    expect(await readFile(at('proof.txt'), 'utf8')).toBe('signed\n')
    expect((await cliJson<Plan>('plan', ['plan', 'acme', '--phase', 'provision'], world)).result.pending).toBe(7)
  })

  test('the saved plan is applied, the secret lies in its file and nowhere else', async () => {
    const { stdout, stderr, exit } = await cli(['apply', 'acme', '--plan', 'p.json', '--secrets-out', 's.jsonl', '--json'], world)
    const result = JSON.parse(stdout) as RunResult
    expectResult('run', result)
    expect(exit).toBe(5)
    expect(outcomes(result)).toMatchObject({ 'provision.tenant': 'changed', 'provision.administrator': 'changed', 'provision.first_login': 'waiting' })
    expect((await lstat(at('s.jsonl'))).mode & 0o777).toBe(0o600)
    const [line = '', ...more] = (await readFile(at('s.jsonl'), 'utf8')).trim().split('\n')
    expect(more).toEqual([])
    const handed = JSON.parse(line) as Record<string, string>
    expect(handed).toMatchObject({ customer: 'acme', step: 'provision.administrator', name: 'set_password_link' })
    const token = new URL(handed['value'] ?? '').searchParams.get('token') ?? ''
    expect(token.length).toBeGreaterThan(20)
    expect(stdout + stderr + (await cli(['audit', 'log', 'acme', '--json'], world)).stdout).not.toContain(token)
  })

  test('a stale plan is refused, and so is a file that is none', async () => {
    expect((await cli(['apply', 'acme', '--plan', 'p.json'], world)).exit).toBe(7)
    const { exit, stderr } = await cli(['apply', 'acme', '--plan', 'proof.txt'], world)
    expect([exit, stderr]).toEqual([3, expect.stringContaining('proof.txt')])
  })

  test('again: unchanged, nothing drifted, and the whole of it verifies', async () => {
    await cli(['sign', 'acme', 'first_login', '--on-behalf-of', 'technical'], world)
    const { exit, result } = await cliJson<RunResult>('run', ['apply', 'acme'], world)
    // What comes after it needs single sign-on, which this product does not have.
    expect(exit).toBe(5)
    const provisioned = Object.entries(outcomes(result)).filter(([step]) => /^(handoff|contract|provision)\./.test(step))
    expect(new Set(provisioned.map(([, outcome]) => outcome))).toEqual(new Set(['unchanged', 'skipped']))
    expect((await cliJson<{ drifted: number }>('drift', ['drift', 'acme'], world)).result.drifted).toBe(0)
    expect((await cliJson<{ faults: number }>('audit-verify', ['audit', 'verify'], world)).result.faults).toBe(0)
  })

  test('the journal names signer and recorder, as a table and as CSV', async () => {
    const { result } = await cliJson<{ entries: { kind: string; who: string }[] }>('audit-log', ['audit', 'log', 'acme'], world)
    expect(result.entries.find((entry) => entry.kind === 'signed')?.who).toBe('Lea Novak <lea@vendor.example>, recorded by Eva Weber <eva@vendor.example>')
    const { stdout } = await cli(['audit', 'log', 'acme', '--step', 'provision.tenant', '--format', 'csv'], world)
    expect(stdout.split('\r\n')[1]).toMatch(/^\d+,"[^"]+","done","provision\.tenant"/)
  })

  test('a lost secret is replaced', async () => {
    const { exit, result } = await cliJson<{ secrets: string[] }>('secret-reissue', ['secret', 'reissue', 'acme', 'administrator', '--secrets-out', 'again.jsonl'], world)
    expect([exit, result.secrets]).toEqual([0, ['set_password_link']])
    expect(await readFile(at('again.jsonl'), 'utf8')).not.toBe(await readFile(at('s.jsonl'), 'utf8'))
  })

  test('unlock and waive say what they could not do', async () => {
    expect((await cliJson<{ ended: unknown }>('unlock', ['unlock', 'acme', '--reason', 'none'], world)).result.ended).toBeNull()
    const { exit, stderr } = await cli(['waive', 'acme', 'tenant', '--reason', 'x', '--until', '2099-01-31', '--signer', 'eli@vendor.example'], world)
    expect([exit, stderr]).toEqual([9, expect.stringContaining('provision.tenant may be waived by nobody')])
    expect((await cli(['waive', 'acme', 'questionnaire', '--reason', 'x', '--until', '2099-02-30', '--signer', 'noor@vendor.example'], world)).exit).toBe(2)
    await cliJson('waive', ['waive', 'acme', 'questionnaire', '--reason', 'x', '--until', '2099-01-31', '--signer', 'noor@vendor.example'], world)
  })

  test('rollback is shown first, wants the name again, and then undoes', async () => {
    const { result } = await cliJson<{ steps: unknown[] }>('rollback', ['rollback', 'acme', '--to', 'provision', '--dry-run'], world)
    expect(result.steps).toHaveLength(7)
    expect((await cli(['rollback', 'acme', '--to', 'provision'], world)).exit).toBe(2)
    expect((await cli(['rollback', 'acme', '--to', 'provision', '--confirm', 'acne'], world)).exit).toBe(2)
    expect((await cli(['rollback', 'acme', '--to', 'provison', '--confirm', 'acme'], world)).exit).toBe(2)
    const done = await cliJson<RunResult>('rollback', ['rollback', 'acme', '--to', 'provision', '--confirm', 'acme'], world)
    expect(done.exit).toBe(0)
    expect(new Set(Object.values(outcomes(done.result)))).toEqual(new Set(['undone']))
    expect((await cli(['audit', 'verify', 'acme'], world)).exit).toBe(0)
  })

  test('doctor finds all in order', async () => {
    const { exit, result } = await cliJson<{ checks: { name: string; state: string }[] }>('doctor', ['doctor'], world)
    expect(exit).toBe(0)
    expect(result.checks.filter(({ state }) => state !== 'ok')).toEqual([])
  })
})
