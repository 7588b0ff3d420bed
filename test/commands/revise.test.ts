import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RunResult } from '../../src/engine/ports.ts'
import type { Revised } from '../../src/onboarding/revise.ts'
import { superuser } from '../support/database.ts'
import { ownWorkspace, type OwnWorkspace } from '../support/own-runbook.ts'

let at: OwnWorkspace
const PHASE = `apiVersion: onboard/v1
phase: one
title: One
owner: [legal]
mode: parallel
steps:
  - { id: contract, title: Contract, uses: confirm, with: { text: "Signed?" }, binds: [handoff.commercial] }
  - { id: named, title: Name, uses: confirm, with: { text: "Is it \${{ handoff.company.name }}?" } }
  - { id: small, title: Small, uses: assert, with: { that: "\${{ handoff.commercial.users < 2000 }}", message: "\${{ handoff.commercial.users }} users are too many." } }
  - { id: hooks, title: Hooks, uses: assert, when: handoff.technical.webhooks, with: { that: true, message: No. } }
  - { id: known, title: Known, uses: confirm, when: discovery == null, with: { text: "Is it documented?" } }
`
const revise = (more = '') => at.json<Revised>('handoff-revise', `handoff revise acme --file new.yaml --reason 'as sold' ${more}`)
const given = async (...changes: (readonly [string | RegExp, string])[]) =>
  at.write('new.yaml', changes.reduce((text, [from, to]) => text.replace(from, to), await at.read('acme.yaml')))

beforeEach(async () => {
  at = await ownWorkspace({ roles: ['legal'], people: '  legal: [{ name: Lea, email: lea@vendor.example }]\n', phases: { one: PHASE } })
  expect(await at.run('handoff accept --file acme.yaml --runbook ours')).toMatchObject({ exit: 0 })
  expect((await at.run('sign acme contract --signer lea@vendor.example')).exit).toBe(0)
  expect((await at.run('sign acme named --signer lea@vendor.example')).exit).toBe(0)
  expect((await at.run('apply acme')).exit).toBe(0)
})
afterEach(() => at.remove())

test('accept points to revise; revise says what differs, what is void and what is planned again, and does nothing twice', async () => {
  await given(['users: 1000', 'users: 1200'], ['webhooks: false', 'webhooks: true'])
  const refused = await at.run('handoff accept --file new.yaml --runbook ours')
  expect([refused.exit, refused.stderr]).toEqual([7, expect.stringContaining('onboard handoff revise acme --file new.yaml --reason TEXT')])
  const found = {
    changes: [{ field: 'commercial.users', before: 1000, after: 1200 }, { field: 'technical.webhooks', before: false, after: true }],
    sign_offs: [{ step: 'one.contract', state: 'void' }, { step: 'one.named', state: 'kept' }],
    steps: [{ step: 'one.small', title: 'Small', why: 'inputs' }, { step: 'one.hooks', title: 'Hooks', why: 'begins' }],
  }
  const before = (await at.run('audit log acme --json')).stdout
  expect((await revise('--dry-run')).result).toMatchObject({ outcome: 'planned', head: null, ...found })
  expect((await at.run('audit log acme --json')).stdout).toBe(before)
  const { result } = await revise()
  expect(result).toMatchObject({ outcome: 'revised', inputs: [{ kind: 'handoff', version: 2 }], ...found })
  expect((await revise()).result).toMatchObject({ outcome: 'unchanged', changes: [], head: null })
  expect((await at.run('handoff accept --file new.yaml --runbook ours --json')).stdout).toContain('"unchanged"')
  const run = await at.json<RunResult>('run', 'apply acme')
  expect(run.result.steps.map(({ key, outcome }) => `${key.step} ${outcome}`)).toEqual(
    ['contract waiting', 'named unchanged', 'small changed', 'hooks changed', 'known skipped'])
  expect((await at.run('audit verify acme')).exit).toBe(0)
})

