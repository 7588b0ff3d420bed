import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { cli, cliJson, type Ran } from '../support/cli.ts'

let world: { cwd: string; env: Record<string, string> }
let first: Ran

/** The lines that it says can be typed, without `npx onboard`. */
const typed = (text: string, mark: RegExp) => [...text.matchAll(mark)].map(([, line = '']) => words(line))
/** A line of a POSIX shell with single quotes → its words. */
const words = (line: string) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')

beforeAll(async () => {
  // What is set on a machine must not lead the demo elsewhere.
  const env = { ONBOARD_HOME: process.env['ONBOARD_HOME'] ?? '', ONBOARD_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/elsewhere' }
  world = { cwd: await mkdtemp(join(tmpdir(), 'onboard-demo-')), env }
  first = await cli(['demo'], world)
})

test('takes two customers from the handoff: one to its first check-in, one back from its go-live', () => {
  expect(first, first.stdout.slice(-2_000) + first.stderr.slice(-2_000)).toMatchObject({ exit: 0 })
  for (const said of [
    '● Tenant provisioning', '✓ production_access     Switch production access on', 'Acme Industrial GmbH is live on Example Vendor since',
    'red: rollback is under way', 'go_live.production_access', 'check-in of day 3', 'documents/acme/go-live-mail.txt version 1 written',
  ]) expect(first.stdout).toContain(said)
  expect(first.stderr).not.toContain('error')
})

test('again: every step is unchanged, and every word was given already, whoever runs it', async () => {
  const again = await cli(['demo'], world)
  expect(again.exit).toBe(0)
  expect(again.stdout).not.toMatch(/^ +✓ .* (changed|holds)$/m)
  expect(again.stdout).not.toMatch(/^✓ \S+ signed by/m)
  expect(again.stdout).not.toMatch(/\d+ changed/)
  expect(again.stdout.match(/was signed already by/g)?.length).toBeGreaterThan(25)
  await cliJson('demo', ['demo'], world)
})

test('what it says to try next works as typed, from where it was typed', async () => {
  const next = typed(first.stdout.slice(first.stdout.indexOf('Try next')), /(?:→|^ ) npx onboard (.*)$/gm)
  expect(next).toHaveLength(3)
  for (const argv of next) expect(await cli(argv, world), argv.join(' ')).toMatchObject({ exit: 0 })
})

test('each command that it prints works as typed, but those that a clock and a rollback have passed', async () => {
  const again = await cli(['demo'], world)
  const commands = typed(again.stdout, /^\$ npx onboard (.*)$/gm)
  expect(commands.length).toBeGreaterThanOrEqual(60)
  const env = { ONBOARD_HOME: world.env['ONBOARD_HOME'] ?? '' }
  for (const argv of commands) expect([0, 5], argv.join(' ')).toContain((await cli(argv, { ...world, env })).exit)
})

test('the one secret lies in its file and is shown nowhere', async () => {
  const [line = ''] = (await readFile(join(world.cwd, 'onboard-demo', 'acme.secrets.jsonl'), 'utf8')).split('\n')
  const token = new URL((JSON.parse(line) as { value: string }).value).searchParams.get('token') ?? ''
  expect(token.length).toBeGreaterThan(20)
  const log = await cli(['audit', 'log', 'acme', '--json', '--workspace', 'onboard-demo', '--database-url', 'embedded:demo'], world)
  expect(log.exit).toBe(0)
  expect(first.stdout + first.stderr + log.stdout).not.toContain(token)
})
