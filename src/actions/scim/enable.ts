import { defineAction, type Reader } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import type { Change } from '../../model.ts'
import { noTenant } from '../../product/missing.ts'
import type { Cell } from '../../product/port.ts'
import { backward, differences, type Exact, forward } from '../../product/restore.ts'
import { scimTables } from './_tables.ts'

const FIELD = 'settings.enabled.scim'

interface Seen {
  /** Key of the tenant; null: there is none yet. */
  readonly key: string | null
  readonly cells: { readonly [field: string]: Cell }
}

interface EnableChange extends Change {
  readonly slug: string
  readonly key: string | null
  readonly exact: Exact
}

/** Whether a token opens the endpoint now. */
async function hasToken(read: Reader, tenant: string): Promise<boolean> {
  const live = await read.one(
    `SELECT 1 AS one FROM ${scimTables(read).tokens}
      WHERE tenant_id = $1::uuid AND revoked_at IS NULL AND expires_at > onboard.now()`,
    [tenant],
  )
  return live !== undefined
}

/** From now on the directory of the customer says who is a user: until then it can be tried with a few of its own. */
export default defineAction({
  title: "Switches directory sync on: from then on the customer's directory makes, changes and switches off its users.",
  example: { tenant: 'acme' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant'],
    properties: { tenant: { type: 'string', minLength: 1, description: 'Slug of the tenant.' } },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['enabled'],
    properties: { enabled: { type: 'boolean', const: true } },
  },
  where: 'database',
  owns: (input) => [`tenant/${input.tenant}/settings/enabled/scim`],

  async check(read, input): Promise<Seen> {
    const { tenants } = read.product
    tenants.needs(['slug', FIELD], 'directory sync')
    scimTables(read)
    const found = await tenants.find(read, { slug: input.tenant }, { want: { [FIELD]: true } })
    return { key: found?.key ?? null, cells: found?.cells ?? {} }
  },

  plan(input, { key, cells }): EnableChange | null {
    const about = { target: `directory sync of tenant ${input.tenant}`, slug: input.tenant, key }
    if (key === null) return { ...about, before: null, after: { [FIELD]: true }, exact: {} }
    const found = differences(cells, { [FIELD]: true })
    return found && { ...about, ...found }
  },

  async apply(write, change) {
    if (change.key === null) throw noTenant(change.slug, write.onboarding.key)
    if (!(await hasToken(write, change.key))) {
      throw new OnboardError(
        'conflict',
        'no-scim-token',
        `tenant ${change.slug} has no SCIM token that is good: nobody could sync`,
        {
          suggestions: [`onboard scim rotate ${write.onboarding.key}`],
        },
      )
    }
    await write.product.tenants.update(write, change.key, forward(change.exact, { [FIELD]: true }))
  },

  outputs: () => ({ enabled: true as const }),

  async undo(write, change, after) {
    if (after.key !== null) await write.product.tenants.update(write, after.key, backward(change.exact, after.cells))
  },
})
