import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import type { CancelResult } from '../../src/onboarding/cancel.ts'
import { packageRoot } from '../../src/package.ts'
import { cli, cliJson } from '../support/cli.ts'
import { environmentOf, sqlAsOwner, testDatabase } from '../support/database.ts'
import { writeRunbook } from '../support/runbook.ts'

let dir = ''
let env: Record<string, string> = {}
let database: Database
const onboard = (...argv: string[]) => cli(argv, { cwd: dir, env })
const cancel = async (...argv: string[]) => (await cliJson<CancelResult>('cancel', ['cancel', ...argv], { cwd: dir, env })).result
const purge = (...more: string[]) => cancel('acme', '--purge', '--export', 'kept', '--confirm', 'acme', ...more)
const sql = <R extends object>(text: string) => sqlAsOwner<R>(database, text)
const tenants = () => sql<{ slug: string; status: string }>('SELECT slug, status FROM tenants ORDER BY slug')

const STEPS = `  - { id: agreed, title: It is agreed, uses: confirm, with: { text: "Agreed?", from: [legal], evidence: optional } }
  - { id: tenant, title: Create the tenant, uses: tenant.record, with: { slug: "\${{ onboarding.tenant_slug }}", name: "\${{ handoff.company.name }}", plan: enterprise } }
  - { id: limits, title: Limits, uses: tenant.settings, with: { tenant: "\${{ onboarding.tenant_slug }}", limits: { users: 5 } } }
  - { id: admin, title: Administrator, uses: tenant.admin, with: { tenant: "\${{ onboarding.tenant_slug }}", email: "\${{ handoff.admin.email }}", name: "\${{ handoff.admin.name }}", handover: temporary-password, expires_hours: 1 } }
`
const LIVE = `  - { id: live, title: Live, uses: tenant.access, with: { tenant: "\${{ onboarding.tenant_slug }}", production: true } }\n`

async function begin(steps = STEPS): Promise<void> {
  await writeRunbook(dir, 'ours', steps)
  expect((await onboard('handoff', 'accept', '--file', join(packageRoot, 'runbooks/enterprise/examples/acme.handoff.yaml'), '--runbook', 'ours')).exit).toBe(0)
  await writeFile(join(dir, 'contract.pdf'), 'signed')
  expect((await onboard('sign', 'acme', 'agreed', '--signer', 'lea@vendor.example', '--evidence', 'contract.pdf')).exit).toBe(0)
  const applied = await onboard('apply', 'acme', '--secrets-out', 'secrets')
  expect(applied.stdout + applied.stderr).not.toContain('✗')
  expect(applied.exit).toBe(0)
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onboard-'))
  database = await testDatabase({ simulated: '2026-11-20T09:00:00Z' })
  env = environmentOf(database)
  await writeFile(join(dir, 'onboard.config.yaml'), 'apiVersion: onboard/v1\nvendor: { name: V }\nroles: { legal: [{ name: Lea, email: lea@vendor.example }] }\n')
})
afterEach(() => rm(dir, { recursive: true }))

test('what is cancelled is left alone until that is taken back', async () => {
  await begin()
  expect((await onboard('cancel', 'acme')).exit).toBe(2)
  expect(await cancel('acme', '--reason', 'they withdrew')).toMatchObject({ outcome: 'cancelled', reason: 'they withdrew' })
  expect(await cancel('acme', '--reason', 'they withdrew')).toMatchObject({ outcome: 'unchanged' })
  for (const argv of [['apply', 'acme'], ['plan', 'acme'], ['sign', 'acme', 'agreed', '--signer', 'lea@vendor.example'], ['rollback', 'acme', '--to', 'one']]) {
    const { exit, stderr } = await onboard(...argv)
    expect([argv[0], exit]).toEqual([argv[0], 7])
    expect(stderr).toContain('acme was cancelled on 2026-11-20')
    expect(stderr).toContain('onboard cancel acme --undo')
  }
  const { result } = await cliJson('status', ['status', 'acme'], { cwd: dir, env })
  expect(result).toMatchObject({ cancelled: { reason: 'they withdrew', purged_at: null }, waiting: [], next: 'onboard cancel acme --undo' })
  expect((await onboard('status', 'acme')).stdout).toContain('cancelled 2026-11-20: they withdrew')
  expect((await onboard('status')).stdout).toMatch(/acme .* cancelled/)
  expect(await tenants()).toEqual([{ slug: 'acme', status: 'provisioning' }])
  expect(await cancel('acme', '--undo')).toMatchObject({ outcome: 'withdrawn' })
  expect(await cancel('acme', '--undo')).toMatchObject({ outcome: 'unchanged' })
  expect((await onboard('apply', 'acme')).exit).toBe(0)
})

