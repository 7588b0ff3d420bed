/** The status of many onboardings: what is kept of an earlier look is never told where something has changed since. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OpenItem } from '../../src/onboarding/tasks.ts'
import type { Summary } from '../../src/onboarding/summary.ts'
import { packageRoot } from '../../src/package.ts'
import { crowd } from '../bench/crowd.ts'
import { cli, cliJson } from '../support/cli.ts'
import { environmentOf, superuser, testDatabase } from '../support/database.ts'

let world: { cwd: string; env: Record<string, string> }
type Row = readonly [string, string, string, string | null, string | null, string, { readonly onboarding: string }]
const CONFIG = 'apiVersion: onboard/v1\nvendor: { name: V }\nroles: { legal: [{ name: Lea Novak, email: lea@vendor.example }] }\n'
const files = () => readdir(join(world.env['XDG_CACHE_HOME'] ?? '', 'onboard/status')).catch(() => [])
const all = async () => {
  const { result } = await cliJson<{ onboardings: Summary[] }>('status', ['status'], world)
  return new Map(result.onboardings.map((one) => [one.onboarding, one]))
}

beforeAll(async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'onboard-fleet-'))
  const database = await testDatabase({ simulated: '2026-12-07T09:00:00Z' })
  world = { cwd, env: { ...environmentOf(database), ONBOARD_ACTOR: 'Rita Recorder', XDG_CACHE_HOME: join(cwd, 'cache') } }
  await writeFile(join(cwd, 'onboard.config.yaml'), CONFIG)
  await writeFile(join(cwd, 'acme.yaml'), await readFile(join(packageRoot, 'runbooks/enterprise/examples/acme.handoff.yaml')))
  await mkdir(join(cwd, 'runbooks/ours/phases'), { recursive: true })
  await writeFile(join(cwd, 'runbooks/ours/phases/one.yaml'), `apiVersion: onboard/v1
phase: one
title: One
owner: [legal]
duration: { min: 1w, max: 2w }
steps: [{ id: signed, title: Signed, uses: confirm, with: { text: Signed? } }, { id: late, title: Late, uses: confirm, starts: { at: handoff.dates.go_live }, with: { text: Late? } }]
`)
  await writeFile(join(cwd, 'runbooks/ours/runbook.yaml'), `apiVersion: onboard/v1
runbook: ours
title: Ours
version: 1.0.0
inputs: { handoff: ../../schemas/handoff.schema.json }
roles: [legal]
phases: [one]
`)
  expect(await cli(['handoff', 'accept', '--file', 'acme.yaml', '--runbook', 'ours'], world)).toMatchObject({ exit: 0 })
  const client = await superuser(database.label.replace(/^embedded:|^.*\//, ''))
  await crowd(client, { prefix: 'c', count: 119 })
  await client.end()
})
afterAll(() => rm(world.cwd, { recursive: true }))

test('a look keeps what it saw, and what is told again is the same', async () => {
  expect(await files()).toEqual([])
  const first = await all()
  expect(first.size).toBe(120)
  expect(first.get('c00007')).toMatchObject({ phase: 'one', state: 'waiting', waits: 'legal', health: 'green', go_live: '2027-02-15', forecast: '2027-02-15' })
  expect(await files()).toHaveLength(1)
  expect(await all()).toEqual(first)
})

test('what a person signs is told at once, and of nobody else', async () => {
  const before = await all()
  expect(await cli(['sign', 'c00007', 'signed', '--signer', 'lea@vendor.example'], world)).toMatchObject({ exit: 0 })
  const after = await all()
  expect(after.get('c00007')).toMatchObject({ done: 1, waits: '2027-02-15' })
  expect([...after].filter(([key, one]) => JSON.stringify(one) !== JSON.stringify(before.get(key))).map(([key]) => key)).toEqual(['c00007'])
})

test('tasks look at nobody who waits for a day alone, and at those whose issue is open', async () => {
  const tasks = async () => (await cliJson<{ tasks: readonly OpenItem[] }>('tasks', ['tasks'], world)).result.tasks
  const before = await tasks()
  expect(before.map(({ onboarding }) => onboarding)).not.toContain('c00007') // signed above; the rest has its day
  await all()
  expect(await tasks()).toEqual(before)
  // What is kept says that c00008 has come as far: it is believed, since its journal is the same.
  const [file = ''] = await files()
  const path = join(world.env['XDG_CACHE_HOME'] ?? '', 'onboard/status', file)
  const whole = await readFile(path, 'utf8')
  const rows = whole.split('\n')
  const lasting = (key: string) => (JSON.parse(rows.find((row) => row.includes(`"onboarding":"${key}"`)) ?? '[]') as Row).at(-1) as object
  await writeFile(path, rows.map((row) => {
    if (!row.includes('"onboarding":"c00008"')) return row
    const [id, stamp, seen, until, day, runbook] = JSON.parse(row) as Row
    return JSON.stringify([id, stamp, seen, until, day, runbook, { ...lasting('c00007'), onboarding: 'c00008' }])
  }).join('\n'))
  expect((await tasks()).map(({ onboarding }) => onboarding)).toEqual(before.map(({ onboarding }) => onboarding).filter((key) => key !== 'c00008'))
  expect((await cli(['issue', 'add', 'c00007', 'Slow', '--severity', 'P2'], world)).exit).toBe(0)
  expect((await tasks()).filter(({ onboarding }) => onboarding === 'c00007')).toMatchObject([{ kind: 'issue' }])
  await writeFile(path, whole)
  await all()
})

test('on another day only those are read again of which a day has come, and what is told is of that day', async () => {
  const [file = ''] = await files()
  const kept = async () => {
    const text = await readFile(join(world.env['XDG_CACHE_HOME'] ?? '', 'onboard/status', file), 'utf8')
    return new Map(text.split('\n').slice(1).map((line) => JSON.parse(line) as Row).map((row) => [row[6].onboarding, row]))
  }
  const before = await kept()
  await cli(['db', 'clock', '--to', '2027-02-17T09:00:00Z'], world)
  const after = await all()
  expect([...(await kept())].filter(([key, row]) => row[2] !== before.get(key)?.[2]).map(([key]) => key)).toEqual(['c00007'])
  expect(after.get('c00003')).toMatchObject({ health: 'red', why: ['go-live was agreed for 2027-02-15', 'a phase is 2 business days overdue', '1 step overdue'] })
  for (const key of ['c00003', 'c00007']) {
    const { result } = await cliJson<Summary>('status', ['status', key], world)
    expect(after.get(key)).toMatchObject({ health: result.health, why: result.why, next: result.next })
  }
})

test('drift of many is looked for side by side, and told by name', async () => {
  const { exit, result } = await cliJson<{ onboardings: { onboarding: string; checked: number; drifted: object[] }[]; drifted: number }>('drift', ['drift'], world)
  const names = Array.from({ length: 119 }, (_, n) => `c${String(n + 1).padStart(5, '0')}`)
  expect([exit, result.drifted]).toEqual([0, 0])
  expect(result.onboardings).toEqual(['acme', ...names].map((onboarding) => ({ onboarding, checked: 0, drifted: [] })))
  expect((await cli(['drift'], world)).stderr).not.toContain('Warning')
})

test('a file that is broken or of another config is not believed', async () => {
  const [file = ''] = await files()
  const path = join(world.env['XDG_CACHE_HOME'] ?? '', 'onboard/status', file)
  const whole = await readFile(path, 'utf8')
  for (const broken of ['', '{ "half', whole.slice(0, whole.indexOf('c00007') + 9), whole.replaceAll('"', "'")]) {
    await writeFile(path, broken)
    expect((await all()).get('c00007')).toMatchObject({ done: 1 })
  }
  await writeFile(join(world.cwd, 'onboard.config.yaml'), `${CONFIG}holidays: [2026-12-08]\n`)
  expect((await all()).size).toBe(120)
  expect(await files()).toHaveLength(2)
})
