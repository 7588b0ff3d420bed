/** The status of many onboardings: what is kept of an earlier look is never told where something has changed since. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OpenItem } from '../../src/onboarding/tasks.ts'
import type { Summary } from '../../src/onboarding/summary.ts'
import { packageRoot } from '../../src/package.ts'
import { crowd } from '../bench/crowd.ts'
import { cli, cliJson } from '../support/cli.ts'
import { environmentOf, superuser, testDatabase } from '../support/database.ts'
import { atTerminal, hasTerminal } from '../support/terminal.ts'

let world: { cwd: string; env: Record<string, string> }
let client: pg.Client
const CONFIG = 'apiVersion: onboard/v1\nvendor: { name: V }\nroles: { legal: [{ name: Lea Novak, email: lea@vendor.example }] }\n'
/** What is kept, by name: the transaction that wrote each, and since when each holds. */
const kept = async () => {
  const { rows } = await client.query<{ slug: string; written: string; since: string[] }>(
    `SELECT c.slug, max(l.xmin::text) AS written, array_agg(l.since::text ORDER BY l.since) AS since
       FROM onboard.look l JOIN onboard.onboarding o ON o.id = l.onboarding JOIN onboard.customer c ON c.id = o.customer GROUP BY c.slug`)
  return new Map(rows.map((row) => [row.slug, row]))
}
const changed = (before: Awaited<ReturnType<typeof kept>>, after: typeof before) => (
  [...after].filter(([key, { written }]) => written !== before.get(key)?.written).map(([key]) => key)
)
const all = async () => {
  const { result } = await cliJson<{ onboardings: Summary[] }>('status', ['status'], world)
  return new Map(result.onboardings.map((one) => [one.onboarding, one]))
}

beforeAll(async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'onboard-fleet-'))
  const database = await testDatabase({ simulated: '2026-12-07T09:00:00Z' })
  world = { cwd, env: { ...environmentOf(database), ONBOARD_ACTOR: 'Rita Recorder' } }
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
  client = await superuser(database.label.replace(/^embedded:|^.*\//, ''))
  await crowd(client, { prefix: 'c', count: 119 })
})
afterAll(async () => {
  await client.end()
  await rm(world.cwd, { recursive: true })
})

test('a command that writes keeps what stands and what will; a look at all of them keeps the rest', async () => {
  expect([...(await kept())].map(([key, { since }]) => [key, since])).toEqual([['acme', ['2026-12-07 09:00:00+00']]])
  const first = await all()
  expect(first.size).toBe(120)
  expect(first.get('c00007')).toMatchObject({ phase: 'one', state: 'waiting', waits: 'legal', health: 'green', go_live: '2027-02-15', forecast: '2027-02-15' })
  const after = await kept()
  expect(after.size).toBe(120)
  expect(await all()).toEqual(first)
  expect(await kept()).toEqual(after)
})

test('what a person signs is told at once, and of nobody else', async () => {
  const [before, looks] = [await all(), await kept()]
  expect(await cli(['sign', 'c00007', 'signed', '--signer', 'lea@vendor.example'], world)).toMatchObject({ exit: 0 })
  expect(changed(looks, await kept())).toEqual(['c00007'])
  const signed = await kept()
  const after = await all()
  expect(after.get('c00007')).toMatchObject({ done: 1, waits: '2027-02-15' })
  expect([...after].filter(([key, one]) => JSON.stringify(one) !== JSON.stringify(before.get(key))).map(([key]) => key)).toEqual(['c00007'])
  // Nothing was left to look at.
  expect(await kept()).toEqual(signed)
})

test('tasks look at nobody who waits for a day alone, and at those whose issue is open', async () => {
  const tasks = async () => (await cliJson<{ tasks: readonly OpenItem[] }>('tasks', ['tasks'], world)).result.tasks
  const before = await tasks()
  expect(before.map(({ onboarding }) => onboarding)).not.toContain('c00007') // signed above; the rest has its day
  await all()
  expect(await tasks()).toEqual(before)
  // What is kept says that c00008 has come as far: it is believed, since its journal is the same.
  const of = (slug: string) => `(SELECT o.id FROM onboard.onboarding o JOIN onboard.customer c ON c.id = o.customer WHERE c.slug = '${slug}')`
  await client.query('CREATE TEMP TABLE whole AS SELECT * FROM onboard.look')
  await client.query(`UPDATE onboard.look SET lasting = (SELECT replace(l.lasting, 'c00007', 'c00008') FROM onboard.look l WHERE l.onboarding = ${of('c00007')} ORDER BY since LIMIT 1) WHERE onboarding = ${of('c00008')}`)
  expect((await tasks()).map(({ onboarding }) => onboarding)).toEqual(before.map(({ onboarding }) => onboarding).filter((key) => key !== 'c00008'))
  expect((await cli(['issue', 'add', 'c00007', 'Slow', '--severity', 'P2'], world)).exit).toBe(0)
  expect((await tasks()).filter(({ onboarding }) => onboarding === 'c00007')).toMatchObject([{ kind: 'issue' }])
  await client.query('DELETE FROM onboard.look; INSERT INTO onboard.look SELECT * FROM whole; DROP TABLE whole')
  await all()
})

