import { readdirSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { FORMATS } from '../../src/input/formats.ts'
import { seenSchema } from '../../src/input/seen.ts'
import { shippedSchema } from '../../src/input/shipped.ts'
import type { JsonObject, Schema } from '../../src/model.ts'
import { DEFAULTS } from '../../src/onboarding/defaults.ts'
import { handoffTemplate } from '../../src/onboarding/example-handoff.ts'
import { checkHandoff } from '../../src/onboarding/handoff.ts'
import { ACME, ALL, check, DISCOVERY, findings, TODAY } from './samples.ts'

describe('a right handoff', () => {
  test('has no findings, and is seen with everything derived', () => {
    const { document, discovery, diagnostics } = check()
    expect(diagnostics).toEqual([])
    expect(discovery).toBeNull()
    expect(document).toMatchObject({
      company: { name: 'Acme Industrial GmbH', slug: 'acme', timezone: 'UTC' },
      contacts: { primary: [{ name: 'Ada Meier' }], technical: [{ name: 'Tom Braun' }, { name: 'Uta Kern' }] },
      admin: { name: 'Tom Braun', email: 'tom@acme.example' },
      commercial: { limits: { api_calls_per_15min: 50_000, storage_gb: 500 } },
      technical: { session: { idle_minutes: 30, absolute_hours: 12 } },
      compliance: { residency_other: '' },
      external: { crm: '', account_id: '', contract_ref: '' },
      notes: '',
    })
  })

  test('fits the schema that expressions are checked against', () => {
    const { document, discovery } = check(ACME, { discovery: DISCOVERY })
    const ajv = new Ajv({ strict: false })
    for (const [name, wrong] of Object.entries(FORMATS)) ajv.addFormat(name, (text: string) => wrong(text) === undefined)
    for (const [name, seen] of [['handoff', document], ['discovery', discovery]] as const) {
      const { $id: _id, ...schema } = seenSchema(shippedSchema(name))
      const valid = ajv.compile(schema)
      expect(valid(seen), JSON.stringify(valid.errors)).toBe(true)
    }
  })

  test('is the same from YAML and from JSON', () => {
    const { document } = check()
    const json = JSON.stringify({
      company: { name: 'Acme Industrial GmbH', slug: 'acme' },
      ...Object.fromEntries(Object.entries(document as JsonObject).filter(([key]) => !['company', 'commercial', 'technical', 'external', 'notes'].includes(key))),
      commercial: { plan: 'enterprise', users: 1000, term_months: 36, sla: 'gold' },
      technical: { sso: { required: true, provider: 'saml', idp: 'okta' }, scim: { required: true, groups: true }, api_access: true, webhooks: false, integrations: [] },
    })
    expect(check(json, { file: 'acme.json' }).document).toEqual(document)
  })

  test('takes its discovery from within or from a file of its own, not from both', () => {
    const inside = `${ACME}discovery:\n${DISCOVERY.replaceAll(/^/gm, '  ')}`.trimEnd()
    const within = check(inside)
    const beside = check(ACME, { discovery: DISCOVERY })
    expect(within.diagnostics).toEqual([])
    expect(within.discovery).toEqual(beside.discovery)
    expect(within.document).toEqual(beside.document)
    expect(findings(check(inside, { discovery: DISCOVERY }))).toEqual(['error discovery duplicate'])
  })

  test.each(readdirSync('runbooks/enterprise/examples').filter((name) => name.endsWith('.handoff.yaml')))('example %s can be accepted', (file) => {
    const { document, diagnostics } = checkHandoff({ bytes: readFileSync(`runbooks/enterprise/examples/${file}`), file }, { today: TODAY, config: DEFAULTS })
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(document).not.toBeNull()
  })
})

describe('rules between fields', () => {
  test.each([
    ['go-live on the day the contract starts', [/2027-02-15/, '2026-12-01'], 'error dates.go_live dates'],
    ['go-live on a Sunday', [/2027-02-15/, '2027-02-14'], 'warning dates.go_live dates'],
    ['a reserved slug', [/slug: acme/, 'slug: plan'], 'error company.slug slug'],
    ['a name in another script without a slug', [/company:.*/, 'company: { name: Гермес }'], 'error company.name slug'],
    ['an unknown SLA tier', [/gold/, 'platinum'], 'error commercial.sla catalogue'],
    ['custom without limits', [/plan: enterprise/, 'plan: custom'], 'error commercial.limits missing'],
    ['SSO without provider', [/provider: saml, /, ''], 'error technical.sso.provider missing'],
    ['SSO without IdP', [/, idp: okta/, ''], 'error technical.sso.idp missing'],
    ['another residency, unnamed', [/residency: eu/, 'residency: other'], 'error compliance.residency_other missing'],
    ['a residency elsewhere', [/residency: eu/, 'residency: other, residency_other: Japan'], 'warning compliance.residency_other catalogue'],
    ['more than the plan entitles to', [/plan: enterprise/, 'plan: professional'], 'warning technical.sso.required catalogue'],
  ] as const)('%s', (_name, change, finding) => {
    expect(findings(check(change))).toContain(finding)
  })

  test('a residency for which there is no region is told with the key of the config that names one', () => {
    const regions = { japan: {}, 'hong-kong-s-a-r': {} }
    const told = (change: readonly [RegExp, string], config = { ...ALL, regions: {} }) => check(change, { config }).diagnostics.map(({ message }) => message)
    expect(told([/x^/, ''])).toEqual([expect.stringMatching(/onboard\.config\.yaml has no region eu.*regions\.eu/)])
    expect(told([/residency: eu/, 'residency: other, residency_other: Japan'])).toEqual([expect.stringMatching(/Japan.*regions\.japan/)])
    for (const place of ['Japan', 'Hong Kong (S.A.R.)']) {
      expect(told([/residency: eu/, `residency: other, residency_other: ${place}`], { ...ALL, regions })).toEqual([])
    }
  })

  test('go-live may be the day of acceptance, and not the day before', () => {
    const change = [/contract_start: 2026-12-01, go_live: 2027-02-15/, 'contract_start: 2025-01-01, go_live: 2026-11-20'] as const
    expect(findings(check(change))).toEqual([])
    expect(findings(check(change, { today: '2026-11-21' }))).toContain('error dates.go_live past-date')
  })

  test('without SSO neither provider nor IdP are asked for', () => {
    const change = [/sso: .*/, 'sso: { required: false }'] as const
    expect(findings(check(change))).toEqual([])
    expect(check(change).missing).not.toContain('technical.sso.idp')
  })

  test('what is needed beyond the contract is a warning at its place', () => {
    const { diagnostics } = check(ACME, { discovery: DISCOVERY.replace('800', '1001').replace('400', '501') })
    expect(diagnostics.map(({ file, line, field, severity }) => [file, line, field, severity])).toEqual([
      ['acme.discovery.yaml', 1, 'users.expected', 'warning'],
      ['acme.discovery.yaml', 2, 'storage_gb', 'warning'],
    ])
  })

  test('mistakes of form and between fields come at once, and one is not said twice', () => {
    const text = ACME.replace('users: 1000', 'users: many').replace('2027-02-15', '2026-12-01').replace('slug: acme', 'slug: apply')
    expect(findings(check(text))).toEqual(['error company.slug slug', 'error dates.go_live dates', 'error commercial.users type'])
  })

  test('a capability that the product does not have is a warning', () => {
    expect(findings(check(ACME, { config: { ...ALL, capabilities: { sso: false } } }))).toEqual(['warning technical.sso.required capability'])
  })
})

test('completeness counts what is answered, and names what is not', () => {
  expect(check(ACME, { discovery: DISCOVERY }).missing).toEqual(['technical.sso.test_user'])
  const bare = check(ACME)
  expect(bare.missing).toContain('discovery.storage_gb')
  expect(bare.completeness).toBeGreaterThan(50)
  expect(bare.completeness).toBeLessThan(100)
  expect(check('company: {}').completeness).toBe(0)
})

test('the blank form has every key of the schema, and only lacks answers', () => {
  const keys = (schema: Schema, at: string): string[] => Object.entries((schema['properties'] ?? {}) as Record<string, Schema>).flatMap(([key, one]) => [key, ...keys(one, `${at}.${key}`)])
  const template = handoffTemplate()
  for (const key of keys(shippedSchema('handoff'), '')) expect(template).toMatch(new RegExp(`\\b${key}:`))
  for (const { message } of check(template).diagnostics) expect(message).toMatch(/ is empty/)
})

test('the handoff holds the very discovery that may have a file of its own', () => {
  const { $schema: _s, $id: _i, title: _t, ...alone } = shippedSchema('discovery')
  expect((shippedSchema('handoff')['properties'] as Record<string, unknown>)['discovery']).toEqual(alone)
})
