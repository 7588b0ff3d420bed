import { defineAction } from '../../contract.ts'
import type { Change } from '../../model.ts'
import { noTenant } from '../../product/missing.ts'
import type { Cell } from '../../product/port.ts'

interface Seen {
  readonly key: string | null
  readonly status: Cell | null
}

interface AccessChange extends Change {
  readonly slug: string
  readonly production: boolean
  readonly exact: string | null
}

/** Production access of a tenant: on makes it live, off suspends it; before its first time live it is provisioning. */
export default defineAction({
  title: "Switches a tenant's production access on (live) or off (suspended).",
  example: { tenant: 'acme', production: true },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant', 'production'],
    properties: {
      tenant: { type: 'string', minLength: 1, description: 'Slug of the tenant.' },
      production: { type: 'boolean', description: 'Whether it has production access.' },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['status'],
    properties: { status: { type: 'string', description: 'provisioning, live or suspended.' } },
  },
  where: 'database',
  owns: (input) => [`tenant/${input.tenant}/status`],

  async check(read, input): Promise<Seen> {
    const { tenants } = read.product
    tenants.needs(['slug', 'status'], 'switching production access')
    const found = await tenants.find(read, { slug: input.tenant }, { want: { status: 'live' } })
    return { key: found?.key ?? null, status: found?.cells['status'] ?? null }
  },

  plan(input, { status }): AccessChange | null {
    const target = `production access of tenant ${input.tenant}`
    const about = { target, slug: input.tenant, production: input.production, exact: status?.exact ?? null }
    const wanted = input.production ? 'live' : 'suspended'
    if (status === null) return { ...about, before: null, after: { status: wanted } }
    return status.same === input.production
      ? null
      : { ...about, before: { status: status.value }, after: { status: wanted } }
  },

  async apply(write, change) {
    const { tenants } = write.product
    const found = await tenants.find(
      write,
      { slug: change.slug },
      { also: tenants.has('first_live_at') ? ['first_live_at'] : [] },
    )
    if (found === null) throw noTenant(change.slug, write.onboarding.key)
    const first = found.cells['first_live_at']
    const now = (await write.one<{ now: string }>('SELECT onboard.now()::text AS now'))?.now ?? null
    await tenants.update(write, found.key, {
      status: { from: change.exact, to: { value: change.production ? 'live' : 'suspended' } },
      ...(change.production && first?.exact === null ? { first_live_at: { from: null, to: { value: now } } } : {}),
    })
  },

  outputs: (_input, { status }) => ({ status: String(status?.value ?? '') }),

  async undo(write, change, after) {
    const { tenants } = write.product
    if (after.key === null || after.status === null) return
    // That a tenant was live once must stay known; where no other field keeps it, its status does.
    const remembered =
      tenants.has('first_live_at') || !change.production || change.before?.['status'] !== 'provisioning'
    await tenants.update(write, after.key, {
      status: { from: after.status.exact, to: remembered ? { exact: change.exact } : { value: 'suspended' } },
    })
    if (!remembered) return 'the tenant stays suspended: nothing else keeps that it was live'
  },
})