test('on another day what was foreseen is told, only the others of which a day has come are read again, and all of it is of that day', async () => {
  // The day that it waits for is foreseen by whoever writes to it.
  await cli(['assign', 'c00007', 'late', '--to', 'lea@vendor.example'], world)
  const before = await kept()
  expect(before.get('c00007')?.since).toEqual(['2026-12-07 09:00:00+00', '2027-02-15 00:00:00+00'])
  await cli(['db', 'clock', '--to', '2027-02-17T09:00:00Z'], world)
  const after = await all()
  expect(changed(before, await kept())).toEqual([])
  expect(after.get('c00003')).toMatchObject({ health: 'red', why: ['go-live was agreed for 2027-02-15', 'a phase is 2 business days overdue', '1 step overdue'] })
  for (const key of ['c00003', 'c00007']) {
    const { result } = await cliJson<Summary>('status', ['status', key], world)
    expect(after.get(key)).toMatchObject({ health: result.health, why: result.why, next: result.next })
  }
  // The same where nothing was foreseen.
  await client.query(`DELETE FROM onboard.look WHERE since > '2026-12-08'`)
  expect(await all()).toEqual(after)
  expect(changed(before, await kept())).toEqual(['c00007'])
})

test('drift of many is looked for side by side, and told by name', async () => {
  const { exit, result } = await cliJson<{ onboardings: { onboarding: string; checked: number; drifted: object[] }[]; drifted: number }>('drift', ['drift'], world)
  const names = Array.from({ length: 119 }, (_, n) => `c${String(n + 1).padStart(5, '0')}`)
  expect([exit, result.drifted]).toEqual([0, 0])
  expect(result.onboardings).toEqual(['acme', ...names].map((onboarding) => ({ onboarding, checked: 0, drifted: [] })))
  expect((await cli(['drift'], world)).stderr).not.toContain('Warning')
})

test.skipIf(!hasTerminal)('who waits at a terminal sees how many were looked at, and in the end nothing of that', async () => {
  const { exit, text } = await atTerminal(['drift'], [], world)
  expect(exit).toBe(0)
  expect(text).toMatch(/Onboardings looked at: \d+ of 120/)
  expect(text.slice(text.lastIndexOf('Onboardings looked at'))).toMatch(/^Onboardings looked at: \d+ of 120\r/)
  expect((await cli(['drift'], world)).stderr).not.toContain('looked at')
})

test('what is kept of another config, or cannot be kept, is done without', async () => {
  const told = await all()
  await writeFile(join(world.cwd, 'onboard.config.yaml'), `${CONFIG}holidays: [2026-12-08]\n`)
  expect(await all()).toEqual(told)
  const grounds = async () => (await client.query<{ n: number }>('SELECT count(*)::int AS n FROM onboard.look_ground')).rows[0]?.n
  expect(await grounds()).toBe(2)
  for (const day of [9, 10, 11, 14]) {
    await writeFile(join(world.cwd, 'onboard.config.yaml'), `${CONFIG}holidays: [2026-12-${String(day).padStart(2, '0')}]\n`)
    await all()
  }
  expect(await grounds()).toBe(4)
  await client.query(`DELETE FROM onboard.look; CREATE FUNCTION pg_temp.full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'full' USING ERRCODE = '53100'; END $$; CREATE TRIGGER full_disk BEFORE INSERT ON onboard.look FOR EACH ROW EXECUTE FUNCTION pg_temp.full()`)
  expect(await all()).toEqual(told)
  expect(await cli(['assign', 'c00009', 'signed', '--to', 'lea@vendor.example'], world)).toMatchObject({ exit: 0, stderr: expect.not.stringContaining('full') as string })
  expect(await kept()).toEqual(new Map())
  // Whoever looks for what is wrong is told.
  const debugging = { ...world, env: { ...world.env, ONBOARD_DEBUG: '1' } }
  expect((await cli(['status'], debugging)).stderr).toMatch(/^Looks were not kept: .*full/m)
  expect((await cli(['assign', 'c00009', 'late', '--to', 'lea@vendor.example'], debugging)).stderr)
    .toMatch(/^No look was kept: .*full/m)
  await client.query('DROP TRIGGER full_disk ON onboard.look')
})

test('of an onboarding that was erased nothing is kept that was seen before', async () => {
  const seen = async () => (await client.query<{ ground: string; state: string }>(
    `SELECT l.ground, l.lasting::json ->> 'state' AS state FROM onboard.look l JOIN onboard.onboarding o ON o.id = l.onboarding
       JOIN onboard.customer c ON c.id = o.customer WHERE c.slug = 'c00011'`)).rows.map(({ state }) => state)
  await all()
  await writeFile(join(world.cwd, 'onboard.config.yaml'), CONFIG)
  await all()
  expect(await seen()).toEqual(['waiting', 'waiting'])
  const cancelled = await cli(['cancel', 'c00011', '--reason', 'moved', '--purge', '--export', 'kept', '--confirm', 'c00011', '--erase', '--yes'], world)
  expect(cancelled).toMatchObject({ exit: 0 })
  expect(await seen()).toEqual(['cancelled'])
})
