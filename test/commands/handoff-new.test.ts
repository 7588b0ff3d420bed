import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cli } from '../support/cli.ts'
import { atTerminal, hasTerminal, KEYS, type Turn } from '../support/terminal.ts'

const { enter, down, ctrlC, ctrlD, clear } = KEYS
let cwd = ''
let home = ''
const at = (name: string) => join(cwd, name)
const talk = (turns: readonly Turn[], ...more: string[]) => atTerminal(['handoff', 'new', ...more], turns, { cwd, env: { HOME: home } })
const draft = async () => (JSON.parse(await readFile(at('handoff.yaml.draft'), 'utf8')) as { answers: Record<string, unknown> }).answers

/** A customer without single sign-on and SCIM, in another region. */
const FIRST: readonly Turn[] = [
  ['company.name', `Acme Industrial GmbH${enter}`], ['company.slug', enter], ['company.timezone', enter],
  ['contacts.primary.name', `Ada Meier${enter}`],
  ['contacts.primary.email', `ada${enter}`], ['must be an e-mail address', `${clear}ada@acme.example${enter}`],
  ['contacts.primary.phone', enter],
]
const THEN: readonly Turn[] = [
  ['contacts.technical.name', `Tom Braun${enter}`], ['contacts.technical.email', `tom@acme.example${enter}`], ['contacts.technical.phone', enter],
  ['contacts.executive_sponsor.name', enter], ['contacts.technical_lead.name', enter], ['contacts.it_admin.name', enter],
  ['contacts.primary_user.name', enter],
  ['dates.contract_start', `2099-02-30${enter}`], ['that month has 28 days', `${clear}2099-02-02${enter}`],
  ['dates.go_live', `2099-01-05${enter}`], ['must be after', `${clear}2099-06-01${enter}`],
  ['commercial.plan', down + enter], ['commercial.users', `many${enter}`], ['must be a whole number', `${clear}1000${enter}`],
  ['commercial.term_months', `36${enter}`], ['commercial.sla', enter],
  ['technical.sso.required', down + enter], ['technical.scim.required', down + enter],
  ['technical.api_access', enter], ['technical.webhooks', down + enter],
  ['technical.integrations[0].name', `Salesforce${enter}`], ['technical.integrations[0].kind', `crm${enter}`], ['technical.integrations[1].name', enter],
  ['compliance.residency', down + down + enter], ['compliance.residency_other', `Switzerland${enter}`],
  ['compliance.questionnaire_completed', enter], ['compliance.dpa_required', enter], ['compliance.certifications', `soc2, iso27001${enter}`],
  ['external.crm', enter], ['external.contract_ref', enter], ['notes', enter], ['discovery', down + enter],
]

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'onboard-new-'))
  home = await mkdtemp(join(tmpdir(), 'onboard-home-'))
})
afterEach(() => Promise.all([cwd, home].map((dir) => rm(dir, { recursive: true }))))

