import { defineAction } from '../../contract.ts'
import type { Change, Json, JsonObject } from '../../model.ts'
import { noTenant } from '../../product/missing.ts'
import { assertNetworks } from '../../product/networks.ts'
import type { Cell, Fields } from '../../product/port.ts'
import { backward, differences, type Exact, forward } from '../../product/restore.ts'

interface Seen {
  readonly key: string | null
  readonly cells: { readonly [field: string]: Cell }
}

interface SettingsChange extends Change {
  readonly slug: string
  readonly key: string | null
  readonly after: JsonObject
  readonly exact: Exact
}

const features = { type: 'object', additionalProperties: { type: 'boolean' } } as const
const number = (description: string) => ({ type: ['integer', 'null'], minimum: 0, description }) as const

/**
 * Settings as fields of the product: `limits: { users: 5 }` is `settings.limits.users`. What is not given is not
 * touched.
 */
function wanted(input: { readonly tenant: string; readonly [group: string]: unknown }): Fields {
  const fields: Record<string, Json> = {}
  const visit = (name: string, value: Json): void => {
    if (value === null || value === undefined) return
    if (typeof value !== 'object' || Array.isArray(value)) fields[name] = value
    else for (const [key, inner] of Object.entries(value)) visit(`${name}.${key}`, inner)
  }
  for (const [group, value] of Object.entries(input)) if (group !== 'tenant') visit(`settings.${group}`, value as Json)
  return fields
}

/**
 * What the contract and the customer's security rules say of a tenant; each value alone, so that others stay as they
 * are.
 */
export default defineAction({
  title: "Sets a tenant's entitled features, limits, region, session and password policy, MFA and IP allow-list.",
  example: {
    tenant: 'acme',
    entitled: { sso: true, scim: true, api_access: true, webhooks: false },
    limits: { users: 1000, api_calls_per_15min: 50000, storage_gb: 500 },
    session: { idle_minutes: 30, absolute_hours: 12 },
    mfa: true,
    ip_allowlist: ['203.0.113.0/24'],
  },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant'],
    properties: {
      tenant: { type: 'string', minLength: 1, description: 'Slug of the tenant.' },
      entitled: { ...features, description: 'Features by name that the contract gives: { sso: true }.' },
      enabled: { ...features, description: 'Features by name that passed their tests and may be used.' },
      limits: {
        type: 'object',
        additionalProperties: false,
        properties: {
          users: number('Most users.'),
          api_calls_per_15min: number('Most API calls in 15 minutes.'),
          storage_gb: number('Most storage, in GB.'),
        },
      },
      region: {
        type: ['string', 'null'],
        description: 'Where its data lives; not together with the region of tenant.record.',
      },
      session: {
        type: 'object',
        additionalProperties: false,
        properties: {
          idle_minutes: number('Ends after this long without a request.'),
          absolute_hours: number('Ends after this long.'),
        },
      },
      password: { type: 'object', description: 'Password policy: { min_length: 12 }.' },
      mfa: { type: ['boolean', 'null'], description: 'Whether a second factor is demanded.' },
      ip_allowlist: {
        type: ['array', 'null'],
        items: { type: 'string' },
        description: 'Networks from which users may come, in CIDR form; [] = from anywhere.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant'],
    properties: { tenant: { type: 'string', description: 'Slug of the tenant.' } },
  },
  where: 'database',
  owns: ({ tenant, ...given }) =>
    Object.entries(given).flatMap(([group, value]) => {
      const name = `tenant/${tenant}/settings/${group}`
      return typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.keys(value).map((key) => `${name}/${key}`)
        : [name]
    }),

  async check(read, input): Promise<Seen> {
    const { tenants } = read.product
    const want = wanted(input)
    assertNetworks(input.ip_allowlist ?? [], 'ip_allowlist')
    tenants.needs(['slug', ...Object.keys(want)], 'these settings')
    const found = await tenants.find(read, { slug: input.tenant }, { want })
    return { key: found?.key ?? null, cells: found?.cells ?? {} }
  },

  plan(input, seen): SettingsChange | null {
    const about = { target: `settings of tenant ${input.tenant}`, slug: input.tenant, key: seen.key }
    const want = wanted(input)
    if (seen.key === null) return { ...about, before: null, after: want, exact: {} }
    const found = differences(seen.cells, want)
    return found && { ...about, ...found }
  },

  async apply(write, change) {
    if (change.key === null) throw noTenant(change.slug, write.onboarding.key)
    await write.product.tenants.update(write, change.key, forward(change.exact, change.after))
  },

  outputs: (input) => ({ tenant: input.tenant }),

  async undo(write, change, after) {
    if (after.key !== null) await write.product.tenants.update(write, after.key, backward(change.exact, after.cells))
  },
})
