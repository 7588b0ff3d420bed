import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli, cliJson } from '../support/cli.ts'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onboard-'))
  expect((await cli(['init', '.'], { cwd: dir })).exit).toBe(0)
})
afterAll(() => rm(dir, { recursive: true }))

test('a new runbook lints without a finding, and its test passes and reaches every step and branch', async () => {
  const made = await cliJson<{ files: { path: string }[] }>('runbook-new', ['runbook', 'new', 'warehouse'], { cwd: dir })
  expect(made.exit).toBe(0)
  const lint = await cliJson<{ errors: number; warnings: number }>('runbook-lint', ['runbook', 'lint', 'warehouse'], { cwd: dir })
  expect(lint.result).toMatchObject({ errors: 0, warnings: 0 })
  const tested = await cliJson<{ passed: number; runbooks: [{ coverage: { steps: { missing: string[] }; branches: { missing: string[] } } }] }>('runbook-test', ['runbook', 'test', 'warehouse'], { cwd: dir })
  expect(tested.exit).toBe(0)
  expect(tested.result.passed).toBeGreaterThan(0)
  const { steps, branches } = tested.result.runbooks[0].coverage
  expect([...steps.missing, ...branches.missing]).toEqual([])
})

test('one that is there is not written over, and a name that is none makes nothing', async () => {
  const before = await readFile(join(dir, 'runbooks/warehouse/runbook.yaml'), 'utf8')
  expect((await cli(['runbook', 'new', 'warehouse'], { cwd: dir })).exit).toBe(7)
  expect(await readFile(join(dir, 'runbooks/warehouse/runbook.yaml'), 'utf8')).toBe(before)
  expect((await cli(['runbook', 'new', '../up'], { cwd: dir })).exit).toBe(2)
})
