import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src/database/open.ts'
import type { Plan } from '../../src/model.ts'
import type { Adopted } from '../../src/onboarding/adopt.ts'
import { packageRoot } from '../../src/package.ts'
import { cli, cliJson } from '../support/cli.ts'
import { environmentOf, sqlAsOwner, testDatabase } from '../support/database.ts'
import { writeRunbook } from '../support/runbook.ts'

let dir = ''
let env: Record<string, string> = {}
let database: Database
const onboard = (...argv: string[]) => cli(argv, { cwd: dir, env })
const adopt = async (...more: string[]) => (await cliJson<Adopted>('adopt', ['adopt', 'acme', '--from', 'past.yaml', ...more], { cwd: dir, env })).result
const sql = <R extends object>(text: string) => sqlAsOwner<R>(database, text)
const past = (steps: string) => writeFile(join(dir, 'past.yaml'), `apiVersion: onboard/v1\nadopt: acme\nsteps:\n${steps}`)
const AGREED = '  one.agreed: { by: lea@vendor.example, date: 2026-10-01, evidence: [contract.pdf], note: on paper }\n'

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'onboard-'))
  database = await testDatabase({ simulated: '2026-11-20T09:00:00Z' })
  env = environmentOf(database)
  await writeFile(join(dir, 'onboard.config.yaml'), `apiVersion: onboard/v1
vendor: { name: V }
roles:
  legal: [{ name: Lea Novak, email: lea@vendor.example }]
  engineering: [{ name: Eva Weber, email: eva@vendor.example }]
`)
  await writeFile(join(dir, 'contract.pdf'), 'signed')
  await writeRunbook(dir, 'ours', `  - { id: agreed, title: Agreed, uses: confirm, with: { text: "Agreed?", from: [legal], evidence: required } }
  - { id: tenant, title: Create the tenant, uses: tenant.record, with: { slug: "\${{ onboarding.tenant_slug }}", name: "\${{ handoff.company.name }}", plan: enterprise } }
  - { id: limits, title: Limits, uses: tenant.settings, with: { tenant: "\${{ onboarding.tenant_slug }}", limits: { users: 5 } } }
  - { id: told, title: Tell them, uses: command.run, with: { check: [test, -f, "${dir}/told"], run: [touch, "${dir}/told"] } }
  - { id: there, title: It is there, uses: postgres.assert, with: { sql: "SELECT FROM tenants", message: none } }
  - { id: seen, title: Seen, uses: confirm, with: { text: "Seen?", from: [customer] } }
`)
  const accepted = await onboard('handoff', 'accept', '--file', join(packageRoot, 'runbooks/enterprise/examples/acme.handoff.yaml'), '--runbook', 'ours')
  expect(accepted.stderr).toBe(accepted.exit === 0 ? accepted.stderr : '')
  env = { ...env, ONBOARD_TRUST: await digest() }
  await sql(`INSERT INTO tenants (name, slug, plan, status, settings) VALUES ('Acme Industrial', 'acme', 'enterprise', 'provisioning', '{"limits":{"users":5}}')`)
})
afterEach(() => rm(dir, { recursive: true }))

/** What a person who has looked at the workspace trusts it by. */
async function digest(): Promise<string> {
  const { result } = await cliJson<{ digest: string }>('trust', ['trust', '--yes'], { cwd: dir, env })
  return result.digest
}

test('what was done by hand is taken over as it is; what differs is the plan’s, and no rollback touches what was adopted', async () => {
  await past(`${AGREED}  one.tenant: found\n  one.limits: found\n  one.told: { by: eva@vendor.example, date: 2026-10-02, evidence: [contract.pdf] }\n`)
  const differing = { outcome: 'adopted', target: 'tenant acme', differences: [{ field: 'name', before: 'Acme Industrial', after: 'Acme Industrial GmbH' }] }
  const steps = [{ outcome: 'attested', by: 'lea@vendor.example', date: '2026-10-01' }, differing, { outcome: 'adopted', differences: [] }, { outcome: 'attested', by: 'eva@vendor.example' }]
  expect(await adopt('--dry-run')).toMatchObject({ outcome: 'planned', steps, head: null })
  expect((await onboard('audit', 'log', 'acme')).stdout).not.toContain('adopted')
  expect((await onboard('adopt', 'acme', '--from', 'past.yaml')).stdout).toMatch(/~ name +Acme Industrial → Acme Industrial GmbH[^]*One differs from the handoff/)
  expect(await adopt()).toMatchObject({ outcome: 'unchanged', head: null, steps: [{ outcome: 'unchanged' }, {}, {}, {}] })
  expect(await sql('SELECT name FROM tenants')).toEqual([{ name: 'Acme Industrial' }])

  const { result: plan } = await cliJson<Plan>('plan', ['plan', 'acme'], { cwd: dir, env })
  expect(plan.steps.map(({ key, action }) => `${key.step} ${action}`)).toEqual(['agreed none', 'tenant update', 'limits none', 'told none', 'there probe', 'seen ask'])
  expect((await onboard('apply', 'acme')).exit).toBe(5)
  expect(await sql('SELECT name FROM tenants')).toEqual([{ name: 'Acme Industrial GmbH' }])
  expect((await sql(`SELECT FROM onboard.journal WHERE step = 'told' AND kind <> 'attested'`)).length).toBe(0)
  expect((await onboard('audit', 'log', 'acme')).stdout).toMatch(/attested +one\.agreed +Lea Novak.* by hand on 2026-10-01 · as legal · evidence [0-9a-f]{12}/)
  // Only what we changed is undone: the tenant is as it was found, and is there.
  expect((await onboard('rollback', 'acme', '--to', 'one', '--confirm', 'acme')).exit).toBe(0)
  expect(await sql('SELECT name, status, settings FROM tenants')).toEqual([{ name: 'Acme Industrial', status: 'provisioning', settings: { limits: { users: 5 } } }])
  expect((await onboard('audit', 'verify', 'acme')).exit).toBe(0)
})

