import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readDocument } from '../../src/input/document.ts'

const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url))
const RUNBOOK = `apiVersion: onboard/v1
runbook: ours
title: Ours
version: 0.1.0
inputs: { handoff: ../../schemas/handoff.schema.json }
roles: [engineering]
phases: [one]
`
const PHASE = `apiVersion: onboard/v1
phase: one
title: One
owner: [engineering]
steps:
  - { id: a, title: A, uses: confirm, with: { txt: "Well?" } }
  - { id: b, title: B, uses: confirm, with: { text: "\${{ handof.company.name }}" } }
`
let cwd = ''
const write = async (path: string, text: string) => {
  await mkdir(dirname(join(cwd, path)), { recursive: true })
  await writeFile(join(cwd, path), text)
}
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'onboard-'))
  await write('onboard.config.yaml', 'apiVersion: onboard/v1\nvendor: { name: V }\nroles: { engineering: [{ name: Ada, email: ada@vendor.example }] }\n')
  await write('runbooks/ours/runbook.yaml', RUNBOOK)
  await write('runbooks/ours/phases/one.yaml', PHASE)
})
afterAll(() => rm(cwd, { recursive: true }))

function onboard(...args: string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [bin, ...args], { cwd, env: { PATH: process.env['PATH'] } }, (_error, stdout, stderr) =>
      resolve({ exit: child.exitCode ?? -1, stdout, stderr }))
  })
}

async function fits(stdout: string, name: string): Promise<void> {
  const schema = JSON.parse(await readFile(new URL(`../../schemas/results/${name}.schema.json`, import.meta.url), 'utf8'))
  expect(readDocument(new TextEncoder().encode(stdout), { file: 'result.json', schema }).diagnostics).toEqual([])
}

test('lint says every fault of a workspace’s runbook, at its place, and exits with 3', async () => {
  const { exit, stdout, stderr } = await onboard('runbook', 'lint', 'ours', '--format', 'text')
  expect(stderr).toBe('')
  expect(stdout.split('\n')).toEqual([
    "runbooks/ours/phases/one.yaml:6:39: confirm: 'text' is missing in with [input-missing]",
    "runbooks/ours/phases/one.yaml:6:47: confirm takes no 'txt'; did you mean 'text'? [input-unknown]",
    "runbooks/ours/phases/one.yaml:7:58: there is no 'handof'; did you mean 'handoff'? [unknown-name]",
    '',
  ])
  expect(exit).toBe(3)
})

test('lint shows the line of each fault to people, and a file of its own kind to each program', async () => {
  expect((await onboard('runbook', 'lint', 'ours')).stdout).toContain('handof.company.name')
  expect((await onboard('runbook', 'lint', 'ours', '--format', 'github')).stdout).toContain('::error file=runbooks/ours/phases/one.yaml,line=7,col=58')
  expect((await onboard('runbook', 'lint', 'ours', '--format', 'junit')).stdout).toContain('failures="3"')
  const json = await onboard('runbook', 'lint', '--json')
  expect(json.exit).toBe(3)
  await fits(json.stdout, 'runbook-lint')
})

test('list has the workspace’s runbooks beside the shipped ones', async () => {
  const { exit, stdout } = await onboard('runbook', 'list', '--json')
  expect(exit).toBe(0)
  await fits(stdout, 'runbook-list')
  const { runbooks } = JSON.parse(stdout) as { runbooks: { name: string; from: string }[] }
  expect(runbooks.map(({ name, from }) => `${name} ${from}`)).toEqual(['enterprise shipped', 'ours workspace'])
})

test('show gives the compiled runbook, and refuses one with faults', async () => {
  const good = await onboard('runbook', 'show', 'enterprise', '--json')
  await fits(good.stdout, 'runbook')
  const bad = await onboard('runbook', 'show', 'ours')
  expect(bad.exit).toBe(3)
  expect(bad.stderr).toContain('onboard runbook lint ours')
})

test('a name that is meant to be another is a matter of usage', async () => {
  const { exit, stderr } = await onboard('runbook', 'lint', 'enterprize')
  expect(exit).toBe(2)
  expect(stderr).toContain('did you mean enterprise?')
})