test('the chain holds digests and names of fields; values and the reason stand beside it', async () => {
  await given(['ada@acme.example', 'nia@acme.example'])
  await revise()
  const { entries } = JSON.parse((await at.run('audit log acme --json')).stdout) as { entries: { kind: string; facts: object; detail: object }[] }
  const entry = entries.find(({ kind }) => kind === 'revised')
  expect(entry?.facts).toMatchObject({ fields: ['contacts.primary[0].email'], inputs: [{ kind: 'handoff', version: 2 }], void: [] })
  expect(JSON.stringify(entry?.facts)).not.toMatch(/@|as sold/)
  expect(entry?.detail).toMatchObject({ reason: 'as sold', changes: [{ before: 'ada@acme.example', after: 'nia@acme.example' }] })
})

test('a go-live that has passed is in nobody’s way, unless it is the new one', async () => {
  expect((await at.run('db clock --to 2027-06-01T09:00:00Z')).exit).toBe(0)
  await given(['users: 1000', 'users: 900'])
  expect((await revise('--dry-run')).exit).toBe(0)
  await given([/go_live: [-0-9]+/, 'go_live: 2027-03-02'])
  const late = await at.run(`handoff revise acme --file new.yaml --reason x`)
  expect([late.exit, late.stderr]).toEqual([3, expect.stringContaining('is past: today is')])
})

test.each([
  [['slug: acme', 'slug: acme-two'], 7, 'onboard rename acme acme-two'],
  [['name: Acme Industrial GmbH', 'name: Bcme GmbH'], 7, 'onboard rename acme acme --company NAME'],
  [['plan: enterprise', 'plan: entreprise'], 3, 'did you mean enterprise?'],
] as const)('%j is refused, and nothing is stored', async (change, exit, says) => {
  await given([change[0], change[1]])
  const ran = await at.run("handoff revise acme --file new.yaml --reason 'x'")
  expect([ran.exit, ran.stderr]).toEqual([exit, expect.stringContaining(says)])
  expect((await at.run('audit log acme')).stdout).not.toContain('revised')
})

test('an empty reason is no reason', async () => {
  await given(['users: 1000', 'users: 900'])
  expect((await at.run("handoff revise acme --file new.yaml --reason ' '")).exit).toBe(2)
})

test('whether the time suffices is said for what is left, and for the go-live that holds', async () => {
  await at.write('runbooks/ours/phases/two.yaml', 'apiVersion: onboard/v1\nphase: two\ntitle: Two\nowner: [legal]\nduration: { min: 12w, max: 13w }\nsteps: [{ id: a, title: A, uses: confirm, with: { text: "?" } }]\n')
  await at.write('runbooks/ours/runbook.yaml', (await at.read('runbooks/ours/runbook.yaml')).replace('phases: [one]', 'phases: [one, two]').replace('1.0.0', '1.1.0'))
  expect((await at.run('upgrade acme')).exit).toBe(0)
  await given(['users: 1000', 'users: 1200'])
  expect((await revise('--dry-run')).result.feasibility).toEqual({ business_days: 60, earliest_go_live: '2027-02-12', go_live: '2027-02-15', fits: true })
  await given(['go_live: 2027-02-15', 'go_live: 2027-01-15'])
  expect((await revise('--dry-run')).result.feasibility).toMatchObject({ go_live: '2027-01-15', fits: false })
  await at.run('reschedule acme --go-live 2027-03-15 --reason later')
  await given(['users: 1000', 'users: 1200'])
  expect((await revise('--dry-run')).result.feasibility).toMatchObject({ go_live: '2027-03-15', fits: true })
})