test('half of it now, the rest later: what a machine looks at in between is looked at', async () => {
  await past(`${AGREED}  one.tenant: found\n`)
  await adopt()
  await past(`${AGREED}  one.tenant: found\n  one.limits: found\n`)
  expect(await adopt()).toMatchObject({ outcome: 'adopted', steps: [{ outcome: 'unchanged' }, { outcome: 'unchanged' }, { outcome: 'adopted' }] })
})

test('all mistakes of the file at once, with their places, and nothing is written', async () => {
  await symlink(join(dir, 'contract.pdf'), join(dir, 'link.pdf'))
  await past(`  one.agreed: { by: eva@vendor.example, date: 2026-10-01, evidence: [contract.pdf] }
  one.tenat: found
  one.tenant: found
  one.limits: { by: nobody@else.example, date: 2026-10-01 }
  one.told: found
  one.there: found
  one.seen: { by: ada@acme.example, date: 2027-01-01, evidence: [link.pdf] }
`)
  await sql('DELETE FROM tenants')
  const { exit, stderr } = await onboard('adopt', 'acme', '--from', 'past.yaml')
  expect(exit).toBe(3)
  for (const said of [
    'past.yaml:4:3: error one.agreed: it is signed by legal; eva@vendor.example is engineering',
    'the runbook of acme has no step one.tenat; did you mean one.tenant?',
    'one.tenant: tenant acme is not there',
    'one.limits: ', 'is in the database, and is not there: a word does not take its place',
    'one.told: program touch is not there',
    'one.there: a machine looks at that',
    'one.seen: 2027-01-01 has not come',
    '7 mistakes; nothing was adopted',
  ]) expect(stderr).toContain(said)
  expect((await onboard('audit', 'log', 'acme')).stdout).not.toMatch(/adopted|attested/)
})

test.each([
  ['a file that is no YAML', '  one.agreed: [\n', /^3 /],
  ['a step that says nothing', '  one.agreed: maybe\n', /^3 [^]*must be found/],
  ['a word without its day', '  one.agreed: { by: lea@vendor.example }\n', /^3 [^]*date/],
  ['a word that needs evidence', '  one.agreed: { by: lea@vendor.example, date: 2026-10-01 }\n', /^3 [^]*evidence/],
  ['evidence that is not there', '  one.agreed: { by: lea@vendor.example, date: 2026-10-01, evidence: [gone.pdf] }\n', /^3 [^]*no file gone\.pdf/],
  ['a step whose turn has not come', '  one.tenant: found\n', /^3 [^]*needs one\.agreed: neither done nor in this file[^]*onboard apply acme --phase one/],
  ['a word in place of rows', '  one.agreed: found\n', /^3 [^]*a person answers that/],
])('%s is refused', async (_what, steps, said) => {
  await past(steps)
  const { exit, stderr } = await onboard('adopt', 'acme', '--from', 'past.yaml')
  expect(`${exit} ${stderr}`).toMatch(said)
})

test('the file of another customer is refused', async () => {
  await past(AGREED)
  await writeFile(join(dir, 'past.yaml'), (await readFile(join(dir, 'past.yaml'), 'utf8')).replace('adopt: acme', 'adopt: other'))
  expect((await onboard('adopt', 'acme', '--from', 'past.yaml')).exit).toBe(2)
})

