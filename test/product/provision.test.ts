/** The shipped phase provision, as it is, on the reference product and on a vendor's own tables. */
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { createCatalogue } from '../../src/actions/catalogue.ts'
import { findRunbook, readRunbook } from '../../src/cli/runbook-files.ts'
import { openWork } from '../../src/cli/work.ts'
import { apply } from '../../src/engine/apply.ts'
import { plan } from '../../src/engine/plan.ts'
import { undo } from '../../src/engine/undo.ts'
import type { Runbook } from '../../src/model.ts'
import { configContext } from '../../src/onboarding/config.ts'
import { DEFAULTS } from '../../src/onboarding/defaults.ts'
import { checkHandoff } from '../../src/onboarding/handoff.ts'
import { createProduct } from '../../src/product/open.ts'
import type { ProductConfig } from '../../src/product/port.ts'
import { createEvaluator } from '../../src/runbook/evaluate.ts'
import { loadRunbook } from '../../src/runbook/load.ts'
import { testDatabase } from '../support/database.ts'
import { createWorld, type World } from '../support/world.ts'
import { open } from '../engine/world.ts'
import { VENDOR, vendorTables } from './vendor.ts'

const cost = process.env['ONBOARD_BCRYPT_COST']
process.env['ONBOARD_BCRYPT_COST'] = '4'
afterAll(() => {
  if (cost === undefined) delete process.env['ONBOARD_BCRYPT_COST']
  else process.env['ONBOARD_BCRYPT_COST'] = cost
})

const catalogue = createCatalogue()
const schemas = await catalogue.schemas()

/** The one phase, free of those before it. */
async function provision(): Promise<Runbook> {
  const { dir } = await findRunbook('enterprise', null, process.cwd())
  const { runbook } = loadRunbook(await readRunbook({ dir, cwd: process.cwd() }), schemas)
  const phases = (runbook as Runbook).phases
    .filter(({ id }) => id === 'provision')
    // Its document has tests of its own.
    .map((phase) => ({ ...phase, needs: [], steps: phase.steps.filter(({ uses }) => uses !== 'document.render') }))
  return { ...(runbook as Runbook), phases, milestones: [], procedures: [] }
}

async function workOn(world: World, product: ProductConfig, handover: 'set-password-link' | 'temporary-password') {
  const config = { ...DEFAULTS, product, admin: { ...DEFAULTS.admin, handover } }
  const file = new URL('../../runbooks/enterprise/examples/acme.handoff.yaml', import.meta.url)
  const { document, discovery } = checkHandoff(
    { bytes: readFileSync(file), file: 'acme.handoff.yaml' },
    { today: '2026-11-20', config },
  )
  const runbook = await provision()
  const id = await open(world.database, { runbook })
  const handedOver: string[] = []
  const work = openWork(world.database, {
    onboarding: {
      id,
      key: 'acme',
      slug: 'acme',
      name: '',
      company: 'Acme',
      runbook,
      opened_at: '2026-12-01T09:00:00Z',
    },
    runbook,
    inputs: {
      handoff: document ?? {},
      discovery,
      config: configContext(config),
      onboarding: { slug: 'acme', tenant_slug: 'acme', key: 'acme', name: '', company: 'Acme Industrial GmbH', title: 'Acme Industrial GmbH', today: '2026-12-01' },
    },
    evaluator: createEvaluator(runbook, schemas),
    catalogue,
    actor: { name: 'ada', email: null, how: 'os', verified: false },
    surroundings: { product: createProduct(product), exec: () => Promise.reject(new Error('no programs here')) },
    secrets: {
      ready: async () => undefined,
      deliver: async (secrets) => void handedOver.push(...secrets.map((s) => s.value.reveal())),
    },
  })
  return { work, handedOver }
}

const outcomes = (steps: readonly { key: { step: string }; outcome?: string; action?: string }[]) =>
  Object.fromEntries(steps.map(({ key, outcome, action }) => [key.step, outcome ?? action]))
const EFFECTS = ['tenant', 'entitlements', 'features', 'limits', 'security', 'administrator']
const LOOKS = ['state', 'as_sold']
const each = (word: string, last: string, looked: string) => ({
  ...Object.fromEntries(EFFECTS.map((step) => [step, word])),
  first_login: last,
  ...Object.fromEntries(LOOKS.map((step) => [step, looked])),
})

describe.each([
  ['reference', { form: 'reference' }, 'set-password-link'],
  ['reference, by temporary password', { form: 'reference' }, 'temporary-password'],
  [
    'mapped',
    {
      ...VENDOR,
      tenants: {
        ...VENDOR.tenants,
        values: { ...VENDOR.tenants.values, plan: { ...VENDOR.tenants.values.plan, custom: 'CUS' } },
      },
    },
    'set-password-link',
  ],
  ['mapped, by temporary password', VENDOR, 'temporary-password'],
] as const)('the phase provision on a product that is %s', (_title, product, handover) => {
  test('is planned, applied, unchanged when applied again, and undone to the last byte', async () => {
    const world = await createWorld(
      await testDatabase({ product: product.form === 'reference', simulated: '2026-12-01T09:00:00Z' }),
      product,
    )
    if (product.form === 'mapped') await vendorTables(world)
    const before = await world.dump()
    const { work, handedOver } = await workOn(world, product, handover)

    const planned = await plan(work)
    expect(outcomes(planned.steps)).toEqual(each('create', 'ask', 'probe'))
    expect(planned.steps.filter((s) => s.again).map((s) => s.key.step)).toEqual(EFFECTS.slice(1))
    expect(await world.dump()).toEqual(before)

    expect(outcomes((await apply(work)).steps)).toEqual(each('changed', 'waiting', 'changed'))
    expect(handedOver).toHaveLength(1)
    const applied = await world.dump()
    expect(outcomes((await apply(work)).steps)).toEqual(each('unchanged', 'waiting', 'unchanged'))
    expect(handedOver).toHaveLength(1)
    expect(await world.dump()).toEqual(applied)

    const journal = JSON.stringify(
      await world.sql('SELECT body FROM onboard.journal UNION ALL SELECT value FROM onboard.journal_detail'),
    )
    expect(journal).toContain(handover)
    for (const secret of handedOver) expect(journal).not.toContain(secret)

    const undone = await undo(work, { phase: 'provision', step: null })
    expect(undone.exit).toBe(0)
    expect(await world.dump()).toEqual(before)
    await work.close()
    await world.close()
  })
})
