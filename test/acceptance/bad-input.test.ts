/** What a user can get wrong: a message with the place and the way out, the right exit code, and nothing changed. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { expectResult } from '../support/cli.ts'
import { everything } from './everything.ts'
import type { Ended } from './process.ts'
import { readyToProvision, world, type World } from './world.ts'

const CLOCK = '2098-11-20T09:00:00Z'
let here: World
let handoff: string

beforeAll(async () => {
  here = await world('plans', { simulated: CLOCK })
  handoff = readFileSync(join(here.cwd, 'harbour.handoff.yaml'), 'utf8')
  await readyToProvision(here)
}, 120_000)

interface Failure {
  readonly error: { readonly exit: number; readonly code: string; readonly message: string; readonly diagnostics: readonly { readonly message: string; readonly field?: string }[] }
}

/** Every text that a handoff can have. */
const person = (name: string) => ({ name, email: `${name}@harbour.example`, phone: '+49 30 1234567' })
const FULL = {
  company: { name: 'Harbour', slug: 'harbour', timezone: 'Europe/Berlin' },
  contacts: { primary: person('zoe'), technical: [person('tom')], executive_sponsor: person('eli'), technical_lead: person('lea'), it_admin: person('ida'), primary_user: person('pia') },
  admin: person('ada'),
  dates: { contract_start: '2098-11-10', go_live: '2099-02-02' },
  commercial: { plan: 'enterprise', users: 40, term_months: 24, sla: 'gold' },
  technical: { sso: { required: true, provider: 'saml', idp: 'okta', test_user: 'sso@harbour.example' }, scim: { required: false }, api_access: true, webhooks: false, integrations: [{ name: 'Cranes', kind: 'plc' }] },
  compliance: { residency: 'other', residency_other: 'Japan', questionnaire_completed: true, dpa_required: false, certifications: ['soc2'] },
  external: { crm: 'salesforce', account_id: 'a', contract_ref: 'c' },
  notes: 'n',
  discovery: { users: { expected: 1, growth_percent: 1 }, storage_gb: 1, systems: ['Cranes'], security: { mfa: true, ip_allowlist: ['203.0.113.0/24'] }, network: { firewall: ['f'], proxy: 'p' } },
}

interface More {
  readonly from?: World
  /** The command that is run for programs, where it is another one. */
  readonly also?: string
  readonly env?: Record<string, string>
  readonly stdin?: string | Uint8Array
}

/** Runs it for people and for programs: same exit, no stack trace, no control characters, nothing changed. */
async function refused(line: string, exit: number, says: RegExp | string, { from = here, also = line, ...more }: More = {}): Promise<Failure['error']> {
  const before = await everything(from.database)
  const [people, programs] = await Promise.all([from.run(line, more), from.run(`${also} --json`, more)])
  expect([people.exit, people.stderr]).toEqual([exit, expect.stringMatching(says)])
  clean(people)
  expect([programs.exit, programs.stderr]).toEqual([exit, ''])
  const failure = JSON.parse(programs.stdout) as Failure
  expectResult('error', failure)
  expect(failure.error.exit).toBe(exit)
  expect(await everything(from.database)).toEqual(before)
  return failure.error
}

function clean({ stdout, stderr }: Ended): void {
  expect(stderr).toMatch(/^error: /)
  expect(stdout).toBe('')
  expect(stderr).not.toMatch(/\n\s+at .*[:(]\d+:\d+\)?$/m)
  expect(stderr).not.toMatch(CONTROLS)
}

// oxlint-disable-next-line no-control-regex -- the very thing that must not be printed
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

const changed = (before: string | RegExp, after: string) => () => {
  const text = handoff.replace(before, () => after)
  expect(text).not.toBe(handoff)
  return text
}

