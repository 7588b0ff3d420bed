import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/database/open.ts'
import { cli, cliJson, type Ran } from '../support/cli.ts'

let world: { cwd: string; env: Record<string, string> }
let first: Ran
let again: Ran

/** The lines that it says can be typed, without `npx onboard`. */
const typed = (text: string, mark: RegExp) => [...text.matchAll(mark)].map(([, line = '']) => words(line))
/** A line of a POSIX shell with single quotes → its words. */
const words = (line: string) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')

beforeAll(async () => {
  // What is set on a machine must not lead the demo elsewhere.
  const env = { ONBOARD_HOME: process.env['ONBOARD_HOME'] ?? '', ONBOARD_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/elsewhere' }
  world = { cwd: await mkdtemp(join(tmpdir(), 'onboard-demo-')), env }
  // As a folder is left whose database is gone.
  await mkdir(join(world.cwd, 'onboard-demo'))
  await writeFile(join(world.cwd, 'onboard-demo', 'acme.secrets.jsonl'), '{"name":"set_password_link","value":"of another database"}\n')
  first = await cli(['demo'], world)
}, 120_000)

test('takes two customers from the handoff: one to its first check-in, one back from its go-live', () => {
  expect(first, first.stdout.slice(-2_000) + first.stderr.slice(-2_000)).toMatchObject({ exit: 0 })
  for (const said of [
    '● Tenant provisioning', '● Single sign-on', '● User provisioning (SCIM)', 'kim@acme.example signed in',
    '✓ production_access     Switch production access on', 'Acme Industrial GmbH is live on Example Vendor since',
    'red: rollback is under way', 'go_live.production_access', 'check-in of day 3', 'documents/acme/go-live-mail.txt version 1 written',
  ]) expect(first.stdout).toContain(said)
  expect(first.stderr).not.toContain('error')
})

test('again: every step is unchanged, and every word was given already, whoever runs it', async () => {
  again = await cli(['demo'], world)
  expect(again.exit).toBe(0)
  expect(again.stdout).not.toMatch(/^ +✓ .* (changed|holds)$/m)
  expect(again.stdout).not.toMatch(/^✓ \S+ signed by/m)
  expect(again.stdout).not.toMatch(/\d+ changed/)
  expect(again.stdout.match(/was signed already by/g)?.length).toBeGreaterThan(25)
  await cliJson('demo', ['demo'], world)
}, 120_000)

test('what it says to try next works as typed, from where it was typed', async () => {
  const next = typed(first.stdout.slice(first.stdout.indexOf('Try next')), /(?:→|^ ) npx onboard (.*)$/gm)
  expect(next).toHaveLength(3)
  for (const argv of next) expect(await cli(argv, world), argv.join(' ')).toMatchObject({ exit: 0 })
})

test('each command that it prints works as typed, but those that a clock and a rollback have passed', async () => {
  const commands = typed(again.stdout, /^\$ npx onboard (.*)$/gm)
  expect(commands.length).toBeGreaterThanOrEqual(60)
  const env = { ONBOARD_HOME: world.env['ONBOARD_HOME'] ?? '' }
  for (const argv of commands) expect([0, 5], argv.join(' ')).toContain((await cli(argv, { ...world, env })).exit)
}, 120_000)

test('secrets lie in their files and are shown nowhere', async () => {
  const secretIn = async (file: string): Promise<string> => {
    const [line = ''] = (await readFile(join(world.cwd, 'onboard-demo', file), 'utf8')).split('\n')
    return (JSON.parse(line) as { value: string }).value
  }
  const link = new URL(await secretIn('acme.secrets.jsonl')).searchParams.get('token') ?? ''
  const log = await cli(['audit', 'log', 'acme', '--json', '--workspace', 'onboard-demo', '--database-url', 'embedded:demo'], world)
  expect(log.exit).toBe(0)
  for (const secret of [link, await secretIn('acme.scim.secrets.jsonl'), 'correct horse battery staple']) {
    expect(secret.length).toBeGreaterThan(20)
    expect(first.stdout + first.stderr + log.stdout).not.toContain(secret)
  }
})

test('people have signed in through the identity provider, and a directory has come and gone, for real', async () => {
  const { rows } = await query(`SELECT
    ARRAY(SELECT DISTINCT concat_ws(' ', t.slug, e.event) FROM audit_events e JOIN tenants t ON t.id = e.tenant_id WHERE e.event IN ('login.password', 'login.saml', 'login.oidc', 'login.test') ORDER BY 1) AS logins,
    ARRAY(SELECT concat_ws(' ', slug, status, 'password', coalesce(settings #>> '{enabled,password}', 'true'), 'sso', settings #>> '{enabled,sso}') FROM tenants ORDER BY 1) AS tenants,
    ARRAY(SELECT concat_ws(' ', email, role, CASE WHEN active THEN 'in' ELSE 'out' END) FROM users WHERE document IS NOT NULL ORDER BY email) AS directory`)
  expect(rows[0]).toEqual({
    logins: ['acme login.password', 'acme login.saml', 'acme login.test', 'borealis login.oidc', 'borealis login.password', 'borealis login.test'],
    tenants: ['acme live password false sso true', 'borealis provisioning password true sso false'],
    directory: ['lena@acme.example manager in', 'omar@acme.example member in', 'rui@acme.example member out'],
  })
})

async function query(sql: string): Promise<{ rows: unknown[] }> {
  const database = await openDatabase({ kind: 'embedded', name: 'demo' }, { env: world.env })
  const owner = await database.connect('owner')
  try {
    return await owner.query(sql)
  } finally {
    await owner.end()
    await database.close()
  }
}
