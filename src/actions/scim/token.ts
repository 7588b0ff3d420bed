import { defineAction, type Reader, type Writer } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import { newScimToken } from '../../identity/scim/token.ts'
import type { Change } from '../../model.ts'
import { noTenant } from '../../product/missing.ts'
import { letEnd, type Live, mayRotate } from './_rotation.ts'
import { scimTables } from './_tables.ts'

export interface Seen {
  /** Key of the tenant; null: there is none yet. */
  readonly tenant: string | null
  /** Tokens that open the door now, oldest first. */
  readonly live: readonly Live[]
}

interface TokenChange extends Change {
  readonly slug: string
  readonly tenant: string | null
  readonly days: number
  /** Ids of the tokens that were live before. */
  readonly known: readonly string[]
}

const NAME = 'scim_token'

async function look(read: Reader, slug: string): Promise<Seen> {
  const { tokens } = scimTables(read)
  const tenant = await read.product.tenants.find(read, { slug }, {})
  if (tenant === null) return { tenant: null, live: [] }
  const live = await read.many<Seen['live'][number]>(
    `SELECT id::text, prefix, to_char(expires_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS expires_at FROM ${tokens}
      WHERE tenant_id = $1::uuid AND revoked_at IS NULL AND expires_at > onboard.now()
      ORDER BY created_at, expires_at, id`,
    [tenant.key],
  )
  return { tenant: tenant.key, live }
}

/** Makes a token and hands it over; what stays is its hash. */
async function issue(write: Writer, tenant: string, days: number): Promise<void> {
  const { token, hash, prefix } = newScimToken()
  const [row] = await write.many<{ ends: string }>(
    `SELECT to_char(onboard.now() + make_interval(days => $1::int), 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS ends`,
    [days],
  )
  const ends = row?.ends ?? ''
  await write.run(
    `INSERT INTO ${scimTables(write).tokens} (tenant_id, token_hash, prefix, expires_at)
     VALUES ($1::uuid, $2, $3, $4::timestamptz)`,
    [tenant, hash, prefix, ends],
  )
  write.secret(NAME, token, { expires_at: ends, note: 'for the directory of the customer: Okta, Entra ID' })
}

/** A second token beside the one that there is, which ends after the overlap. */
export async function rotate(
  write: Writer,
  slug: string,
  { tenant, live }: Seen,
  days: number,
  overlap_days: number,
): Promise<void> {
  if (tenant === null) throw noTenant(slug)
  mayRotate(live, slug)
  await write.product.tenants.hold(write, tenant)
  await letEnd(write, tenant, overlap_days)
  await issue(write, tenant, days)
}

/**
 * The bearer token with which the customer's directory signs in to SCIM. Issued once; a re-run issues no second one
 * while it is good.
 */
export default defineAction({
  title: "Issues the bearer token with which the customer's directory signs in to SCIM, once; it ends after some days.",
  example: { tenant: 'acme', expires_days: 365 },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant'],
    properties: {
      tenant: { type: 'string', minLength: 1, description: 'Slug of the tenant.' },
      expires_days: {
        type: 'integer',
        minimum: 1,
        maximum: 730,
        default: 365,
        description: 'How many days the token is good for.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['prefix', 'expires_at'],
    properties: {
      prefix: { type: 'string', description: 'Its first characters, by which it is told from others.' },
      expires_at: { type: 'string', format: 'date-time' },
    },
  },
  where: 'database',
  issues: [NAME],
  owns: (input) => [`tenant/${input.tenant}/scim/token`],

  check: (read, input) => look(read, input.tenant),

  plan(input, { tenant, live }): TokenChange | null {
    if (live.length > 0) return null
    const about = {
      target: `SCIM token of tenant ${input.tenant}`,
      slug: input.tenant,
      tenant,
      days: input.expires_days,
    }
    return {
      ...about,
      known: live.map((one) => one.id),
      before: null,
      after: { token: 'issued', expires_days: input.expires_days },
    }
  },

  async apply(write, change) {
    if (change.tenant === null) throw noTenant(change.slug, write.onboarding.key)
    // Two at once wait for each other here, and the second one sees what the first has issued.
    await write.product.tenants.hold(write, change.tenant)
    const { live } = await look(write, change.slug)
    if (live.some((one) => !change.known.includes(one.id)))
      throw new OnboardError('conflict', 'moved', `${change.target}: one was issued at this moment`)
    await issue(write, change.tenant, change.days)
  },

  outputs: (_input, { live }) => ({ prefix: live.at(-1)?.prefix ?? '', expires_at: live.at(-1)?.expires_at ?? '' }),

  async undo(write, change, after) {
    const own = after.live.filter((one) => !change.known.includes(one.id)).map((one) => one.id)
    await write.run(`DELETE FROM ${scimTables(write).tokens} WHERE id = ANY ($1::uuid[])`, [own])
  },

  async reissue(write, input, seen) {
    if (seen.tenant === null) throw noTenant(input.tenant)
    await write.run(
      `UPDATE ${scimTables(write).tokens} SET revoked_at = onboard.now()
        WHERE tenant_id = $1::uuid AND revoked_at IS NULL`,
      [seen.tenant],
    )
    await issue(write, seen.tenant, input.expires_days)
  },
})