test('a purge exports everything, takes back what was made, and the journal stays', async () => {
  await begin()
  const unconfirmed = await onboard('cancel', 'acme', '--reason', 'x', '--purge')
  expect([unconfirmed.exit, (await tenants()).length]).toEqual([2, 1])
  expect(unconfirmed.stderr).toContain('--purge --confirm acme')
  expect((await onboard('cancel', 'acme', '--reason', 'x', '--purge', '--confirm', 'acmee')).exit).toBe(2)

  expect(await purge('--reason', 'they withdrew')).toMatchObject({ outcome: 'purged', left: [], export: { outcome: 'written' } })
  expect(await tenants()).toEqual([])
  expect(await sql('SELECT email FROM users')).toEqual([])
  expect((await onboard('audit', 'verify', 'acme')).exit).toBe(0)
  expect(await purge()).toMatchObject({ outcome: 'unchanged', undone: [] })
  expect((await onboard('cancel', 'acme', '--undo')).stderr).toContain('acme was purged')

  // The export is whole, can be checked without us, and has the evidence.
  const manifest = JSON.parse(await readFile(join(dir, 'kept/manifest.json'), 'utf8')) as { files: Record<string, string> }
  for (const [name, digest] of Object.entries(manifest.files)) {
    expect(createHash('sha256').update(await readFile(join(dir, 'kept', name))).digest('hex'), name).toBe(digest)
  }
  const evidence = createHash('sha256').update('signed').digest('hex')
  expect(await readFile(join(dir, 'kept/evidence', evidence), 'utf8')).toBe('signed')
  let previous = '0'.repeat(64)
  for (const line of (await readFile(join(dir, 'kept/journal.jsonl'), 'utf8')).trimEnd().split('\n')) {
    const { seq, body, hash } = JSON.parse(line) as { seq: number; body: string; hash: string }
    previous = createHash('sha256').update(Buffer.from(previous, 'hex')).update(`${seq}\n${body}`).digest('hex')
    expect(previous).toBe(hash)
  }
})

test('a tenant that was ever live is suspended, never deleted', async () => {
  await begin(STEPS + LIVE)
  expect(await tenants()).toEqual([{ slug: 'acme', status: 'live' }])
  const { left } = await purge('--reason', 'x')
  expect(left).toMatchObject([{ step: 'one.tenant', why: expect.stringContaining('it was live once') }])
  expect(await tenants()).toEqual([{ slug: 'acme', status: 'suspended' }])
})

test('a tenant that somebody refers to is suspended, and nothing of theirs is touched', async () => {
  await begin()
  await sql(`INSERT INTO users (email, full_name, role, tenant_id) SELECT 'her@acme.example', 'Her', 'member', id FROM tenants`)
  expect((await purge('--reason', 'x')).left).toMatchObject([{ step: 'one.tenant', why: expect.stringContaining('users') }])
  expect(await tenants()).toEqual([{ slug: 'acme', status: 'suspended' }])
  expect(await sql('SELECT email FROM users')).toEqual([{ email: 'her@acme.example' }])
})

test('what was changed by hand since stops a purge, which goes on once that is put right', async () => {
  await begin()
  await sql(`UPDATE tenants SET settings = jsonb_set(settings, '{limits,users}', '7')`)
  const failed = await cliJson<CancelResult>('cancel', ['cancel', 'acme', '--reason', 'x', '--purge', '--export', 'kept', '--confirm', 'acme'], { cwd: dir, env })
  expect(failed).toMatchObject({ exit: 7, result: { outcome: 'failed', undone: [{ outcome: 'undone' }, { outcome: 'failed' }] } })
  await sql(`UPDATE tenants SET settings = jsonb_set(settings, '{limits,users}', '5')`)
  expect(await purge()).toMatchObject({ outcome: 'purged', export: { outcome: 'unchanged' } })
  expect(await tenants()).toEqual([])
})

test('an export is never written over anything, nor beside nothing', async () => {
  await begin()
  await mkdir(join(dir, 'kept'))
  await writeFile(join(dir, 'kept/mine'), 'mine')
  const refused = await onboard('cancel', 'acme', '--reason', 'x', '--purge', '--export', 'kept', '--confirm', 'acme')
  expect([refused.exit, (await tenants()).length]).toEqual([7, 1])
  await symlink(join(dir, 'elsewhere'), join(dir, 'link'))
  expect((await onboard('cancel', 'acme', '--reason', 'x', '--purge', '--export', 'link', '--confirm', 'acme')).exit).toBe(7)
  await writeFile(join(dir, 'file'), '')
  expect((await onboard('cancel', 'acme', '--reason', 'x', '--purge', '--export', 'file/kept', '--confirm', 'acme')).exit).toBe(1)
  expect((await tenants()).length).toBe(1)
  expect(await readdir(join(dir, 'kept'))).toEqual(['mine'])
})