/** [what is wrong, the file, what is said of it and where] */
const FILES: readonly (readonly [string, () => string | Uint8Array, RegExp])[] = [
  ['malformed YAML', changed('dates: {', 'dates: {{'), /bad\.yaml:\d+:\d+: error/],
  ['malformed JSON', () => '{ "company": { "name": "Acme", } }', /bad\.json:1:\d+: error/],
  ['an unknown key', changed('contract_start:', 'contract_strat:'), /bad\.yaml:\d+:\d+: error .*contract_strat.*contract_start/],
  ['a key that is there twice', changed('term_months:', 'users: 7, term_months:'), /bad\.yaml:\d+:\d+: error .*users/],
  ['a wrong type', changed('users: 40', 'users: many'), /bad\.yaml:\d+:\d+: error .*users/],
  ['an impossible date', changed('2099-02-02', '2099-02-30'), /bad\.yaml:\d+:\d+: error .*(?:go_live|2099-02-30)/],
  ['go-live in the past', () => handoff.replace('slug: harbour', 'slug: other').replace(/contract_start: \S+ go_live: \S+/, 'contract_start: 2019-01-07, go_live: 2020-01-06'), /bad\.yaml:\d+:\d+: error .*go_live/],
  ['a bad mail address', changed('joerg@harbour.example', 'joerg@@harbour'), /bad\.yaml:\d+:\d+: error .*joerg@@harbour/],
  ['a bad CIDR', () => `${handoff}discovery:\n  users: { expected: 10, growth_percent: 1 }\n  storage_gb: 5\n  systems: []\n  security: { mfa: true, ip_allowlist: [203.0.113.0/33] }\n  network: { firewall: [], proxy: null }\n`, /bad\.yaml:\d+:\d+: error .*203\.0\.113\.0\/33/],
  ['a reserved slug', changed('slug: harbour', 'slug: status'), /bad\.yaml:\d+:\d+: error .*status/],
  ['a slug that cannot be derived', changed(/name: Harbour.*?, slug: harbour/, 'name: 株式会社'), /bad\.yaml:\d+:\d+: error .*company\.slug/],
  ['bytes that are not UTF-8', () => Buffer.concat([Buffer.from(handoff), Buffer.from('notes: "\xe9"\n', 'latin1')]), /bad\.yaml:\d+:\d+: error .*UTF-8/],
  ['50 MB', () => Buffer.alloc(50 * 1024 * 1024, '#'), /bad\.yaml.*52428800 bytes/],
  ['an alias bomb', () => 'a: &a [x, x, x, x, x, x, x, x, x]\n' + [...'bcdefghij'].map((name, i) => `${name}: &${name} [${Array<string>(9).fill(`*${'abcdefghi'[i]}`).join(', ')}]`).join('\n'), /bad\.yaml(?::\d+:\d+)?.*alias/i],
  ['nothing at all', () => '', /bad\.yaml.*/],
]

describe('a handoff file', () => {
  test.each(FILES)('with %s is neither checked nor accepted', async (what, make, says) => {
    const file = what.endsWith('JSON') ? 'bad.json' : 'bad.yaml'
    here.write(file, make())
    const error = await refused(`handoff check --file ${file}`, 3, says, { also: `handoff accept --file ${file} --runbook enterprise` })
    expect(`${error.message} ${JSON.stringify(error.diagnostics)}`).toContain(file)
  })

  test('that is not there, is a folder, or is a device', async () => {
    await refused('handoff check --file nothing.yaml', 3, /nothing\.yaml does not exist|no file nothing\.yaml/)
    await refused('handoff check --file .', 3, /folder/)
    await refused('handoff check --file /dev/zero', 3, /\/dev\/zero is no regular file/)
  })

  test('that comes by a pipe is refused at the same place', async () => {
    await refused('handoff check --file -', 3, /:\d+:\d+: error .*many/, { stdin: handoff.replace('users: 40', 'users: many') })
  })

  test('with a slug that another company has', async () => {
    here.write('bad.yaml', handoff.replace(/name: Harbour[^,]*/, 'name: Somebody Else Ltd'))
    await refused('handoff accept --file bad.yaml --runbook enterprise', 3, /the slug harbour is that of .* company\.slug/)
  })

  test('with terminal control characters in any field is refused, and none of them is printed', async () => {
    const texts: string[] = []
    const spoilt = (value: unknown, path: string): unknown => {
      if (Array.isArray(value)) return value.map((one, i) => spoilt(one, `${path}.${i}`))
      if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, spoilt(one, path === '' ? key : `${path}.${key}`)]))
      if (typeof value !== 'string') return value
      texts.push(path)
      return `${value}\u001b]0;pwned\u0007\u001b[2J\u202e\u0085`
    }
    here.write('bad.json', JSON.stringify(spoilt(FULL, ''), null, 1))
    const { diagnostics } = await refused('handoff check --file bad.json', 3, /bad\.json:\d+:\d+: error/)
    expect(texts.filter((path) => !diagnostics.some(({ field }) => field?.replaceAll(/\[(\d+)\]/g, '.$1') === path))).toEqual([])
    expect(JSON.stringify(diagnostics)).not.toMatch(CONTROLS)
    here.write('bad.yaml', Buffer.from(handoff.replace('Harbour', 'Har\u001b[31mbour')))
    await refused('handoff accept --file bad.yaml --runbook enterprise', 3, /bad\.yaml:1:\d+: error/)
  })
})

