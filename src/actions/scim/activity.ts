import { defineProbe } from '../../contract.ts'
import { MARK } from '../../identity/scim/tester/bench.ts'
import type { Evidence } from '../../model.ts'
import { noTenant } from '../../product/missing.ts'
import { scimTables } from './_tables.ts'

interface Counts {
  readonly created: number
  readonly changed: number
  readonly off: number
  readonly given: number
  readonly taken: number
  readonly signed_in: number
}

/** What of this the directory has done in each case, and how it is called where it has not. */
const WANTED = {
  users: [
    ['created', 'made a user'],
    ['changed', 'changed one'],
    ['off', 'switched one off'],
  ],
  groups: [
    ['given', 'given a role by a group'],
    ['taken', 'taken one back'],
  ],
} as const

/** Looks at what the customer's own directory has done; what our tester did does not count. */
export default defineProbe({
  title:
    "Looks whether the customer's own directory has made, changed and switched off users, or given roles by groups.",
  example: { tenant: 'acme', of: 'users' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant'],
    properties: {
      tenant: { type: 'string', minLength: 1, description: 'Slug of the tenant.' },
      of: {
        type: 'string',
        enum: ['users', 'groups'],
        default: 'users',
        description: 'users: made, changed, switched off and out at once; groups: a role given, and taken back.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['created', 'changed', 'off', 'given', 'taken'],
    properties: {
      created: { type: 'integer', description: 'Users that it has made.' },
      changed: { type: 'integer', description: 'Users that it has changed.' },
      off: { type: 'integer', description: 'Users that it has switched off or removed.' },
      given: { type: 'integer', description: 'Users whose role went up by a group.' },
      taken: { type: 'integer', description: 'Users whose role went down by a group.' },
    },
  },
  touches: 'nothing',
  max_age_ms: null,

  async probe(read, { tenant: slug, of }): Promise<Evidence> {
    const { events, users, sessions } = scimTables(read)
    const tenant = await read.product.tenants.find(read, { slug }, {})
    if (tenant === null) throw noTenant(slug)
    const rank = (name: string) => `array_position(ARRAY['viewer', 'member', 'manager', 'admin'], detail ->> '${name}')`
    const seen = await read.one<Counts>(
      `SELECT count(DISTINCT user_id) FILTER (WHERE event = 'scim.user.created')::int AS created,
              count(DISTINCT user_id)
                FILTER (WHERE event IN ('scim.user.updated', 'scim.user.reactivated'))::int AS changed,
              count(DISTINCT user_id)
                FILTER (WHERE event IN ('scim.user.deactivated', 'scim.user.deleted'))::int AS off,
              count(DISTINCT user_id)
                FILTER (WHERE event = 'scim.role.changed' AND ${rank('to')} > ${rank('from')})::int AS given,
              count(DISTINCT user_id)
                FILTER (WHERE event = 'scim.role.changed' AND ${rank('to')} < ${rank('from')})::int AS taken,
              (SELECT count(*)::int FROM ${sessions} s JOIN ${users} u ON u.id = s.user_id
                WHERE s.tenant_id = $1::uuid AND s.ended_at IS NULL
                  AND NOT u.active AND u.document IS NOT NULL) AS signed_in
         FROM ${events} e
        WHERE tenant_id = $1::uuid AND event LIKE 'scim.%' AND NOT EXISTS (
          SELECT FROM ${events} own WHERE own.tenant_id = e.tenant_id AND own.user_id = e.user_id
             AND starts_with(own.detail ->> 'user_name', $2))`,
      [tenant.key, MARK],
    )
    const counts = seen ?? { created: 0, changed: 0, off: 0, given: 0, taken: 0, signed_in: 0 }
    const { signed_in, ...data } = counts
    if (signed_in > 0)
      return { result: 'fail', summary: `${signed_in} sessions of users that are switched off are still open`, data }
    const missing = WANTED[of].filter(([name]) => counts[name] === 0).map(([, words]) => words)
    const done = WANTED[of].map(([name, words]) => `${words}: ${counts[name]}`).join(', ')
    return missing.length === 0
      ? { result: 'pass', summary: `the directory has ${done}`, data }
      : {
          result: 'not_checked',
          reason: `the directory has not ${missing.join(', nor ')} yet: come back after its next cycle`,
          next: `onboard apply ${read.onboarding.key}`,
        }
  },

  outputs(_input, evidence) {
    const data = (evidence.result === 'not_checked' ? {} : (evidence.data ?? {})) as Partial<Counts>
    const { created = 0, changed = 0, off = 0, given = 0, taken = 0 } = data
    return { created, changed, off, given, taken }
  },
})
