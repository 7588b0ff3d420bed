import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createCatalogue } from '../../src/actions/catalogue.ts'
import { listRunbooks, readRunbook } from '../../src/cli/runbook-files.ts'
import { type Json, type Runbook, type Scope, type Step, UNKNOWN } from '../../src/model.ts'
import { DEFAULTS } from '../../src/onboarding/defaults.ts'
import { type Config, configContext } from '../../src/onboarding/config.ts'
import { checkHandoff } from '../../src/onboarding/handoff.ts'
import { sample } from '../../src/onboarding/rehearsal/sample.ts'
import { createEvaluator } from '../../src/runbook/evaluate.ts'
import { loadRunbook } from '../../src/runbook/load.ts'
import { said } from './support.ts'

const schemas = await createCatalogue().schemas()
const runbooks = await listRunbooks(null)

async function compiled(name: string): Promise<Runbook> {
  const folder = runbooks.find((one) => one.name === name)
  const { runbook, diagnostics } = loadRunbook(await readRunbook({ dir: folder?.dir ?? '', cwd: process.cwd() }), schemas)
  if (runbook === undefined) throw new Error(said({ runbook, diagnostics, paths: [] }))
  return runbook
}

/** The example's handoff as it is after intake, with outputs that the actions would give. */
function scopeOf(runbook: Runbook, example: string, config: Config, known: boolean): Scope {
  const path = new URL(`../../runbooks/enterprise/examples/${example}.handoff.yaml`, import.meta.url)
  const { document, discovery, diagnostics } = checkHandoff({ bytes: readFileSync(path), file: example }, { today: '2026-11-20', config })
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([])
  if (document === null) throw new Error('no document')
  const company = document['company'] as { name: string; slug: string }
  const given: Record<string, Json> = {
    tenant: { id: '1', slug: company.slug, status: 'provisioning' },
    administrator: { id: '2', email: 'admin@customer.example', must_change_password: true },
  }
  return {
    handoff: document,
    discovery,
    config: configContext(config),
    onboarding: { slug: company.slug, tenant_slug: company.slug, key: company.slug, name: '', company: company.name, title: company.name, today: '2026-11-20', go_live: '2027-02-15', live_on: '2027-02-15', day: 0 },
    outputs: new Map(runbook.phases.map(({ id, steps }) => [id, new Map(steps.map((step) => [step.id, known ? (given[step.id] ?? madeUp(step)) : UNKNOWN]))])),
    phase: '',
  }
}

/** What a step might have given, by the schema of its action. */
function madeUp({ uses, with: input }: Step): Json {
  const { output, outputFor } = schemas.get(uses) ?? { output: {} }
  return sample(outputFor?.(input as never) ?? output, '', input)
}

const somebody = [{ name: 'Eva Weber', email: 'eva@vendor.example' }]
const STAFFED: Config = { ...DEFAULTS, roles: { 'engineering-lead': somebody, 'customer-success': somebody } }

/** Inputs of every step that applies, by phase.step. */
async function inputsOf(example: string, config: Config = STAFFED, known = true): Promise<Record<string, Record<string, unknown>>> {
  const runbook = await compiled('enterprise')
  const evaluator = createEvaluator(runbook, schemas)
  const scope = scopeOf(runbook, example, config, known)
  const found: Record<string, Record<string, unknown>> = {}
  for (const { id, steps } of runbook.phases) {
    for (const step of steps) {
      const here = { ...scope, phase: id, ...(step.on?.[0] === undefined ? {} : { each: step.on[0].key }) }
      if (evaluator.when(step, here) === false) continue
      found[`${id}.${step.id}`] = evaluator.inputs(step, here)
      if (known) for (const value of Object.values(evaluator.bound(step, here))) expect(value).not.toBeNull()
    }
  }
  return found
}

describe('the shipped runbooks', () => {
  for (const { name, dir } of runbooks) {
    test(`${name} has no findings`, async () => {
      const loaded = loadRunbook(await readRunbook({ dir, cwd: process.cwd() }), schemas)
      expect(said(loaded)).toBe('')
      expect(loaded.runbook?.name).toBe(name)
    })
  }
})

