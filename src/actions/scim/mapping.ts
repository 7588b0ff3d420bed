import { defineAction, type Reader } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import { ROLES } from '../../identity/login/types.ts'
import { mappingOf, remap, type RoleMapping, unmap, unmapped } from '../../identity/scim/roles.ts'
import type { Change, JsonObject } from '../../model.ts'
import { noTenant } from '../../product/missing.ts'
import { queryOf, scimTables } from './_tables.ts'

interface Seen {
  /** Key of the tenant; null: there is none yet. */
  readonly tenant: string | null
  readonly mapping: RoleMapping | null
  /** Users who have another role than it says; not those who may have to stay administrators. */
  readonly off: number
}

interface MappingChange extends Change {
  readonly slug: string
  readonly tenant: string | null
  readonly mapping: RoleMapping
  readonly was: RoleMapping | null
}

async function look(read: Reader, slug: string): Promise<Seen> {
  const tables = scimTables(read)
  const tenant = await read.product.tenants.find(read, { slug }, {})
  if (tenant === null) return { tenant: null, mapping: null, off: 0 }
  const query = read.many.bind(read)
  const mapping = await mappingOf(query, tables, tenant.key)
  const wrong = mapping === null ? [] : await unmapped(query, tables, tenant.key, null)
  return {
    tenant: tenant.key,
    mapping,
    off: wrong.filter((one) => one.role !== one.wanted && one.role !== 'admin').length,
  }
}

/** `{ "Acme Admins": "admin" }`, as people read it. */
const shown = (mapping: RoleMapping | null): JsonObject | null =>
  mapping && {
    groups: Object.fromEntries(mapping.groups.map((one) => [one.group, one.role])),
    otherwise: mapping.role_default,
  }

/** Names of groups are compared without case, so none may be there twice. Throws invalid. */
function wanted(input: {
  readonly groups: RoleMapping['groups']
  readonly role_default: RoleMapping['role_default']
}): RoleMapping {
  const groups = input.groups.map(({ group, role }) => ({ group: group.trim(), role }))
  const names = groups.map(({ group }) => group.toLowerCase())
  const twice = groups.find(({ group }, at) => names.indexOf(group.toLowerCase()) !== at)
  if (twice !== undefined)
    throw new OnboardError(
      'invalid',
      'group-twice',
      `groups: ${JSON.stringify(twice.group)} is there twice; its name is compared without case`,
    )
  if (names.includes('')) throw new OnboardError('invalid', 'group-empty', 'groups: a name of a group is empty')
  return { groups, role_default: input.role_default }
}

/** Which groups of the customer's directory give which role. Whoever is in them now has it at once. */
export default defineAction({
  title: "Declares which groups of the customer's directory give which role; everybody's role follows at once.",
  example: { tenant: 'acme', groups: [{ group: 'Acme Admins', role: 'admin' }], role_default: 'member' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant'],
    properties: {
      tenant: { type: 'string', minLength: 1, description: 'Slug of the tenant.' },
      groups: {
        type: 'array',
        maxItems: 200,
        default: [],
        description: 'Groups by their display name in the directory; of several that hold, the highest role counts.',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['group', 'role'],
          properties: { group: { type: 'string', minLength: 1 }, role: { type: 'string', enum: ROLES } },
        },
      },
      role_default: {
        type: 'string',
        enum: ROLES,
        default: 'member',
        description: 'Of those who are in none of these groups.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['groups', 'role_default'],
    properties: {
      groups: { type: 'integer', description: 'How many groups give a role.' },
      role_default: { type: 'string', enum: ROLES },
    },
  },
  where: 'database',
  owns: (input) => [`tenant/${input.tenant}/scim/mapping`],

  async check(read, input) {
    wanted(input)
    return look(read, input.tenant)
  },

  plan(input, { tenant, mapping, off }): MappingChange | null {
    const next = wanted(input)
    const about = {
      target: `roles by group of tenant ${input.tenant}`,
      slug: input.tenant,
      tenant,
      mapping: next,
      was: mapping,
    }
    if (JSON.stringify(shown(mapping)) !== JSON.stringify(shown(next)))
      return { ...about, before: shown(mapping), after: shown(next) }
    return off === 0
      ? null
      : { ...about, before: { users_with_another_role: off }, after: { users_with_another_role: 0 } }
  },

  async apply(write, { tenant, slug, mapping }) {
    if (tenant === null) throw noTenant(slug)
    // Users and members that are made at this moment wait, and see the new mapping.
    await write.product.tenants.hold(write, tenant)
    const tables = scimTables(write)
    await write.run(
      `INSERT INTO ${tables.mappings} (tenant_id, groups, role_default) VALUES ($1::uuid, $2::jsonb, $3)
       ON CONFLICT (tenant_id) DO UPDATE
         SET groups = excluded.groups, role_default = excluded.role_default, updated_at = onboard.now()`,
      [tenant, JSON.stringify(mapping.groups), mapping.role_default],
    )
    await remap(queryOf(write), tables, tenant, null)
  },

  outputs: (input) => ({ groups: input.groups.length, role_default: input.role_default }),

  async undo(write, { was }, { tenant }) {
    if (tenant === null) return
    const tables = scimTables(write)
    await write.product.tenants.hold(write, tenant)
    if (was === null) return unmap(queryOf(write), tables, tenant)
    await write.run(
      `UPDATE ${tables.mappings} SET groups = $2::jsonb, role_default = $3, updated_at = onboard.now()
        WHERE tenant_id = $1::uuid`,
      [tenant, JSON.stringify(was.groups), was.role_default],
    )
    await remap(queryOf(write), tables, tenant, null)
  },
})
