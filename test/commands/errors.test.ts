import { copyFile, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { environmentOf, testDatabase } from '../support/database.ts'
import { cli, cliJson, expectResult } from '../support/cli.ts'

interface Failure {
  readonly error: { readonly kind: string; readonly code: string; readonly message: string; readonly suggestions: readonly string[]; readonly exit: number }
}

let world: { cwd: string; env: Record<string, string> }

beforeAll(async () => {
  const cwd = await mkdtemp(join(tmpdir(), 'onboard-errors-'))
  world = { cwd, env: environmentOf(await testDatabase()) }
  await cli(['init'], world)
  await cli(['handoff', 'accept', '--file', 'acme.handoff.yaml'], world)
  await writeFile(join(cwd, 'plan.json'), '{ "onboarding": 1 }')
})

const CASES: readonly (readonly [line: string, exit: number, code: string, says: RegExp])[] = [
  ['plna', 2, 'unknown-command', /no command plna/],
  ['audti log acme', 2, 'unknown-command', /no command audti/],
  ['plan', 2, 'customer-needed', /plan needs a CUSTOMER/],
  ['apply', 2, 'missing-argument', /onboard apply needs CUSTOMER/],
  ['sign acme', 2, 'missing-argument', /onboard sign needs STEP/],
  ['plan acme more', 2, 'unexpected-argument', /does not take: more/],
  ['plan acme --phse provision', 2, 'unknown-flag', /--phse \(did you mean --phase\?\)/],
  ['plan acme --phase', 2, 'usage', /--phase expects a value/],
  ['plan acme --format xml', 2, 'usage', /github, junit/],
  ['apply acme --plan plan.json --phase provision', 2, 'usage', /--plan|--phase/],
  ['waive acme tenant --until 2027-01-01', 2, 'usage', /--?reason|reason/],
  ['handoff check --file ', 2, 'empty-path', /is empty/],
  ['plan acme --out ', 2, 'empty-path', /is empty/],
  ['plan acne', 2, 'unknown-customer', /did you mean acme/i],
  ['status zzzzzz', 2, 'unknown-customer', /no onboarding 'zzzzzz'/],
  ['plan acme/eu', 2, 'unknown-customer', /acme\/eu/],
  ['plan acme --phase provisoin', 2, 'unknown-phase', /did you mean provision/],
  ['plan acme --step tenent', 2, 'unknown-step', /no step 'tenent'/],
  ['sign acme tenant --signer eva@vendor.example', 2, 'not-signable', /provision\.tenant/],
  ['sign acme contract_signed --signer lae@vendor.example --note x', 9, 'unknown-signer', /did you mean lea@vendor\.example/],
  ['sign acme contract_signed --on-behalf-of nobody', 2, 'unknown-contact', /primary \(ada@acme\.example\)/],
  ['apply acme --plan plan.json', 3, 'plan-invalid', /plan\.json/],
  ['apply acme --plan nothing.json', 3, 'unreadable-file', /no file nothing\.json/],
  ['secret reissue acme tenant --secrets-out x.jsonl', 2, 'no-secret', /provision\.tenant/],
  ['status --workspace /no/such/folder', 2, 'no-such-folder', /no folder/],
  ['status --database-url postgres://ada:geheim@db.vendor.example/onboard', 2, 'password-in-flag', /password/],
  ['status --database-url postgres://ada@127.0.0.1:1/onboard', 8, 'database-unreachable', /127\.0\.0\.1:1/],
]

describe.each(CASES)('onboard %s', (line, exit, code, says) => {
  test('says what is wrong and what to type', async () => {
    const ran = await cli(line.split(' '), world)
    expect(ran.exit).toBe(exit)
    expect(ran.stdout).toBe('')
    expect(ran.stderr).toMatch(says)
    expect(ran.stderr).toMatch(/^error: /)
    expect(ran.stderr).not.toMatch(/\n\s+at .*:\d+:\d+\)?$/m)
    expect(ran.stderr).not.toContain('geheim')
  })
  test('says the same as JSON, with the same exit code', async () => {
    const ran = await cli([...line.split(' '), '--json'], world)
    expect([ran.exit, ran.stderr]).toEqual([exit, ''])
    const failure = JSON.parse(ran.stdout) as Failure
    expectResult('error', failure)
    expect(failure.error).toMatchObject({ code, exit })
    expect(failure.error.message).toMatch(says)
    for (const one of failure.error.suggestions) expect(one).toMatch(/^(onboard|export|npm) /)
    expect(ran.stdout).not.toContain('geheim')
  })
})

