import { defineAction, type Reader } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import type { Change } from '../../model.ts'
import { noTenant } from '../../product/missing.ts'
import type { Cell } from '../../product/port.ts'
import { look, NAMED, type Seen, tables } from '../sso/_connection.ts'

/** The account that keeps its password. */
interface Emergency {
  readonly id: string
  readonly role: string
  readonly active: boolean
  readonly has_password: boolean
  readonly must_change: boolean
  readonly marked: boolean
}

interface Looked extends Seen {
  readonly password: Cell | null
  readonly emergency: Emergency | null
  /** Mail address of an administrator who signed in through the connection since it was last changed. */
  readonly proved: string | null
}

interface DisableChange extends Change {
  readonly slug: string
  readonly tenant: string | null
  readonly user: string | null
  readonly marks: boolean
  /** Why it cannot be done yet; null: it can. */
  readonly missing: string | null
  readonly exact: string | null
}

const PASSWORD = 'settings.enabled.password'

async function lookAll(
  read: Reader, input: { readonly tenant: string; readonly connection: string; readonly emergency: string },
): Promise<Looked> {
  const seen = await look(read, input.tenant, input.connection)
  const { tenants } = read.product
  tenants.needs(['slug', PASSWORD], 'switching passwords off')
  const { users, traces } = tables(read)
  const found = await tenants.find(read, { slug: input.tenant }, { want: { [PASSWORD]: false } })
  const emergency = await read.one<Emergency>(
    `SELECT id::text, role, active,
            has_password_hash AS has_password, must_change_password AS must_change, break_glass AS marked
       FROM ${users} WHERE tenant_id = $1::uuid AND lower(email) = lower($2)`,
    [seen.tenant, input.emergency],
  )
  const proved = seen.row === null ? undefined : await read.one<{ email: string }>(
    `SELECT u.email FROM ${traces} t JOIN ${users} u ON u.id = t.user_id
      WHERE t.connection_id = $1::uuid AND t.purpose = 'login' AND t.accepted AND t.at >= $2::timestamptz
        AND u.role = 'admin' AND u.active
      ORDER BY t.id DESC LIMIT 1`,
    [seen.row.id, seen.row.changed],
  )
  return {
    ...seen, password: found?.cells[PASSWORD] ?? null, emergency: emergency ?? null, proved: proved?.email ?? null,
  }
}

/** Why passwords have to stay for now; null: nothing is in the way. */
function missingOf(
  { row, emergency, proved }: Looked, input: { readonly connection: string; readonly emergency: string },
): string | null {
  if (row?.enabled !== true) return `the connection ${input.connection} is not switched on`
  if (proved === null) return 'no administrator has signed in through it since it was last changed'
  if (emergency === null) return `there is no account ${input.emergency} for emergencies`
  if (!emergency.active || emergency.role !== 'admin') {
    return `${input.emergency} is no active administrator, and could put nothing right in an emergency`
  }
  return emergency.has_password && !emergency.must_change ? null : `${input.emergency} has no password of their own yet`
}

/** Lets people in by the identity provider alone, but for one account for emergencies, which keeps its password. */
export default defineAction({
  title: 'Switches sign-in by password off for a tenant; one account for emergencies keeps its own.',
  example: { tenant: 'acme', emergency: 'tom@acme.example' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant', 'emergency'],
    properties: {
      ...NAMED,
      emergency: {
        type: 'string',
        minLength: 3,
        maxLength: 254,
        description: 'Mail address of an administrator with a password: the way in when single sign-on fails.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['emergency'],
    properties: { emergency: { type: 'string', description: 'Who still signs in by password.' } },
  },
  where: 'database',
  owns: ({ tenant }) => [`tenant/${tenant}/settings/enabled/password`],

  check: lookAll,

  plan(input, seen): DisableChange | null {
    const { tenant, password, emergency } = seen
    if (password?.same === true && emergency?.marked === true) return null
    return {
      target: `passwords of tenant ${input.tenant}`,
      slug: input.tenant,
      tenant,
      user: emergency?.id ?? null,
      marks: emergency?.marked !== true,
      missing: missingOf(seen, input),
      exact: password?.exact ?? null,
      before: { password: password?.value ?? null, ...(emergency?.marked === true ? {} : { emergency: null }) },
      after: { password: false, ...(emergency?.marked === true ? {} : { emergency: input.emergency }) },
    }
  },

  async apply(write, change) {
    if (change.tenant === null) throw noTenant(change.slug, write.onboarding.key)
    if (change.missing !== null || change.user === null) {
      throw new OnboardError('waiting', 'would-lock-out', `${change.target} stay for now: ${change.missing ?? ''}`, {
        suggestions: [`onboard diagnose sso ${write.onboarding.key}`],
      })
    }
    const { users, sessions } = tables(write)
    // It is still what was looked at: whoever deactivates it now waits, or has come first.
    const rows = await write.run(
      `UPDATE ${users} SET break_glass = true
        WHERE id = $1::uuid AND active AND role = 'admin' AND has_password_hash AND NOT must_change_password`,
      [change.user],
    )
    if (rows === 0) throw new OnboardError(
      'conflict', 'moved', `${change.target}: the account for emergencies was changed at this moment`,
    )
    if (change.before?.['password'] !== false) await write.product.tenants.update(
      write, change.tenant, { [PASSWORD]: { from: change.exact, to: { value: false } } },
    )
    await write.run(
      `UPDATE ${sessions} SET ended_at = onboard.now(), ended_why = 'password-off'
        WHERE tenant_id = $1::uuid AND method = 'password' AND user_id <> $2::uuid AND ended_at IS NULL`,
      [change.tenant, change.user],
    )
  },

  outputs: (input) => ({ emergency: input.emergency }),

  owned: ({ password, emergency }) => ({ password: password?.value ?? null, marked: emergency?.marked ?? null }),

  async undo(write, change, after) {
    if (after.tenant === null) return
    if (change.before?.['password'] !== false) await write.product.tenants.update(
      write, after.tenant, { [PASSWORD]: { from: after.password?.exact ?? null, to: { exact: change.exact } } },
    )
    if (change.marks && change.user !== null) await write.run(
      `UPDATE ${tables(write).users} SET break_glass = false WHERE id = $1::uuid`, [change.user],
    )
  },
})
