import { defineAction, type Reader } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import type { Change, JsonObject } from '../../model.ts'
import { FIELDS, issue, NAMES, type Order, orderOf, REVOKED, UNSET, writes } from '../../product/credential.ts'
import { noTenant } from '../../product/missing.ts'
import type { Cell, Fields } from '../../product/port.ts'
import { backward, differences, type Exact, forward } from '../../product/restore.ts'

/** `unknown`: the product keeps passwords where the mapping has no name for them. */
type Credential = 'none' | 'unknown' | 'password' | 'temporary-password' | 'set-password-link'

interface Seen {
  readonly tenant: string | null
  readonly user: {
    readonly key: string
    /** What there is, never what it is. */
    readonly credential: Credential
    readonly cells: { readonly [field: string]: Cell }
  } | null
}

interface AdminChange extends Change {
  readonly slug: string
  readonly tenant: string | null
  readonly key: string | null
  readonly after: JsonObject
  readonly exact: Exact
  /** null: the user has a credential, which stays as it is. */
  readonly order: Order | null
}

const wanted = (input: { readonly name: string }): Fields => ({ full_name: input.name, role: 'admin' })

type Wish = Parameters<typeof orderOf>[0] & { readonly tenant: string; readonly name: string }

/** Whether tenant and user are there, and which credential the user has: never what it is. */
async function look(read: Reader, input: Wish): Promise<Seen> {
  const { tenants, users } = read.product
  const { handover } = orderOf(input)
  users.needs(['email', 'full_name', 'role', 'tenant', ...FIELDS[handover]], `an administrator by ${handover}`)
  const tenant = await tenants.find(read, { slug: input.tenant }, {})
  if (tenant === null) return { tenant: null, user: null }
  const found = await users.find(
    read,
    { tenant: tenant.key, email: input.email },
    {
      want: wanted(input),
      also: ['must_change_password'].filter((f) => users.has(f)),
      present: ['password_hash', 'set_password_token_hash'].filter((f) => users.has(f)),
    },
  )
  if (found === null) return { tenant: tenant.key, user: null }
  const {
    must_change_password: mustChange,
    password_hash: password,
    set_password_token_hash: link,
    ...cells
  } = found.cells
  const credential = (): Credential => {
    if (link?.value === true) return 'set-password-link'
    if (password === undefined) return 'unknown'
    if (password.value !== true) return 'none'
    return mustChange?.value === true ? 'temporary-password' : 'password'
  }
  return { tenant: tenant.key, user: { key: found.key, credential: credential(), cells } }
}

/** The tenant's first administrator. A credential is issued once, to a user who has none; no re-run ever resets one. */
export default defineAction({
  title: "Creates the tenant's first administrator and issues a set-password link or a temporary password, once.",
  example: {
    tenant: 'acme',
    email: 'tom@acme.example',
    name: 'Tom Braun',
    handover: 'set-password-link',
    expires_hours: 72,
    set_password_url: 'https://app.vendor.example/set-password',
  },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant', 'email', 'name'],
    properties: {
      tenant: { type: 'string', minLength: 1, description: 'Slug of the tenant.' },
      email: {
        type: 'string',
        format: 'email',
        minLength: 3,
        maxLength: 254,
        description: 'By which the user is found in the tenant; case does not matter.',
      },
      name: { type: 'string', minLength: 1, maxLength: 200, description: 'Full name.' },
      handover: {
        type: 'string',
        enum: ['set-password-link', 'temporary-password'],
        default: 'set-password-link',
        description: 'A link with which to set a password once, or a password that must be changed.',
      },
      expires_hours: {
        type: 'integer',
        minimum: 1,
        maximum: 8760,
        default: 72,
        description: 'How long what is issued may be used.',
      },
      set_password_url: {
        type: ['string', 'null'],
        description: 'Page where the link leads; the token becomes ?token=, or stands where {token} is.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['id', 'email', 'must_change_password'],
    properties: {
      id: { type: 'string', description: "The product's own key, as text." },
      email: { type: 'string' },
      must_change_password: { type: 'boolean', description: 'Whether a temporary password is still to be changed.' },
    },
  },
  where: 'database',
  issues: Object.values(NAMES),
  owns: (input) => [`tenant/${input.tenant}/users/${input.email.toLowerCase()}`],

  check: look,

  plan(input, seen): AdminChange | null {
    const about = {
      target: `administrator ${input.email} of tenant ${input.tenant}`,
      slug: input.tenant,
      tenant: seen.tenant,
    }
    const order = orderOf(input)
    if (seen.user === null) {
      return {
        ...about,
        key: null,
        before: null,
        after: { email: input.email, ...wanted(input), credential: order.handover },
        exact: {},
        order,
      }
    }
    const found = differences(seen.user.cells, wanted(input))
    const needy = seen.user.credential === 'none'
    if (found === null && !needy) return null
    return {
      ...about,
      key: seen.user.key,
      before: { ...found?.before, ...(needy ? { credential: 'none' } : {}) },
      after: { ...found?.after, ...(needy ? { credential: order.handover } : {}) },
      exact: found?.exact ?? {},
      order: needy ? order : null,
    }
  },

  async apply(write, change) {
    const { users } = write.product
    if (change.tenant === null) throw noTenant(change.slug, write.onboarding.key)
    const { email, credential: _, ...fields } = change.after
    const secrets = change.order === null ? {} : await issue(write, change.order)
    if (change.key === null) {
      return users.create(write, { email: email ?? null, tenant: change.tenant, ...fields, ...secrets })
    }
    await users.update(write, change.key, { ...forward(change.exact, fields), ...writes(users, secrets, UNSET) })
  },

  outputs: (input, { user }) => ({
    id: user?.key ?? '',
    email: input.email,
    must_change_password: user?.credential === 'temporary-password',
  }),

  async undo(write, change, after) {
    const { users } = write.product
    if (after.user === null) return
    const { key, cells } = after.user
    if (change.key !== null) {
      const revoked = change.order === null ? {} : writes(users, REVOKED[change.order.handover])
      return users.update(write, key, { ...backward(change.exact, cells), ...revoked })
    }
    const dependents = await users.dependents(write, key)
    if (dependents.length > 0) {
      throw new OnboardError(
        'conflict',
        'has-dependents',
        `${change.target} stays: rows of ${dependents.join(', ')} refer to it`,
      )
    }
    await users.remove(
      write,
      key,
      Object.fromEntries(Object.entries(cells).map(([field, cell]) => [field, cell.exact])),
    )
  },

  async reissue(write, input, seen) {
    const { users } = write.product
    const order = orderOf(input)
    if (seen.user !== null) {
      await users.hold(write, seen.user.key)
      const { user } = await look(write, input)
      if (user?.credential !== seen.user.credential)
        throw new OnboardError('conflict', 'moved', `${input.email}: their credential was changed at this moment`)
    }
    if (seen.user === null) {
      throw new OnboardError(
        'conflict',
        'no-such-user',
        `the product has no user ${input.email} in tenant ${input.tenant}: nothing to reissue yet`,
      )
    }
    if (seen.user.credential === 'password') {
      throw new OnboardError(
        'conflict',
        'already-taken-over',
        `${input.email} has set a password of their own: what was issued is used up; `
          + 'only the product resets a password in use',
      )
    }
    const other = order.handover === 'set-password-link' ? 'temporary-password' : 'set-password-link'
    await users.update(write, seen.user.key, writes(users, { ...REVOKED[other], ...(await issue(write, order)) }))
  },
})