test('a runbook of somebody else has no findings either, and finds the shipped schemas', async () => {
  const dir = fileURLToPath(new URL('fixtures/runbooks/inventory', import.meta.url))
  const loaded = loadRunbook(await readRunbook({ dir, cwd: process.cwd() }), schemas)
  expect(said(loaded)).toBe('')
  expect(loaded.runbook?.phases.map(({ id }) => id)).toEqual(['prepare', 'shelves'])
  expect(loaded.paths).toContain('schemas/handoff.schema.json')
})

describe('the enterprise runbook', () => {
  test('sets a tenant up as the contract and the discovery say', async () => {
    const inputs = await inputsOf('acme')
    expect(inputs['provision.tenant']).toEqual({ slug: 'acme', name: 'Acme Industrial GmbH', plan: 'enterprise', region: 'eu' })
    expect(inputs['provision.entitlements']).toEqual({ tenant: 'acme', entitled: { sso: true, scim: true, api_access: true, webhooks: false } })
    expect(inputs['provision.limits']).toEqual({ tenant: 'acme', limits: { users: 1000, api_calls_per_15min: 50000, storage_gb: 500 } })
    expect(inputs['provision.security']).toEqual({
      tenant: 'acme', session: { idle_minutes: 30, absolute_hours: 12 }, password: { min_length: 12 }, mfa: true, ip_allowlist: ['203.0.113.0/24'],
    })
    expect(inputs['provision.administrator']).toMatchObject({ email: 'tom@acme.example', handover: 'set-password-link', expires_hours: 72 })
    const failing = Object.entries(inputs).filter(([name, { that }]) => that === false && /^(handoff|contract)/.test(name))
    expect(failing).toEqual([])
  })

  test('asks legal for the contract, bound to what was sold', async () => {
    const inputs = await inputsOf('acme')
    expect(inputs['contract.contract_signed']).toMatchObject({ from: ['legal'], evidence: 'required' })
    expect(inputs['contract.contract_signed']?.['text']).toContain('plan enterprise, 1000 users, 36 months')
    const step = (await compiled('enterprise')).phases[1]?.steps.find(({ id }) => id === 'contract_signed')
    expect(step?.binds).toEqual(['handoff.company.name', 'handoff.commercial'])
  })

  test('does without a discovery: a person answers for it, defaults of the config hold', async () => {
    const inputs = await inputsOf('borealis')
    expect(Object.keys(inputs)).toContain('handoff.discovery_documented')
    expect(Object.keys(inputs)).not.toContain('handoff.capacity')
    expect(Object.keys(inputs)).not.toContain('contract.dpa_signed')
    expect(Object.keys(inputs)).not.toContain('contract.certifications')
    expect(inputs['provision.security']).toMatchObject({ mfa: false, ip_allowlist: [] })
    expect(inputs['provision.limits']).toMatchObject({ limits: { users: 40, api_calls_per_15min: 10000, storage_gb: 100 } })
  })

  test('takes a custom plan and a residency of the customer’s own', async () => {
    const inputs = await inputsOf('kaiyo')
    expect(inputs['contract.residency']).toMatchObject({ that: false })
    expect(inputs['contract.residency']?.['message']).toContain('must lie in Japan')
    const there = await inputsOf('kaiyo', { ...STAFFED, regions: { ...DEFAULTS.regions, japan: {} } })
    expect(there['contract.residency']).toMatchObject({ that: true })
    expect(there['provision.tenant']).toMatchObject({ plan: 'custom', region: 'japan' })
    expect(there['provision.limits']).toMatchObject({ limits: { users: 25000, api_calls_per_15min: 400000, storage_gb: 20000 } })
  })

  test('can be planned before anything is there', async () => {
    const inputs = await inputsOf('acme', STAFFED, false)
    expect(inputs['provision.tenant']).toMatchObject({ slug: 'acme' })
    expect(inputs['provision.limits']).toMatchObject({ tenant: 'acme', limits: { users: 1000 } })
  })
})
