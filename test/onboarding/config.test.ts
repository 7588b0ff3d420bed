import { mkdtempSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findWorkspace } from '../../src/cli/workspace.ts'
import { writeFiles } from '../../src/cli/write-files.ts'
import { seenSchema } from '../../src/input/seen.ts'
import { shippedSchema } from '../../src/input/shipped.ts'
import { validate } from '../../src/input/schema.ts'
import { OnboardError } from '../../src/errors.ts'
import type { Json } from '../../src/model.ts'
import { loadConfig } from '../../src/onboarding/config.ts'
import { DEFAULTS } from '../../src/onboarding/defaults.ts'
import { exampleConfig } from '../../src/onboarding/example-config.ts'
import { exampleDates, exampleHandoff } from '../../src/onboarding/example-handoff.ts'
import { scaffold } from '../../src/onboarding/scaffold.ts'
import { check, findings } from './samples.ts'

const MINIMAL = 'apiVersion: onboard/v1\nvendor: { name: Vendor, app_url: "https://app.vendor.test/" }\n'
const load = (text: string) => loadConfig(Buffer.from(text), 'onboard.config.yaml')
const refused = (text: string) => {
  try {
    load(text)
  } catch (error) {
    return (error as OnboardError).diagnostics.map(({ line, message }) => `${line}: ${message}`)
  }
  throw new Error('it was not refused')
}

let dir: string
beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'onboard-config-'))))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

test('what a config leaves out is the default', () => {
  const config = load(MINIMAL)
  expect(config.plans).toEqual(DEFAULTS.plans)
  expect(config.vendor.name).toBe('Vendor')
  expect(config.admin.set_password_url).toBe('https://app.vendor.test/set-password')
  expect(load(`${MINIMAL}sla: { fast: { response_hours: 1 } }\n`).sla).toEqual({ fast: { response_hours: 1 } })
  expect(load(`${MINIMAL}security: { mfa: true }\n`).security).toEqual({ ...DEFAULTS.security, mfa: true })
})

test('defaults, a minimal config and the worked example fit what expressions are checked against', () => {
  const schema = seenSchema(shippedSchema('config'))
  for (const config of [DEFAULTS, load(MINIMAL), load(exampleConfig('x'))]) expect(validate(schema, structuredClone(config) as unknown as Json)).toEqual([])
})

test.each([
  ['database: shred', '3: database must be one of embedded, shared, not "shred"; did you mean shared?'],
  ['database: 5', '3: database must be embedded, shared, { embedded: NAME } or { url_env: VARIABLE }, not 5'],
  ['database: { url_env: my_url }', 'database.url_env must be the name of an environment variable'],
  ['product: { form: mapped }', '3: product.tenants is needed because product.form is mapped'],
  ['time_zone: CET/Berlin', '3: time_zone must be a time zone'],
  ['holidays: [2026-02-29]', 'is no date: that month has 28 days'],
  ['plans: { gold: {} }', 'unknown key "gold" in plans; known here: professional, enterprise, custom'],
  ['roles: { engineering: [{ name: Eva, email: eva }] }', 'roles.engineering[0].email must be an e-mail address'],
  ['capabilities: { sso: yes }', 'capabilities.sso must be true or false: yes is a text in YAML 1.2: write true'],
  ['admin: { set_password_url: "https://user:pw@vendor.test/" }', 'must not hold a user name or password'],
  ['regions: { eu: { hosts: ["http://eu"] } }', 'regions.eu.hosts[0] must be a host name'],
])('%s', (line, message) => {
  expect(refused(MINIMAL + line).join('\n')).toContain(message)
})

test('a workspace is found from any folder below it, and there need be none', async () => {
  const root = join(dir, 'found')
  mkdirSync(join(root, 'a/b'), { recursive: true })
  writeFileSync(join(root, 'onboard.config.yaml'), MINIMAL)
  expect(await findWorkspace(join(root, 'a/b'))).toMatchObject({ dir: root, config: { vendor: { name: 'Vendor' } } })
  expect(await findWorkspace(dir)).toMatchObject({ dir: null, configFile: null, config: DEFAULTS })
  await expect(findWorkspace(join(dir, 'nowhere'))).rejects.toMatchObject({ kind: 'usage' })
  writeFileSync(join(root, 'onboard.config.yaml'), 'vendor: 1')
  await expect(findWorkspace(join(root, 'a'))).rejects.toMatchObject({ kind: 'invalid', diagnostics: [{ file: '../onboard.config.yaml' }, {}] })
})

