/** A secret is handed over once; it lies in no table, no file, no log and no output. */
import { chmodSync, existsSync, lstatSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test } from 'vitest'
import { ident } from '../../src/database/client.ts'
import { connectSuperuser } from '../../src/database/embedded/databases.ts'
import { embeddedHome } from '../../src/database/embedded/home.ts'
import { everything } from './everything.ts'
import { onboard } from './process.ts'
import { readyToProvision, world } from './world.ts'

/** Of the people of the demo, who choose it at the product's own pages. */
const PASSWORD = 'correct horse battery staple'
const MARKED = { database: 'MarkedPassword8215', variable: 'MarkedVariable4471' }
const folders: string[] = []
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })))

/** The forms in which a secret could lie somewhere. */
const forms = (secret: string): readonly Buffer[] => [
  Buffer.from(secret), Buffer.from(Buffer.from(secret).toString('hex')), Buffer.from(Buffer.from(secret).toString('base64').replace(/=+$/, '')), Buffer.from(encodeURIComponent(secret)),
]

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)).filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isFile())
}

function values(file: string): string[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n').map((line) => (JSON.parse(line) as { value: string }).value)
  return lines.map((value) => (URL.canParse(value) ? (new URL(value).searchParams.get('token') ?? value) : value))
}

/** Where any of the secrets is found: names of texts. */
function found(secrets: readonly string[], texts: ReadonlyMap<string, Buffer>): string[] {
  const wanted = secrets.flatMap(forms)
  return [...texts].filter(([, text]) => wanted.some((one) => text.includes(one))).map(([name]) => name)
}

test('marked secrets through the whole demo', { timeout: 120_000 }, async () => {
  const base = realpathSync(mkdtempSync('/tmp/onboard-marked-'))
  folders.push(base)
  chmodSync(base, 0o755)
  const env = {
    HOME: base, ONBOARD_HOME: join(base, 'home'), ONBOARD_EMBEDDED_IDLE_SECONDS: '1',
    ONBOARD_DATABASE_URL: `postgres://eva:${MARKED.database}@db.vendor.example/onboard`, DATABASE_URL: `postgres://eva:${MARKED.database}@db.vendor.example/x`, MARKED: MARKED.variable,
  }
  const outputs = new Map<string, Buffer>()
  const run = async (line: string) => {
    const { exit, stdout, stderr } = await onboard(line.split(' '), { cwd: base, env })
    outputs.set(`output of ${line}`, Buffer.from(stdout + stderr))
    return exit
  }
  const more = '--workspace onboard-demo --database-url embedded:demo'
  expect(await run('demo')).toBe(0)
  expect(await run('demo')).toBe(0)
  for (const line of ['status acme --json', 'plan acme --json', 'drift acme --json', 'audit log acme --json', 'audit verify acme --json', 'secret reissue acme scim.token --secrets-out again.jsonl', 'diagnose sso acme --json', 'rollback acme --to sso --dry-run --json', 'rollback acme --to sso --confirm acme --json', 'doctor --json']) {
    expect([line, await run(`${line} ${more}`)]).toEqual([line, 0])
  }
  const handed = [...['acme', 'acme.scim', 'borealis'].map((name) => join(base, 'onboard-demo', `${name}.secrets.jsonl`)), join(base, 'again.jsonl')]
  const client = join(base, 'onboard-demo', 'borealis.client-secret')
  const kept = [...handed, client]
  const secrets = [...handed.flatMap(values), readFileSync(client, 'utf8').trim(), PASSWORD, MARKED.database, MARKED.variable]
  expect(secrets.filter((secret) => secret.length > 15)).toHaveLength(8)
  expect(found(secrets, outputs)).toEqual([])

  // The tables while the server is up; the files once it has written them all and is gone.
  const home = embeddedHome(env)
  const inside = await connectSuperuser(home, 'demo')
  const rows = new Map<string, Buffer>()
  const { rows: tables } = await inside.query<{ schema: string; name: string }>(`SELECT schemaname AS schema, tablename AS name FROM pg_tables`)
  for (const { schema, name } of tables) {
    const { rows: [all] } = await inside.query<{ text: string | null }>(`SELECT string_agg(t::text, E'\\n') AS text FROM ${ident(schema)}.${ident(name)} t`)
    rows.set(`table ${schema}.${name}`, Buffer.from(all?.text ?? ''))
  }
  await inside.query('CHECKPOINT')
  await inside.end()
  expect([...rows.keys()]).toEqual(expect.arrayContaining(['table onboard.journal', 'table onboard.journal_detail', 'table public.users']))
  expect(found(secrets, rows)).toEqual([])

  for (let i = 0; i < 200 && existsSync(join(home.data, 'postmaster.pid')); i++) await pause(100)
  // The demo's own code has the password that its people choose, and Node keeps what it compiles of that.
  const files = filesOf(base).filter((path) => !kept.includes(path) && !path.includes('/.cache/onboard/node/'))
  expect(files.some((path) => path.includes('pg_wal'))).toBe(true)
  expect(files.filter((path) => found(secrets, new Map([[path, readFileSync(path)]])).length > 0)).toEqual([])
})

test('a temporary password, and a program that prints what it was given', { timeout: 90_000 }, async () => {
  const there = await world('plans')
  const outputs = new Map<string, Buffer>()
  const note = (name: string, { stdout, stderr }: { stdout: string; stderr: string }) => outputs.set(name, Buffer.from(stdout + stderr))
  const config = readFileSync(join(there.cwd, 'onboard.config.yaml'), 'utf8')
  there.write('onboard.config.yaml', `${config}admin: { handover: temporary-password, expires_hours: 24 }\n`)
  await readyToProvision(there)
  for (const format of [[], ['--json']]) {
    note(`provision ${format.join()}`, await there.run(['provision', 'harbour', '--secrets-out', `s${format.length}.jsonl`, ...format]))
    note(`rollback ${format.join()}`, await there.run(['rollback', 'harbour', '--to', 'provision', '--confirm', 'harbour', ...format]))
  }
  note('audit log', await there.run('audit log harbour --json'))
  const secrets = ['s0.jsonl', 's1.jsonl'].flatMap((name) => values(join(there.cwd, name)))
  expect(secrets).toHaveLength(2)

  const programs = await world('program')
  const secret = MARKED.variable
  const phase = readFileSync(join(programs.cwd, 'runbooks/files/phases/folder.yaml'), 'utf8')
  programs.write('runbooks/files/phases/folder.yaml', phase.replace('    timeout:', '      env_from: [MARKED]\n    timeout:'))
  programs.write('check.mjs', 'console.log(process.env.MARKED)\nconsole.error(`it is ${process.env.MARKED}!`)\nprocess.exit(process.argv[2] === "x" ? 0 : 3)\n')
  await programs.done('handoff accept --file harbour.handoff.yaml --runbook files')
  await programs.done('trust')
  for (const line of ['apply harbour', 'apply harbour --json', 'plan harbour', 'status harbour --json', 'audit log harbour --json']) {
    note(`${line} with a program`, await programs.run(line, { env: { MARKED: secret } }))
  }
  expect(outputs.get('apply harbour with a program')?.toString()).toContain('it is ***!')

  for (const { database } of [there, programs]) {
    for (const [name, rows] of await everything(database)) outputs.set(`${database.label} ${name}`, Buffer.from(rows.join('\n')))
  }
  expect(found([...secrets, secret], outputs)).toEqual([])
})