test('a version without its journal entry is not kept', async () => {
  const owner = await superuser(at.env['ONBOARD_DATABASE_URL']?.replace(/^.*[:/]/, '').replace(/[?].*$/, ''))
  try {
    await owner.query(`CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$;
      CREATE TRIGGER zz_refuse BEFORE INSERT ON onboard.journal FOR EACH ROW WHEN (NEW.kind = 'revised') EXECUTE FUNCTION public.refuse()`)
    await given(['users: 1000', 'users: 900'])
    expect((await at.run('handoff revise acme --file new.yaml --reason x')).exit).not.toBe(0)
    expect((await at.json<{ handoff: { version: number } }>('handoff-show', 'handoff show acme')).result.handoff.version).toBe(1)
    await owner.query('DROP TRIGGER zz_refuse ON onboard.journal; DROP FUNCTION public.refuse()')
    expect((await revise()).result).toMatchObject({ outcome: 'revised', inputs: [{ version: 2 }] })
  } finally {
    await owner.end()
  }
})

test('two revisions at once: both are stored, or one is told of the other', async () => {
  await at.write('a.yaml', (await at.read('acme.yaml')).replace('users: 1000', 'users: 1100'))
  await at.write('b.yaml', (await at.read('acme.yaml')).replace('users: 1000', 'users: 1300'))
  const both = await Promise.all(['a', 'b'].map((file) => at.run(`handoff revise acme --file ${file}.yaml --reason x`)))
  const exits = both.map(({ exit }) => exit).toSorted()
  expect([[0, 0], [0, 7]]).toContainEqual(exits)
  const log = (await at.run('audit log acme')).stdout
  expect(log.match(/ revised /g)).toHaveLength(exits.filter((exit) => exit === 0).length)
  expect((await at.run('audit verify acme')).exit).toBe(0)
})

test('discovery: a new version, said with what it means; an invalid one changes nothing', async () => {
  const set = (text: string) => at.run('discovery set acme --file -', text)
  const good = 'users: { expected: 1800, growth_percent: 20 }\nstorage_gb: 500\nsystems: [Salesforce]\nsecurity: { mfa: true, ip_allowlist: [] }\nnetwork: { firewall: [], proxy: null }\n'
  const ran = await set(good)
  expect([ran.exit, ran.stderr]).toEqual([0, expect.stringContaining('1800 users are expected, and 1000 are contracted')])
  expect(ran.stdout).toMatch(/discovery\.users\.expected\s+800 → 1800/)
  expect((await set(good)).stdout).toContain('unchanged')
  const bad = await set(good.replace('storage_gb: 500\n', ''))
  expect([bad.exit, bad.stderr]).toEqual([3, expect.stringContaining('storage_gb is missing')])
  // The handoff's own discovery is an older one now: a revision of the rest says so, and does not bring it back unseen.
  await at.json<Revised>('contact-set', "contact set acme it_admin --name 'Uta Kern' --email uta@acme.example")
  const { result } = await at.json<{ discovery: { version: number; document: { users: { expected: number } } } }>('handoff-show', 'handoff show acme')
  expect([result.discovery.version, result.discovery.document.users.expected]).toEqual([2, 1800])
  expect((await at.run('handoff show acme --source')).stdout).not.toContain('discovery:')
})