describe('a tenant that is there before the first apply', () => {
  const theirs = () => sql('SELECT name, slug, plan, status, settings FROM tenants ORDER BY slug')
  const LEFT = { name: 'Acme Industrial', slug: 'acme', plan: 'enterprise', status: 'provisioning', settings: { limits: { users: 5 } } }
  beforeEach(async () => {
    expect((await onboard('sign', 'acme', 'one.agreed', '--signer', 'lea@vendor.example', '--evidence', 'contract.pdf')).exit).toBe(0)
  })

  test('is not taken over: plan and apply say what was found and the two ways on, and leave it as it is', async () => {
    const planned = await onboard('plan', 'acme')
    expect(planned.exit).toBe(7)
    expect(planned.stdout).toContain('tenant acme (Acme Industrial, enterprise, provisioning) is in the product already')
    for (const again of ['first', 'second']) {
      const { exit, stdout } = await onboard('apply', 'acme', '--yes')
      expect(`${again} ${exit}`).toBe(`${again} 7`)
      expect(stdout).toMatch(/acme has neither made nor adopted it[^]*one\.tenant: found[^]*→ .*onboard adopt acme --from FILE\n +(npx )?onboard rename acme NEW-SLUG\n/)
    }
    expect(await theirs()).toEqual([LEFT])
  })

  test('is not taken over either where it reads as the handoff wants it', async () => {
    await sql(`UPDATE tenants SET name = 'Acme Industrial GmbH'`)
    expect((await onboard('apply', 'acme', '--step', 'tenant')).exit).toBe(7)
    expect(await theirs()).toEqual([{ ...LEFT, name: 'Acme Industrial GmbH' }])
  })

  test('is this customer’s: it is adopted, and then kept', async () => {
    await past('  one.tenant: found\n')
    await adopt()
    expect((await onboard('apply', 'acme', '--step', 'tenant')).exit).toBe(0)
    expect(await theirs()).toEqual([{ ...LEFT, name: 'Acme Industrial GmbH' }])
    expect((await onboard('rollback', 'acme', '--to', 'one', '--confirm', 'acme')).exit).toBe(0)
    expect(await theirs()).toEqual([LEFT])
  })

  test('is another’s: the customer is renamed, and has a tenant of its own', async () => {
    expect((await onboard('rename', 'acme', 'acme-north')).exit).toBe(0)
    expect((await onboard('apply', 'acme-north', '--step', 'tenant')).exit).toBe(0)
    expect(await theirs()).toEqual([LEFT, expect.objectContaining({ name: 'Acme Industrial GmbH', slug: 'acme-north' })])
    expect((await onboard('apply', 'acme-north', '--step', 'tenant')).stdout).toContain('unchanged')
    // Its own follows a later name.
    await onboard('db', 'clock', '--to', '2026-11-20T10:00:00Z')
    expect((await onboard('rename', 'acme-north', 'north')).exit).toBe(0)
    expect((await onboard('apply', 'north', '--step', 'tenant')).exit).toBe(0)
    expect(await theirs()).toEqual([LEFT, expect.objectContaining({ name: 'Acme Industrial GmbH', slug: 'north' })])
  })

  test('was ours and undone: it is made again, also where it stayed', async () => {
    await sql('DELETE FROM tenants')
    expect((await onboard('apply', 'acme', '--step', 'tenant')).exit).toBe(0)
    await sql(`UPDATE tenants SET first_live_at = onboard.now(), status = 'live'`)
    expect((await onboard('rollback', 'acme', '--to', 'one', '--confirm', 'acme')).exit).toBe(0)
    expect(await sql('SELECT status FROM tenants')).toEqual([{ status: 'suspended' }])
    await onboard('sign', 'acme', 'one.agreed', '--signer', 'lea@vendor.example', '--evidence', 'contract.pdf')
    expect((await onboard('apply', 'acme', '--step', 'tenant')).exit).toBe(0)
  })

  test('is ours under another step, where a later runbook calls that otherwise', async () => {
    await sql('DELETE FROM tenants')
    expect((await onboard('apply', 'acme', '--step', 'tenant')).exit).toBe(0)
    const file = join(dir, 'runbooks/ours/phases/one.yaml')
    await writeFile(file, (await readFile(file, 'utf8')).replace('id: tenant,', 'id: company,'))
    await writeFile(join(dir, 'runbooks/ours/runbook.yaml'), (await readFile(join(dir, 'runbooks/ours/runbook.yaml'), 'utf8')).replace('1.0.0', '1.1.0'))
    expect((await onboard('upgrade', 'acme')).exit).toBe(0)
    const { exit, stdout } = await onboard('apply', 'acme', '--step', 'company')
    expect([exit, stdout]).toEqual([0, expect.stringContaining('unchanged')])
  })

  test('was ours, is gone, and is somebody else’s now', async () => {
    await sql('DELETE FROM tenants')
    expect((await onboard('apply', 'acme', '--step', 'tenant')).exit).toBe(0)
    expect((await onboard('rollback', 'acme', '--to', 'one', '--confirm', 'acme')).exit).toBe(0)
    await sql(`INSERT INTO tenants (name, slug, plan) VALUES ('Acme Industrial', 'acme', 'custom')`)
    await onboard('sign', 'acme', 'one.agreed', '--signer', 'lea@vendor.example', '--evidence', 'contract.pdf')
    expect((await onboard('apply', 'acme', '--step', 'tenant')).exit).toBe(7)
  })
})