test('a file that cannot be taken: the line is said again with FILE in its place', async () => {
  const cases: readonly (readonly [string, string])[] = [
    ['handoff check --file nowhere.yaml', 'onboard handoff check --file FILE'],
    ['handoff accept --file=nowhere.yaml --accepted-by eva@vendor.example', 'onboard handoff accept --file=FILE --accepted-by eva@vendor.example'],
    ["sign acme contract_signed --evidence no.pdf --note a\tb", "onboard sign acme contract_signed --evidence FILE --note 'a\tb'"],
    ['sign acme contract_signed --evidence .', 'onboard sign acme contract_signed --evidence FILE'],
    ['adopt acme --from nowhere.yaml', 'onboard adopt acme --from FILE'],
    ['discovery set acme -w . --file nowhere.yaml', 'onboard discovery set acme --file FILE'],
    ['discovery set acme --file nowhere.yaml -w . --database-url=embedded:x', 'onboard discovery set acme --file FILE'],
  ]
  for (const [line, again] of cases) {
    const { exit, result } = await cliJson<Failure>('error', line.split(' '), world)
    expect([line, exit, result.error.suggestions]).toEqual([line, 3, [again]])
  }
})

test('a line is said again whole: what was given with it is not typed twice', async () => {
  const cases: readonly (readonly [string[], string])[] = [
    [['sign', 'acme', 'contract_signed', '--note', "it's here", '--signer', 'lae@vendor.example'], "onboard sign acme contract_signed --note 'it'\\''s here' --signer lea@vendor.example"],
    [['sign', 'acme', 'contract_signed', '--note=x y', '--on-behalf-of', 'nobody'], "onboard sign acme contract_signed '--note=x y' --on-behalf-of ada@acme.example"],
    [['reject', 'acme', 'contract_signed', '--signer=lae@vendor.example', '--reason', 'clause 4'], "onboard reject acme contract_signed --reason 'clause 4' --signer lea@vendor.example"],
    [['waive', 'acme', 'questionnaire', '--until', '2027-02-30', '--reason', 'in January'], "onboard waive acme questionnaire --reason 'in January' --until 2027-06-30"],
    [['hold', 'acme', '--reason', 'a freeze', '--signer', 'lae@vendor.example'], "onboard hold acme --reason 'a freeze' --signer lea@vendor.example"],
    [['reschedule', 'acme', '--go-live', '2027-03-01', '--even-if-late', '--reason', 'later', '--signer', 'lae@vendor.example'], 'onboard reschedule acme --go-live 2027-03-01 --even-if-late --reason later --signer lea@vendor.example'],
    [['hypercare', 'close', 'acme', '--note', 'all well', '--signer', 'lae@vendor.example'], "onboard hypercare close acme --note 'all well' --signer lea@vendor.example"],
    [['rollback', 'acme', '--condition', 'crtical', '--reason', 'logins fail', '--confirm', 'acme'], "onboard rollback acme --reason 'logins fail' --confirm acme --condition critical"],
    [['rollback', 'acme', '--condition', 'critical', '--confirm', 'acme'], 'onboard rollback acme --confirm acme --condition critical --reason TEXT'],
    [['secret', 'reissue', 'acme', 'provision.administrator'], 'onboard secret reissue acme provision.administrator --secrets-out secrets.jsonl'],
  ]
  for (const [argv, again] of cases) {
    const { result } = await cliJson<Failure>('error', argv, world)
    expect([argv.join(' '), result.error.suggestions]).toEqual([argv.join(' '), [again]])
  }
})

