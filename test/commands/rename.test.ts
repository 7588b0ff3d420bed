import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import { lockRun } from '../../src/journal/lock.ts'
import type { Plan, StepResult } from '../../src/model.ts'
import type { Renamed } from '../../src/onboarding/rename.ts'
import { packageRoot } from '../../src/package.ts'
import { cli, cliJson } from '../support/cli.ts'
import { environmentOf, sqlAsOwner, testDatabase } from '../support/database.ts'
import { writeRunbook } from '../support/runbook.ts'

let dir = ''
let env: Record<string, string> = {}
let database: Database
const onboard = (...argv: string[]) => cli(argv, { cwd: dir, env })
const rename = async (...argv: string[]) => (await cliJson<Renamed>('rename', ['rename', ...argv], { cwd: dir, env })).result
const outcomes = async (...argv: string[]) => {
  const { result } = await cliJson<{ steps: StepResult[] }>(argv[0] === 'rollback' ? 'rollback' : 'run', argv, { cwd: dir, env })
  return result.steps.map(({ key, outcome }) => `${key.step} ${outcome}`)
}
const sql = <R extends object>(text: string) => sqlAsOwner<R>(database, text)
const tenants = () => sql<{ slug: string; name: string }>('SELECT slug, name FROM tenants ORDER BY slug')

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onboard-'))
  database = await testDatabase({ simulated: '2026-11-20T09:00:00Z' })
  env = environmentOf(database)
  await writeFile(join(dir, 'onboard.config.yaml'), 'apiVersion: onboard/v1\nvendor: { name: V }\nroles: { legal: [{ name: Lea, email: lea@vendor.example }] }\n')
  await writeFile(join(dir, 'acme.yaml'), await readFile(join(packageRoot, 'runbooks/enterprise/examples/acme.handoff.yaml')))
  await writeRunbook(dir, 'ours', `  - { id: agreed, title: Agreed, uses: confirm, with: { text: "Agreed?", from: [legal] }, binds: [handoff.commercial] }
  - { id: tenant, title: Create the tenant, uses: tenant.record, with: { slug: "\${{ onboarding.tenant_slug }}", name: "\${{ handoff.company.name }}", plan: enterprise } }
  - { id: limits, title: Limits, uses: tenant.settings, with: { tenant: "\${{ onboarding.tenant_slug }}", limits: { users: 5 } } }
`)
  expect((await onboard('handoff', 'accept', '--file', 'acme.yaml', '--runbook', 'ours')).exit).toBe(0)
  expect((await onboard('sign', 'acme', 'agreed', '--signer', 'lea@vendor.example')).exit).toBe(0)
})
afterEach(() => rm(dir, { recursive: true }))

test('a customer is renamed with all that is its own; the tenant follows, and nothing is made twice', async () => {
  expect(await outcomes('apply', 'acme')).toEqual(['agreed unchanged', 'tenant changed', 'limits changed'])
  const [before] = await sql<{ id: string }>('SELECT id FROM tenants')
  expect(await rename('acme', 'globex', '--company', 'Globex GmbH')).toMatchObject({ outcome: 'renamed', from: { slug: 'acme' }, to: { slug: 'globex', company: 'Globex GmbH' }, onboardings: ['globex'] })
  expect(await rename('acme', 'globex', '--company', 'Globex GmbH')).toMatchObject({ outcome: 'unchanged' })
  expect(await rename('globex', 'globex')).toMatchObject({ outcome: 'unchanged' })

  const gone = await onboard('status', 'acme')
  expect([gone.exit, gone.stderr]).toEqual([7, expect.stringContaining('acme is called globex since 2026-11-20')])
  const { result: plan } = await cliJson<Plan>('plan', ['plan', 'globex'], { cwd: dir, env })
  expect(plan.steps.map(({ key, action }) => `${key.step} ${action}`)).toEqual(['agreed none', 'tenant update', 'limits none'])
  expect(plan.steps[1]?.changes).toMatchObject([{ field: 'name', after: 'Globex GmbH' }, { field: 'slug', before: 'acme', after: 'globex' }])

  expect(await outcomes('apply', 'globex')).toEqual(['agreed unchanged', 'tenant changed', 'limits unchanged'])
  expect(await outcomes('apply', 'globex')).toEqual(['agreed unchanged', 'tenant unchanged', 'limits unchanged'])
  expect(await tenants()).toEqual([{ slug: 'globex', name: 'Globex GmbH' }])
  expect(await sql('SELECT id FROM tenants')).toEqual([before])
  expect(await sql('SELECT idempotency, tenant_slug FROM onboard.onboarding')).toEqual([{ idempotency: 'acme', tenant_slug: 'globex' }])
  expect((await onboard('audit', 'verify', 'globex')).exit).toBe(0)
  expect((await onboard('audit', 'log', 'globex')).stdout).toMatch(/renamed[^]*revised/)
  // A step of before the rename is undone after it, and what is undone leaves nothing behind.
  expect(await outcomes('rollback', 'globex', '--to', 'one.limits', '--confirm', 'globex')).toEqual(['limits undone'])
  expect(await outcomes('rollback', 'globex', '--to', 'one', '--confirm', 'globex')).toEqual(['tenant undone', 'tenant undone'])
  expect(await tenants()).toEqual([])
})

