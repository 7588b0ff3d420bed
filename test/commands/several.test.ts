import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import { packageRoot } from '../../src/package.ts'
import { cli } from '../support/cli.ts'
import { environmentOf, sqlAsOwner, testDatabase } from '../support/database.ts'
import { writeRunbook } from '../support/runbook.ts'

let dir = ''
let env: Record<string, string> = {}
let database: Database
const onboard = (...argv: string[]) => cli(argv, { cwd: dir, env })
const sql = <R extends object>(text: string) => sqlAsOwner<R>(database, text)
const tenants = async () => (await sql<{ slug: string }>('SELECT slug FROM tenants ORDER BY slug')).map(({ slug }) => slug)
const accept = (name: string, file = 'acme.yaml') => onboard('handoff', 'accept', '--file', file, '--runbook', 'ours', ...(name === '' ? [] : ['--name', name]))

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onboard-'))
  database = await testDatabase({ simulated: '2026-11-20T09:00:00Z' })
  env = environmentOf(database)
  await writeFile(join(dir, 'onboard.config.yaml'), 'apiVersion: onboard/v1\nvendor: { name: V }\n')
  await writeFile(join(dir, 'acme.yaml'), await readFile(join(packageRoot, 'runbooks/enterprise/examples/acme.handoff.yaml')))
  await writeRunbook(dir, 'ours', `  - { id: tenant, title: Create the tenant, uses: tenant.record, with: { slug: "\${{ onboarding.tenant_slug }}", name: "\${{ handoff.company.name }}", plan: enterprise } }
  - { id: limits, title: Limits, uses: tenant.settings, with: { tenant: "\${{ onboarding.tenant_slug }}", limits: { users: 5 } } }
`)
})
afterEach(() => rm(dir, { recursive: true }))

test('two onboardings of a customer, at once: a tenant for each, and what is undone of one leaves the other', async () => {
  expect([(await accept('')).exit, (await accept('eu')).exit]).toEqual([0, 0])
  const both = await Promise.all([onboard('apply', 'acme'), onboard('apply', 'acme/eu')])
  expect(both.map(({ exit }) => exit)).toEqual([0, 0])
  expect(await tenants()).toEqual(['acme', 'acme-eu'])
  expect((await onboard('apply', 'acme/eu')).stdout).not.toContain('~')
  expect((await onboard('rollback', 'acme/eu', '--to', 'one', '--confirm', 'acme/eu')).exit).toBe(0)
  expect(await tenants()).toEqual(['acme'])
  expect((await onboard('drift', 'acme')).exit).toBe(0)
  expect((await onboard('rename', 'acme', 'globex')).exit).toBe(0)
  expect((await onboard('apply', 'globex/eu')).exit).toBe(0)
  expect((await onboard('apply', 'globex')).exit).toBe(0)
  expect(await tenants()).toEqual(['globex', 'globex-eu'])
})

test('a tenant is never that of two: acme/eu and a customer acme-eu, in either order', async () => {
  const other = (await readFile(join(dir, 'acme.yaml'), 'utf8')).replace('slug: acme', 'slug: acme-eu').replace('Acme Industrial GmbH', 'Acme EU Ltd')
  await writeFile(join(dir, 'other.yaml'), other)
  expect((await accept('eu')).exit).toBe(0)
  const refused = await accept('', 'other.yaml')
  expect([refused.exit, refused.stderr]).toEqual([7, expect.stringContaining('the tenant would be called acme-eu, as that of acme/eu is or was')])
  expect(await sql('SELECT slug FROM onboard.customer')).toEqual([{ slug: 'acme' }])
  expect((await accept('e'.repeat(60))).exit).toBe(2)
  expect((await onboard('rename', 'acme', 'globex')).exit).toBe(0)
  expect((await accept('', 'other.yaml')).exit).toBe(7) // it was one's of ours
})

test('keys of acme/eu are not those of a phase eu of acme', async () => {
  await accept('')
  await accept('eu')
  expect(await sql('SELECT idempotency FROM onboard.onboarding ORDER BY 1')).toEqual([{ idempotency: 'acme' }, { idempotency: 'acme:eu' }])
})