test('persons are erased on request: values, inputs and evidence are gone, the chain verifies', async () => {
  await begin()
  await onboard('issue', 'add', 'acme', 'Tom cannot sign in', '--severity', 'P2')
  await sql(`INSERT INTO onboard.document (onboarding, name, version, title, media_type, digest, size, made_from, template, data, facts, sources)
             SELECT o.id, 'minutes', 1, 'Minutes', 'text/plain', e.digest, 6, e.digest, 't', '{"by":"Tom"}', '{}', '{}' FROM onboard.onboarding o, onboard.evidence e`)
  await sql(`INSERT INTO onboard.check_in (onboarding, day, held_at, held_by, data, document)
             SELECT o.id, 3, now(), 'Tom', '{"by":"Tom"}', e.digest FROM onboard.onboarding o, onboard.evidence e`)
  const { erased } = await purge('--reason', 'x', '--erase')
  expect(erased).toBeGreaterThan(10)
  expect(await purge('--erase')).toMatchObject({ outcome: 'unchanged', erased: 0 })
  expect((await onboard('audit', 'verify', 'acme')).exit).toBe(0)
  const left = await sql<{ text: string }>(`SELECT string_agg(t, ' ') AS text FROM (
    SELECT body AS t FROM onboard.journal UNION ALL SELECT value FROM onboard.journal_detail UNION ALL SELECT document::text || source::text FROM onboard.input
    UNION ALL SELECT convert_from(bytes, 'UTF8') FROM onboard.evidence UNION ALL SELECT title FROM onboard.issue
    UNION ALL SELECT data FROM onboard.document UNION ALL SELECT data::text FROM onboard.check_in) x`)
  expect(left[0]?.text).not.toMatch(/Lea|Tom|acme\.example|vendor\.example|signed"?$/)
  expect((await onboard('status', 'acme')).exit).toBe(0)
  expect((await onboard('audit', 'log', 'acme')).exit).toBe(0)
})

test('killed at whatever moment, the same command again ends as if nothing had happened', { timeout: 240_000 }, async () => {
  await begin()
  const argv = [join(packageRoot, 'bin/run.js'), 'cancel', 'acme', '--reason', 'x', '--purge', '--export', 'kept', '--erase', '--confirm', 'acme']
  const killed: string[] = []
  const run = (kill: (child: ChildProcess) => Promise<unknown>) => new Promise<number | null>((resolve) => {
    const child = spawn(process.execPath, argv, { cwd: dir, env: { ...process.env, ...env }, stdio: 'ignore' })
    child.on('close', (code) => resolve(code))
    void kill(child)
  })
  const atRandom = (after: number) => run(async (child) => {
    await pause(after)
    child.kill('SIGKILL')
  })
  // In the midst of each thing that it does: it waits for a table that we hold, and is killed there.
  for (const table of ['onboard.onboarding', 'users', 'tenants', 'onboard.onboarding', 'onboard.input']) {
    const holder = await database.connect('owner')
    await holder.query(`BEGIN; LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE`)
    const waiting = async () => (await holder.query(`SELECT FROM pg_locks WHERE NOT granted AND relation = '${table}'::regclass`)).rowCount! > 0
    const code = await run(async (child) => {
      while (child.exitCode === null && !(await waiting())) await pause(10)
      child.kill('SIGKILL')
    })
    await holder.query('ROLLBACK')
    await holder.end()
    if (code === null) killed.push(table)
  }
  expect(killed).toEqual(['onboard.onboarding', 'users', 'tenants', 'onboard.onboarding', 'onboard.input'])
  for (let after = 20; after < 300; after += 40) expect([null, 7, 0]).toContain(await atRandom(after))
  await pause(600)
  expect(await run(async () => undefined)).toBe(0)
  expect(await tenants()).toEqual([])
  expect((await onboard('audit', 'verify', 'acme')).exit).toBe(0)
  expect((await readdir(dir)).filter((name) => name.startsWith('kept'))).toEqual(['kept'])
  const undone = await sql<{ n: number; different: number }>(`SELECT count(*)::int AS n, count(DISTINCT body::jsonb #>> '{entry,of}')::int AS different FROM onboard.journal WHERE kind = 'undone'`)
  expect(undone).toEqual([{ n: 3, different: 3 }])
  expect(await sql(`SELECT count(*)::int AS values FROM onboard.journal_detail WHERE value IS NOT NULL`)).toEqual([{ values: 0 }])
})