test('what init writes is accepted as it stands', () => {
  const files = scaffold({ today: '2026-11-20', schemas: new Map([['config', '{}']]) })
  expect([...files.keys()]).toEqual(['onboard.config.yaml', 'acme.handoff.yaml', '.vscode/settings.json', '.onboard/schemas/config.schema.json'])
  const config = load(files.get('onboard.config.yaml') ?? '')
  for (const today of ['2026-11-20', '2027-12-24', '2028-02-29']) {
    const checked = check(exampleHandoff(exampleDates(today), 'x'), { today, config })
    expect(findings(checked).filter((one) => one.startsWith('error'))).toEqual([])
    expect(checked.document).not.toBeNull()
  }
})

test('files are written as a whole or not at all, and never over what is there', async () => {
  const target = join(dir, 'init')
  const files = new Map([['a.yaml', 'a\n'], ['.vscode/settings.json', '{}\n'], ['deep/er/b.yaml', 'b\n']])
  const options = { force: false, keep: ['.vscode/settings.json'], name: 'init' }
  const outcomes = async (more = {}) => (await writeFiles(target, files, { ...options, ...more })).map(({ outcome }) => outcome)
  expect(await outcomes()).toEqual(['written', 'written', 'written'])
  expect(await outcomes()).toEqual(['unchanged', 'unchanged', 'unchanged'])
  writeFileSync(join(target, 'a.yaml'), 'mine')
  writeFileSync(join(target, '.vscode/settings.json'), 'mine')
  rmSync(join(target, 'deep'), { recursive: true })
  await expect(outcomes()).rejects.toMatchObject({ kind: 'conflict', suggestions: ['onboard init init --force'] })
  expect(readFileSync(join(target, 'a.yaml'), 'utf8')).toBe('mine')
  expect(await outcomes({ force: true })).toEqual(['overwritten', 'kept', 'written'])
  expect(readFileSync(join(target, '.vscode/settings.json'), 'utf8')).toBe('mine')
})

test('a folder that cannot be written to is left as it was', async () => {
  const target = join(dir, 'half')
  mkdirSync(target)
  writeFileSync(join(target, 'deep'), 'a file where a folder should be')
  await expect(writeFiles(target, new Map([['a.yaml', 'a'], ['deep/b.yaml', 'b']]), { force: false, keep: [], name: 'half' })).rejects.toBeInstanceOf(OnboardError)
  expect(() => readFileSync(join(target, 'a.yaml'))).toThrow(/ENOENT/)
  symlinkSync('/nowhere', join(target, 'link'))
  await expect(writeFiles(target, new Map([['link', 'x']]), { force: false, keep: [], name: 'half' })).rejects.toBeInstanceOf(OnboardError)
})

test('metrics and probes: each mistake in a sentence', () => {
  expect(refused(`${MINIMAL}metrics:
  a: { kind: share }
  b: { kind: share, sql: SELECT 1, csv: { file: x, time: t, time_zone: UTC } }
  c: { kind: median, sql: SELECT 1 }
  d: { kind: events, csv: { file: x, time: t, time_zone: Mars/Base } }
  e: { kind: count, prometheus: { url: https://prometheus.test } }
probes: { samples: 3, smoke: [], url: not-a-url }
network: { allow: 10.0.0.0/8 }
adoption: { least_active_percent: 0 }
`)).toEqual([
    '4: metrics.a must have its kind and exactly one source: sql, prometheus or csv',
    '5: metrics.b must have its kind and exactly one source: sql, prometheus or csv',
    '6: metrics.c.kind must be one of share, quantile, count, events, groups, not "median"',
    '7: metrics.d.csv.time_zone must be a time zone such as Europe/Berlin or UTC (found "Mars/Base")',
    '8: metrics.e.prometheus.queries is missing',
    '9: probes.samples must be at least 20, not 3',
    '9: probes.smoke must list at least 1',
    '9: probes.url must be an address that begins with https:// or http:// (found "not-a-url")',
    '10: network.allow must be a list, not the text "10.0.0.0/8"',
    '11: adoption.least_active_percent must be more than 0, not 0',
  ])
})
