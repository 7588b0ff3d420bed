import { defineAction, type Reader } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import type { Change, JsonObject } from '../../model.ts'
import type { Cell, Fields } from '../../product/port.ts'
import { backward, differences, type Exact, forward } from '../../product/restore.ts'

interface Seen {
  readonly tenant: {
    readonly key: string
    readonly status: string | null
    readonly cells: { readonly [field: string]: Cell }
  } | null
}

interface RecordChange extends Change {
  readonly slug: string
  readonly key: string | null
  readonly after: JsonObject
  readonly exact: Exact
}

const wanted = (input: { readonly name: string; readonly plan: string; readonly region?: string | null }): Fields => ({
  name: input.name,
  plan: input.plan,
  ...(input.region === undefined || input.region === null ? {} : { 'settings.region': input.region }),
})

/**
 * The tenant itself, found by its slug: there it is created, with access off, or its name, plan and region are brought
 * up to date, and its slug where the customer was renamed.
 */
export default defineAction({
  title: 'Creates the tenant, without production access, or brings its name, plan and region up to date.',
  example: { slug: 'acme', name: 'Acme Industrial GmbH', plan: 'enterprise', region: 'eu' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['slug', 'name', 'plan'],
    properties: {
      slug: {
        type: 'string',
        pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$',
        description:
          'By which the tenant is found, or by one that it had before onboard rename; it is given this one then.',
      },
      name: { type: 'string', minLength: 1, maxLength: 200, description: 'Name of the company.' },
      plan: { type: 'string', minLength: 1, description: 'Commercial plan: professional, enterprise or custom.' },
      region: { type: ['string', 'null'], description: 'Where its data lives: us, eu or other.' },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['id', 'slug', 'status'],
    properties: {
      id: { type: 'string', description: "The product's own key, as text." },
      slug: { type: 'string' },
      status: {
        type: ['string', 'null'],
        description: 'provisioning, live or suspended; null where the product keeps none.',
      },
    },
  },
  where: 'database',
  owns: (input) => [
    `tenant/${input.slug}`,
    `tenant/${input.slug}/name`,
    `tenant/${input.slug}/plan`,
    ...(input.region === undefined || input.region === null ? [] : [`tenant/${input.slug}/settings/region`]),
  ],

  async check(read, input): Promise<Seen> {
    const { tenants } = read.product
    const want = wanted(input)
    tenants.needs(['slug', ...Object.keys(want)], 'creating a tenant')
    const found = await tenants.find(
      read,
      { slug: input.slug },
      { want: { ...want, slug: input.slug }, also: tenants.has('status') ? ['status'] : [] },
    )
    if (found === null) return { tenant: null }
    const { status, slug, ...others } = found.cells
    // Found under the name that it had before: onboard rename.
    // Of one that is not ours that is another's tenant.
    const isRenamed = slug?.same === false
    if (isRenamed && !(await isOurs(read, found.key))) return { tenant: null }
    const cells = isRenamed ? { ...others, slug } : others
    return {
      tenant: {
        key: found.key,
        status: status === undefined || status.value === null ? null : String(status.value),
        cells,
      },
    }
  },

  plan(input, seen): RecordChange | null {
    const target = `tenant ${input.slug}`
    if (seen.tenant === null) {
      return {
        target,
        slug: input.slug,
        key: null,
        before: null,
        after: { ...wanted(input), status: 'provisioning' },
        exact: {},
      }
    }
    const found = differences(seen.tenant.cells, { ...wanted(input), slug: input.slug })
    return found && { target, slug: input.slug, key: seen.tenant.key, ...found }
  },

  async apply(write, change) {
    const { tenants } = write.product
    if (change.key !== null) return tenants.update(write, change.key, forward(change.exact, change.after))
    const { status, ...fields } = change.after
    await tenants.create(write, {
      slug: change.slug,
      ...fields,
      ...(tenants.has('status') ? { status: status ?? null } : {}),
    })
  },

  outputs: (input, seen) => ({ id: seen.tenant?.key ?? '', slug: input.slug, status: seen.tenant?.status ?? null }),

  async foreign(read, input, { tenant }) {
    if (tenant === null || (await isOurs(read, tenant.key))) return null
    const { name, plan } = tenant.cells
    const about = [name?.value, plan?.value, tenant.status].filter((one) => one !== null && one !== undefined)
    return `tenant ${input.slug} (${about.join(', ')})`
  },

  // Its status is another step's, or somebody's who suspended it.
  owned: ({ tenant }) => tenant && { key: tenant.key, cells: tenant.cells },

  async undo(write, change, after) {
    const { tenants } = write.product
    if (after.tenant === null) return
    const { key, cells } = after.tenant
    if (change.key !== null) {
      const { slug, ...fields } = change.exact
      const renamed = slug === undefined ? {} : { slug: { to: { exact: slug } } }
      return tenants.update(write, key, { ...backward(fields, cells), ...renamed })
    }
    const dependents = await tenants.dependents(write, key)
    const now = await tenants.find(
      write,
      { slug: change.slug },
      { also: ['status', 'first_live_at'].filter((f) => tenants.has(f)) },
    )
    if (now === null) return
    const status = now.cells['status']
    const everLive =
      (now.cells['first_live_at']?.exact ?? null) !== null || (status !== undefined && status.value !== 'provisioning')
    if (!everLive && dependents.length === 0) {
      return tenants.remove(
        write,
        key,
        Object.fromEntries(Object.entries(cells).map(([field, cell]) => [field, cell.exact])),
      )
    }
    // Who was ever live, or is referred to by rows that are not ours, is never deleted, and nothing of it cascades.
    if (status === undefined) {
      throw new OnboardError(
        'conflict',
        'has-dependents',
        `tenant ${change.slug} stays: ${dependents.join(', ') || 'it was live'}; and it has no status to suspend it by`,
      )
    }
    if (status.value !== 'suspended')
      await tenants.update(write, key, { status: { from: status.exact, to: { value: 'suspended' } } })
    const why = everLive ? 'it was live once' : `it is referred to by ${dependents.join(', ')}`
    return `the tenant stays, suspended: ${why}`
  },
})

/** Whether this onboarding made or adopted the tenant with this key, under whatever step and name. */
async function isOurs(read: Reader, key: string): Promise<boolean> {
  const row = await read.one(
    `SELECT FROM onboard.journal j JOIN onboard.journal_detail d USING (chain, seq)
      WHERE j.chain = $1::uuid AND j.kind IN ('done', 'adopted')
        AND j.body::jsonb #>> '{entry,uses}' = 'tenant.record'
        AND d.name = 'outputs' AND d.value::jsonb ->> 'id' = $2 LIMIT 1`,
    [read.onboarding.id, key],
  )
  return row !== undefined
}