/** [command, exit code, what is said] */
const COMMANDS: readonly (readonly [string, number, RegExp])[] = [
  ['plan nobody', 2, /no onboarding 'nobody'/],
  ['apply harbor', 2, /did you mean harbour/i],
  ['apply harbour --step tenent', 2, /tenent/],
  ['apply harbour --phase nothing', 2, /nothing/],
  ['sign harbour nothing --signer eva@vendor.example', 2, /nothing/],
  ['sign harbour first_login --signer eva@vendor.example', 5, /first_login cannot be signed yet: needs provision\.administrator/],
  ['sign harbour session_ends --signer eva@vendor.example', 5, /session_ends cannot be signed yet: needs provision$/m],
  ['sign harbour contract_signed --signer eva@vendor.example', 9, /contract_signed is signed by legal/],
  ['waive harbour tenant --reason x --until 2099-01-01 --signer eva@vendor.example', 9, /waived by nobody/],
  ['rollback harbour --to nothing --confirm harbour', 2, /nothing/],
  ['secret reissue harbour administrator --secrets-out s.jsonl', 5, /administrator/],
  ['status harbour --database-url postgres://eva:geheim@db.vendor.example/x', 2, /password/],
  ['status harbour --database-url mysql://db/x', 2, /--database-url/],
  ['status harbour --workspace nowhere', 2, /nowhere/],
  ['audit verify nobody', 2, /nobody/],
  ['unlock nobody --reason x', 2, /nobody/],
  ['runbook lint nothing', 2, /nothing/],
  ['action show tenant.recrd', 2, /tenant\.record/],
]

describe('a command that names what is not there, or not yet', () => {
  test.each(COMMANDS)('onboard %s', async (line, exit, says) => {
    await refused(line, exit, says)
  })
})

test('SQL in every field and names in any script go through the whole and stay as they are', async () => {
  const there = await world('plans', { simulated: CLOCK })
  const sql = `'); DROP TABLE tenants; --`
  const texts: Record<string, string> = {
    'Harbour & Söhne AG': `Ὅμηρος ${sql} 東京 עברית`,
    "Zoë O'Neill": `زينب ${sql}`,
    'Jörg Müller': `ጆርጅ ${sql} 👩‍🚀`,
  }
  const made = Object.entries(texts).reduce((text, [from, to]) => text.replaceAll(from, () => JSON.stringify(to)), handoff.replace('integrations: []', `integrations: [{ name: ${JSON.stringify(sql)}, kind: ${JSON.stringify(sql)} }]`))
  there.write('harbour.handoff.yaml', `${made}notes: ${JSON.stringify(`$(reboot) ${sql} \${{ 1 }}`)}\n`)
  await readyToProvision(there)
  await there.done('provision harbour --secrets-out s.jsonl', 5)
  const [tenant] = await there.sql('SELECT name FROM tenants')
  const [user] = await there.sql('SELECT full_name FROM users')
  expect([tenant?.['name'], user?.['full_name']]).toEqual([texts['Harbour & Söhne AG'], texts['Jörg Müller']])
  const { stdout } = await there.done('status harbour')
  expect(stdout).toContain('東京')
  await there.done('audit verify harbour')
}, 60_000)