test('contacts: set, add, remove; comments of the file stay; mistakes are told with the command to type', async () => {
  await at.json<Revised>('contact-set', "contact set acme it_admin --name 'Uta Kern' --email uta@acme.example --phone '+49 30 1'")
  const set = await at.json<Revised>('contact-set', "contact set acme it_admin --name 'Uta Kern' --email uta@acme.example --phone '+49 30 1'")
  expect(set.result.outcome).toBe('unchanged')
  await at.json('contact-set', "contact set acme technical --name 'Nia Osei' --email nia@acme.example --add")
  const source = (await at.run('handoff show acme --source')).stdout
  expect(source).toMatch(/^# What sales knows of Acme/)
  expect(source).toContain('{ name: Uta Kern, email: uta@acme.example }, { name: Nia Osei, email: nia@acme.example }')
  expect(source).toContain('discovery:')
  expect((await at.run('handoff show acme --version 1 --source')).stdout).toBe(await at.read('acme.yaml'))
  expect((await at.json<{ handoff: { version: number } }>('handoff-show', 'handoff show acme --version 2')).result.handoff.version).toBe(2)
  expect((await at.run('handoff show acme --version 9')).exit).toBe(2)
  const { result } = await at.json<{ contacts: { role: string; email: string }[]; empty: { role: string }[] }>('contact-list', 'contact list acme')
  expect(result.contacts.map(({ role, email }) => `${role} ${email}`)).toContain('it_admin uta@acme.example')
  expect(result.empty.map(({ role }) => role)).toContain('primary_user')
  await at.json('contact-remove', 'contact remove acme technical --email tom@acme.example')
  expect((await at.run('contact list acme')).stdout).not.toContain('tom@acme.example')
  const cases = [
    ['contact remove acme primary', 3, 'onboard contact set acme primary --name NAME --email MAIL'],
    ['contact remove acme technical --email tom@acme.example', 2, 'is not among the technical contacts'],
    ["contact set acme it-admn --name x --email y@acme.example", 2, 'did you mean it_admin?'],
    ["contact set acme legal --name x --email y@acme.example", 2, 'stand in onboard.config.yaml under roles'],
    ["contact set acme it-admin --name x --email y", 3, 'must be an e-mail address'],
  ] as const
  for (const [line, exit, says] of cases) {
    const ran = await at.run(line)
    expect([ran.exit, ran.stderr], line).toEqual([exit, expect.stringContaining(says)])
  }
})

test('a run that read its inputs before a revision, and has its lock after it, does nothing', async () => {
  await given(['users: 1000', 'users: 1200'])
  const { Context } = await import('../../src/cli/context.ts')
  const { apply } = await import('../../src/engine/apply.ts')
  const context = new Context({ env: at.env, cwd: at.cwd } as never, {})
  const work = await context.work('acme')
  await revise()
  const before = (await at.run('audit log acme --json')).stdout
  await expect(apply(work)).rejects.toMatchObject({ kind: 'conflict', code: 'outdated', message: expect.stringContaining('its handoff was revised') as string })
  await context.close()
  expect((await at.run('audit log acme --json')).stdout).toBe(before)
  expect((await at.run('apply acme')).exit).toBe(5)
})

test('what only waits for a word that is void now is not said to be void, nor to apply, itself', async () => {
  await at.write('runbooks/ours/phases/two.yaml', `apiVersion: onboard/v1
phase: two
title: Two
owner: [legal]
steps:
  - { id: there, title: There, uses: assert, with: { that: false, message: No. }, waivable_by: [legal] }
  - { id: known, title: Known, uses: assert, with: { that: true, message: No. } }
  - { id: more, title: More, uses: assert, when: steps.there.outputs != null, with: { that: true, message: No. } }
  - { id: said, title: Said, uses: confirm, with: { text: "Done?" }, binds: [steps.known.outputs] }
`)
  await at.write('runbooks/ours/runbook.yaml', (await at.read('runbooks/ours/runbook.yaml')).replace('phases: [one]', 'phases: [one, two]').replace('1.0.0', '1.1.0'))
  expect((await at.run('upgrade acme')).exit).toBe(0)
  expect((await at.run("waive acme two.there --signer lea@vendor.example --until 2027-12-31 --reason 'not yet'")).exit).toBe(0)
  await at.run('apply acme')
  expect((await at.run('sign acme two.said --signer lea@vendor.example')).exit).toBe(0)
  expect((await at.run('apply acme')).exit).toBe(0)
  await given(['users: 1000', 'users: 1200'])
  const { sign_offs, steps } = (await revise('--dry-run')).result
  expect(sign_offs).toEqual([{ step: 'one.contract', state: 'void' }, { step: 'one.named', state: 'kept' }, { step: 'two.said', state: 'kept' }])
  expect(steps.map(({ step }) => step)).toEqual(['one.small'])
})