test('between the rename and the next apply, and back again', async () => {
  await outcomes('apply', 'acme')
  await rename('acme', 'globex')
  expect(await outcomes('apply', 'globex', '--step', 'limits')).toEqual(['limits unchanged'])
  expect(await rename('globex', 'acme')).toMatchObject({ outcome: 'renamed' })
  expect(await outcomes('apply', 'acme')).toEqual(['agreed unchanged', 'tenant unchanged', 'limits unchanged'])
  await rename('acme', 'globex')
  expect(await outcomes('rollback', 'globex', '--to', 'one', '--confirm', 'globex')).toEqual(['limits undone', 'tenant undone'])
  expect(await tenants()).toEqual([])
})

test('a name that was given up is given to nobody else, in either direction', async () => {
  await outcomes('apply', 'acme')
  await rename('acme', 'globex')
  const again = await onboard('handoff', 'accept', '--file', 'acme.yaml', '--runbook', 'ours')
  expect([again.exit, again.stderr]).toEqual([7, expect.stringContaining('acme is called globex')])
  const other = await readFile(join(packageRoot, 'runbooks/enterprise/examples/borealis.handoff.yaml'), 'utf8')
  await writeFile(join(dir, 'other.yaml'), other)
  expect((await onboard('handoff', 'accept', '--file', 'other.yaml', '--runbook', 'ours')).exit).toBe(0)
  const [row] = await sql<{ slug: string }>(`SELECT slug FROM onboard.customer WHERE slug <> 'globex'`)
  for (const name of ['acme', 'globex']) {
    const refused = await onboard('rename', row!.slug, name)
    expect([refused.exit, refused.stderr]).toEqual([7, expect.stringMatching(/globex/)])
  }
  // The handoff of before, under the new name, is the handoff that there is.
  await writeFile(join(dir, 'acme.yaml'), (await readFile(join(dir, 'acme.yaml'), 'utf8')).replace('slug: acme', 'slug: globex'))
  const { result } = await cliJson('handoff-accept', ['handoff', 'accept', '--file', 'acme.yaml', '--runbook', 'ours'], { cwd: dir, env })
  expect(result).toMatchObject({ outcome: 'unchanged', onboarding: 'globex' })
})

test('what is no name, nobody, or another tenant is refused, and a run that goes on', async () => {
  const refused = async (...argv: string[]) => {
    const { exit, stderr } = await onboard('rename', ...argv)
    return `${exit} ${stderr}`
  }
  expect(await refused('acme', 'Globex!')).toMatch(/^2 /)
  expect(await refused('acme', 'status')).toMatch(/^2 [^]*word of the command line/)
  expect(await refused('acme/eu', 'globex')).toMatch(/^2 [^]*onboard rename acme globex/)
  expect(await refused('nobody', 'globex')).toMatch(/^2 /)
  expect(await refused('acme', 'acme', '--company', ' ')).toMatch(/^2 /)
  await sql(`INSERT INTO tenants (name, slug, plan, status) VALUES ('Hooli', 'hooli', 'enterprise', 'live')`)
  expect(await refused('acme', 'hooli')).toMatch(/^7 [^]*the product has a tenant hooli already/)
  const holder = await database.connect('app')
  const [one] = await sql<{ id: string }>('SELECT id FROM onboard.onboarding')
  await lockRun(holder, { id: one!.id, key: 'acme' })
  expect(await refused('acme', 'globex')).toMatch(/^7 [^]*is being worked on/)
  await holder.end()
  expect(await sql('SELECT slug FROM onboard.customer')).toEqual([{ slug: 'acme' }])
})

test('a word on the name is void with it, and status says so as apply does', async () => {
  await writeRunbook(dir, 'named', '  - { id: named, title: Named, uses: confirm, with: { text: "Is ${{ onboarding.tenant_slug }} right?", from: [legal] } }\n')
  expect((await onboard('handoff', 'accept', '--file', 'acme.yaml', '--runbook', 'named', '--name', 'b')).exit).toBe(0)
  expect((await onboard('sign', 'acme/b', 'named', '--signer', 'lea@vendor.example')).exit).toBe(0)
  await rename('acme', 'globex')
  const { result } = await cliJson('status', ['status', 'globex/b'], { cwd: dir, env })
  expect(result).toMatchObject({ phases: [{ steps: [{ state: 'waiting' }] }] })
  expect((await onboard('apply', 'globex/b')).exit).toBe(5)
})