test.each([
  ['secret reissue acme provision.administrator --secrets-out -', 'onboard secret reissue acme provision.administrator --secrets-out secrets.jsonl'],
  ['provision acme --step tenant --secrets-out=-', 'onboard provision acme --step tenant --secrets-out secrets.jsonl'],
  ['rollback acme --to provision --confirm acme --secrets-out -', 'onboard rollback acme --to provision --confirm acme --secrets-out secrets.jsonl'],
  ['plan acme --phase provision --out -', 'onboard plan acme --phase provision --json'],
  ['document show acme requirements --out -', 'onboard document show acme requirements'],
])('%s is refused: - names no file', async (line, again) => {
  const { exit, result } = await cliJson<Failure>('error', line.split(' '), world)
  expect([exit, result.error.code, result.error.suggestions]).toEqual([2, 'not-a-file', [again]])
  expect(await readdir(world.cwd)).not.toContain('-')
})

test('what comes next names a file as a shell takes it, and keeps what was given', async () => {
  const file = join(world.cwd, 'of acme.yaml')
  await copyFile(join(world.cwd, 'acme.handoff.yaml'), file)
  const next = async (...argv: string[]) => {
    const { exit, stdout, stderr } = await cli(argv, world)
    return [exit, /→ npx (.*)/.exec(stdout + stderr)?.[1]]
  }
  const given = ['--file', 'of acme.yaml']
  expect(await next('handoff', 'check', ...given)).toEqual([0, `onboard handoff accept --file 'of acme.yaml'`])
  expect(await next('plan', '--offline', ...given, '--runbook', 'enterprise')).toEqual([0, `onboard handoff accept --file 'of acme.yaml' --runbook enterprise`])
  await writeFile(file, (await readFile(file, 'utf8')).replace(/users: \d+/, 'users: 7'))
  expect(await next('handoff', 'revise', 'acme', ...given, '--reason', 'fewer $users', '--dry-run')).toEqual([0, `onboard handoff revise acme --file 'of acme.yaml' --reason 'fewer $users'`])
  expect(await next('handoff', 'accept', ...given)).toEqual([7, `onboard handoff revise acme --file 'of acme.yaml' --reason TEXT`])
})

test('a stale plan is made again for the same part', async () => {
  expect((await cli(['plan', 'acme', '--phase', 'handoff', '--out', 'stale.json'], world)).exit).toBe(0)
  const saved = await readFile(join(world.cwd, 'stale.json'), 'utf8')
  await writeFile(join(world.cwd, 'stale.json'), saved.replace(/"fingerprint": "[0-9a-f]{4}/, '"fingerprint": "0000'))
  const { exit, result } = await cliJson<Failure>('error', ['apply', 'acme', '--plan', 'stale.json'], world)
  expect([exit, result.error.code, result.error.suggestions]).toEqual([7, 'stale-plan', ['onboard plan acme --phase handoff --out FILE']])
})

test('suggestions work as typed: npx in a clone, and the chosen workspace again', async () => {
  const { stderr } = await cli(['plan', 'acne', '--workspace', '.'], world)
  expect(stderr).toContain('→ npx onboard status acme --workspace .')
})

test('help begins with examples, for the whole, a topic and a command', async () => {
  for (const argv of [['--help'], ['-h'], ['help'], []]) expect(await cli(argv, world)).toMatchObject({ exit: 0, stderr: '', stdout: expect.stringContaining('COMMANDS') as string })
  expect((await cli(['audit'], world)).stdout).toContain('audit verify')
  const { stdout } = await cli(['plan', '--help'], world)
  expect(stdout.indexOf('EXAMPLES')).toBeLessThan(stdout.indexOf('USAGE'))
  expect((await cli(['help', 'plan'], world)).stdout).toBe(stdout)
})

test('what is after -- is no flag', async () => {
  const { exit, stderr } = await cli(['status', '--', '--json'], world)
  expect([exit, stderr]).toEqual([2, expect.stringContaining("'--json'")])
})
