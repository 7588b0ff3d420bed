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