test.skipIf(!hasTerminal)('left with Ctrl-C, gone on with, changed at the end, written: only what applies is asked', { timeout: 60_000 }, async () => {
  const left = await talk([...FIRST, ['contacts.technical.name', ctrlC]])
  expect([left.exit, left.text]).toEqual([130, expect.stringContaining('6 answers are kept in handoff.yaml.draft')])
  expect((await stat(at('handoff.yaml.draft'))).mode & 0o777).toBe(0o600)
  expect(await readdir(cwd)).toEqual(['handoff.yaml.draft'])

  const done = await talk([
    ...THEN,
    ['Is this right?', down + enter], ['Which answer?', enter], ['company.name', `${clear}Acme AG${enter}`],
    ['Is this right?', enter],
  ])
  expect(done).toMatchObject({ exit: 0, reached: THEN.length + 4 })
  expect(done.text).toContain('Goes on with the 6 answers')
  expect(done.text).not.toMatch(/technical\.sso\.idp|commercial\.limits|technical\.scim\.groups/)
  expect(done.text).toMatch(/\d+ business days at least before go-live: earliest 20\d\d-\d\d-\d\d, wanted 2099-06-01/)
  expect(done.text).toContain('onboard handoff accept --file handoff.yaml')
  expect(await readdir(cwd)).toEqual(['handoff.yaml'])
  const written = await readFile(at('handoff.yaml'), 'utf8')
  expect(written).toMatch(/^ {2}name: Acme AG +# Name of the company/m)
  expect(written).toMatch(/^ {2}plan: enterprise /m)
  expect(written).toMatch(/^ {2}integrations: \[\{ name: Salesforce, kind: crm \}\]/m)
  expect(await cli(['handoff', 'check', '--file', 'handoff.yaml'], { cwd })).toMatchObject({ exit: 0 })
  const again = await talk([])
  expect([again.exit, again.text]).toEqual([7, expect.stringContaining('handoff.yaml is there already')])
})

test.skipIf(!hasTerminal)('the end of input leaves it as Ctrl-C does; before the first answer there is no draft', async () => {
  const none = await talk([['company.name', ctrlD]])
  expect([none.exit, none.text]).toEqual([130, expect.stringContaining('nothing was answered yet')])
  expect(await readdir(cwd)).toEqual([])
  const one = await talk([['company.name', `Acme${enter}`], ['company.slug', ctrlD]])
  expect([one.exit, one.text]).toEqual([130, expect.stringContaining('1 answer is kept')])
  expect(await draft()).toEqual({ 'company.name': 'Acme' })
})

test.skipIf(!hasTerminal)('an answer of a draft that does not hold any more is asked again; --restart asks all', async () => {
  await writeFile(at('handoff.yaml.draft'), JSON.stringify({ answers: { 'company.name': 'Demo', 'company.slug': 'demo', 'no.such': 1 } }))
  const asked = await talk([['company.slug', ctrlC]])
  expect([asked.exit, asked.text]).toEqual([130, expect.stringContaining('1 answer is kept')])
  expect((await talk([['company.name', ctrlC]], '--restart')).text).toContain('nothing was answered yet')
})

test.skipIf(!hasTerminal)('a draft that is none, or a link, is left alone', async () => {
  await writeFile(at('handoff.yaml.draft'), 'my notes')
  expect(await talk([])).toMatchObject({ exit: 3, text: expect.stringContaining('is no draft of a handoff') as string })
  expect(await readFile(at('handoff.yaml.draft'), 'utf8')).toBe('my notes')
  await symlink('elsewhere', at('other.yaml.draft'))
  expect(await talk([], '--file', 'other.yaml')).toMatchObject({ exit: 3, text: expect.stringContaining('is a link') as string })
})

/** Every question of a small customer, answered. */
const ANSWERS = {
  'company.name': 'Acme', 'company.slug': null, 'company.timezone': 'UTC',
  ...Object.fromEntries(['primary', 'technical'].flatMap((who) => [[`contacts.${who}.name`, 'Ada'], [`contacts.${who}.email`, 'ada@acme.example'], [`contacts.${who}.phone`, null]])),
  ...Object.fromEntries(['executive_sponsor', 'technical_lead', 'it_admin', 'primary_user'].map((who) => [`contacts.${who}.name`, null])),
  'dates.contract_start': '2099-02-02', 'dates.go_live': '2099-06-01',
  'commercial.plan': 'professional', 'commercial.users': 5, 'commercial.term_months': 12, 'commercial.sla': 'gold',
  'technical.sso.required': false, 'technical.scim.required': false, 'technical.api_access': true, 'technical.webhooks': false, 'technical.integrations': [],
  'compliance.residency': 'eu', 'compliance.questionnaire_completed': true, 'compliance.dpa_required': false, 'compliance.certifications': [],
  'external.crm': null, 'external.contract_ref': null, notes: null, discovery: false,
}

test.skipIf(!hasTerminal)('to standard output, which is a file: the questions stay at the terminal, the draft goes once it is out', async () => {
  await writeFile(at('handoff.yaml.draft'), JSON.stringify({ answers: ANSWERS }))
  const env = { HOME: home }
  const left = await atTerminal(['handoff', 'new', '--file', '-'], [['Is this right?', down + down + enter]], { cwd, env, into: 'out.yaml' })
  expect(left).toMatchObject({ exit: 130, reached: 1 })
  expect(await readdir(cwd)).toEqual(['handoff.yaml.draft', 'out.yaml'])
  const done = await atTerminal(['handoff', 'new', '--file', '-'], [['Is this right?', enter]], { cwd, env, into: 'out.yaml' })
  expect(done).toMatchObject({ exit: 0, reached: 1 })
  expect(await readdir(cwd)).toEqual(['out.yaml'])
  expect(await readFile(at('out.yaml'), 'utf8')).toMatch(/^# Sales handoff[^]*\n {2}users: 5 /)
})

test('off a terminal it says how else a handoff is made', async () => {
  for (const more of [[], ['--no-input'], ['--json']]) {
    const { exit, stdout, stderr } = await cli(['handoff', 'new', ...more], { cwd })
    expect([exit, stdout + stderr]).toEqual([2, expect.stringContaining('onboard handoff template')])
  }
})