test('each is walked by itself: words, dates, people, issues, papers and what is given up are of one', async () => {
  await writeFile(join(dir, 'onboard.config.yaml'), 'apiVersion: onboard/v1\nvendor: { name: V }\nroles:\n  engineering: [{ name: Eva, email: eva@vendor.example }]\n')
  await writeFile(join(dir, 'runbooks/ours/phases/one.yaml'), `apiVersion: onboard/v1
phase: one
title: One
owner: [engineering]
steps:
  - { id: tenant, title: Create the tenant, uses: tenant.record, with: { slug: "\${{ onboarding.tenant_slug }}", name: "\${{ handoff.company.name }}", plan: enterprise } }
  - { id: agreed, title: Agreed, uses: confirm, waivable_by: [engineering], binds: [onboarding.go_live], with: { text: "Agreed?" } }
`)
  const ran = async (line: string) => {
    const { exit, stdout, stderr } = await onboard(...(line.match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", '')))
    expect([0, 5], `${line}: ${stderr}`).toContain(exit)
    return stdout
  }
  await accept('')
  await accept('eu')
  for (const key of ['acme', 'acme/eu']) await ran(`apply ${key}`)
  expect((await ran('tasks')).match(/onboard sign \S+ \S+/g)?.slice(0, 2)).toEqual(['onboard sign acme one.agreed', 'onboard sign acme/eu one.agreed'])
  const untouched = JSON.parse(await ran('audit log acme --json')).entries
  await ran('sign acme/eu agreed --signer eva@vendor.example')
  await ran("reschedule acme/eu --go-live 2027-03-01 --reason 'they asked'")
  expect(await ran('status acme/eu')).toContain('go-live 2027-03-01')
  await ran("waive acme/eu agreed --until 2027-01-31 --reason 'later' --signer eva@vendor.example")
  await ran('assign acme/eu agreed --to eva@vendor.example')
  await ran("contact set acme/eu it_admin --name 'Uta Kern' --email uta@acme.example")
  await ran("issue add acme/eu 'Slow' --severity P2")
  await ran("hold acme/eu --reason 'budget'")
  expect(JSON.parse(await ran('audit log acme --json')).entries).toEqual(untouched)
  expect(await ran('status acme')).not.toMatch(/held|Slow|2027-03-01/)
  await ran('resume acme/eu')
  await ran('handoff show acme/eu --document')
  expect(await ran('audit verify acme/eu')).toContain('are whole')
  await ran("cancel acme/eu --reason 'merged'")
  expect(JSON.parse(await ran('audit log acme --json')).entries).toEqual(untouched)
  expect(await ran('status')).toMatch(/acme +.*engineering\n.*acme\/eu +.*cancelled/)
  await ran('sign acme agreed --signer eva@vendor.example')
  expect((await sql<{ slug: string }>('SELECT slug FROM tenants ORDER BY slug')).map(({ slug }) => slug)).toContain('acme')
})

test('what doctor says of a tenant leads to the onboarding that has it', async () => {
  await accept('eu')
  await onboard('apply', 'acme/eu')
  const settings = JSON.stringify({ certificates: [{ subject: 'CN=idp', not_after: '2026-12-01T00:00:00Z' }] })
  await sql(`INSERT INTO sso_connections (tenant_id, name, protocol, enabled, settings, mapping) SELECT id, 'main', 'saml', true, '${settings}', '{}' FROM tenants`)
  const { checks } = JSON.parse((await onboard('doctor', '--json')).stdout) as { checks: { name: string; next: string[] }[] }
  const next = checks.find(({ name }) => name === 'certificates')?.next ?? []
  expect(next).toEqual(['onboard diagnose sso acme/eu'])
  expect((await onboard('diagnose', 'sso', 'acme/eu')).stdout).toContain('certificate')
})

test('what people are asked and told says which onboarding it is about, where a customer has several', async () => {
  await writeRunbook(dir, 'ours', '  - { id: told, title: Told, uses: mail.send, with: { to: [ada@acme.example], subject: "Go-live of ${{ onboarding.title }}", text: Hello } }\n')
  await writeFile(join(dir, 'onboard.config.yaml'), 'apiVersion: onboard/v1\nvendor: { name: V }\nmail: { from: "V <v@vendor.example>", folder: outbox }\n')
  expect((await onboard('trust')).exit).toBe(0)
  await accept('')
  await accept('eu')
  for (const [key, subject] of [['acme', 'Go-live of Acme Industrial GmbH'], ['acme/eu', 'Go-live of Acme Industrial GmbH (eu)']] as const) {
    expect((await onboard('apply', key)).stdout).toMatch(new RegExp(`subject +${subject.replaceAll(/[()]/g, '\\$&')}\n`))
  }
})
