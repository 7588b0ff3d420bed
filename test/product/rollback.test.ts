/** A tenant that was live, rolled back to before it was created; and what the product keeps in places that are not ours. */
import { afterEach, describe, expect, test } from 'vitest'
import admin from '../../src/actions/tenant/admin.ts'
import { createCatalogue } from '../../src/actions/catalogue.ts'
import { openWork } from '../../src/cli/work.ts'
import { apply } from '../../src/engine/apply.ts'
import { undo } from '../../src/engine/undo.ts'
import { createProduct } from '../../src/product/open.ts'
import type { ProductConfig } from '../../src/product/port.ts'
import { createEvaluator } from '../../src/runbook/evaluate.ts'
import { open, sketch } from '../engine/world.ts'
import { testDatabase } from '../support/database.ts'
import { createWorld, type World } from '../support/world.ts'

const catalogue = createCatalogue()
const runbook = sketch({
  provision: [{ id: 'tenant', uses: 'tenant.record', with: { slug: 'acme', name: 'Acme', plan: 'custom' } }],
  go_live: [{ id: 'access', uses: 'tenant.access', with: { tenant: 'acme', production: true } }],
})
const WITHOUT_MEMORY: ProductConfig = {
  form: 'mapped',
  tenants: { table: 'orgs', key: 'id', columns: { slug: 'handle', name: 'name', plan: 'plan', status: 'state' } },
  users: {
    table: 'members',
    key: 'id',
    columns: {
      tenant: 'org',
      email: 'email',
      full_name: 'name',
      role: 'role',
      set_password_token_hash: 'invite',
      set_password_expires_at: 'invite_until',
    },
  },
}
const TABLES = `
  CREATE TABLE orgs (id bigserial PRIMARY KEY, handle text UNIQUE, name text, plan text, state text);
  CREATE TABLE members (id bigserial PRIMARY KEY, org bigint REFERENCES orgs, email text, name text, role text, invite text, invite_until timestamptz);
  GRANT ALL ON orgs, members, orgs_id_seq, members_id_seq TO onboard_app; GRANT SELECT ON orgs, members TO onboard_reader`

let world: World | undefined
afterEach(() => world?.close())

async function begin(product: ProductConfig) {
  world = await createWorld(await testDatabase({ simulated: '2026-12-01T09:00:00Z' }), product)
  if (product === WITHOUT_MEMORY) await world.sql(TABLES)
  const id = await open(world.database, { runbook })
  const work = openWork(world.database, {
    onboarding: { id, key: 'acme', slug: 'acme', name: '', company: 'Acme', runbook, opened_at: '2026-12-01T09:00:00Z' },
    runbook,
    inputs: { handoff: {}, discovery: null, config: {}, onboarding: { slug: 'acme' } },
    evaluator: createEvaluator(runbook, await catalogue.schemas()),
    catalogue,
    actor: { name: 'ada', email: null, how: 'os', verified: false },
    surroundings: { product: createProduct(product), exec: () => Promise.reject(new Error('no programs here')) },
    secrets: { ready: async () => undefined, deliver: async () => undefined },
  })
  return { work, world }
}

const reasons = (result: { steps: readonly { outcome: string; reason: string | null }[] }) =>
  result.steps.map((s) => `${s.outcome}: ${s.reason}`)

describe('a tenant that was live', () => {
  test('stays suspended, where the product does not remember that it was', async () => {
    const started = await begin(WITHOUT_MEMORY)
    expect(await apply(started.work)).toMatchObject({ exit: 0 })
    const result = await undo(started.work, { phase: 'provision', step: null })
    expect(reasons(result)).toEqual([
      expect.stringContaining('undone: undid entry 2: the tenant stays suspended'),
      expect.stringContaining('undone: undid entry 1: the tenant stays, suspended'),
    ])
    expect(await started.world.sql('SELECT state FROM orgs')).toEqual([{ state: 'suspended' }])
    await started.work.close()
  })

  test('and was suspended by somebody since, is no conflict for the step that created it', async () => {
    const started = await begin({ form: 'reference' })
    await apply(started.work, { extent: { phase: 'provision', step: null } })
    await started.world.sql(`UPDATE tenants SET status = 'suspended'`)
    const result = await undo(started.work, { phase: 'provision', step: null })
    expect(reasons(result)).toEqual([expect.stringContaining('undone: undid entry 1: the tenant stays, suspended')])
    await started.work.close()
  })
})

test('an administrator whose password lies elsewhere is not invited again by a re-run, only by reissue', async () => {
  const started = await begin(WITHOUT_MEMORY)
  await started.world.sql(`INSERT INTO orgs (handle, name, plan, state) VALUES ('acme', 'Acme', 'custom', 'live')`)
  const input = { tenant: 'acme', email: 'tom@acme.example', name: 'Tom', handover: 'set-password-link' }
  const first = await started.world.apply(admin as never, input)
  expect(first.secrets).toHaveLength(1)
  // The invitation is redeemed: the password is stored where the mapping has no name for it.
  await started.world.sql('UPDATE members SET invite = NULL, invite_until = NULL')
  const again = await started.world.apply(admin as never, input)
  expect([again.change, again.secrets]).toEqual([null, []])
  expect(await started.world.reissue(admin as never, input)).toHaveLength(1)
  await started.work.close()
})
