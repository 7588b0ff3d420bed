/** Where the attributes of users are kept: what filters, orders and reads name in SQL; `u` is the user. */
import type { Columns } from './filter/sql.ts'
import { type Attribute, ENTERPRISE, USER } from './schema.ts'
import type { Tables } from '../sql.ts'

const NAME = 'coalesce(u.user_name, u.email)'
/** To the millisecond, as it is returned: what is read can be compared with. */
const MADE = `date_trunc('milliseconds', u.created_at)`
const CHANGED = `date_trunc('milliseconds', u.updated_at)`
/** Columns of a `UserRow`, but for its groups. */
export const USER_COLUMNS = `u.id::text, ${NAME} AS user_name, u.email, u.full_name, u.active, u.external_id,
    u.document, u.version::text, u.break_glass, u.role,
    to_char(${MADE}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created,
    to_char(${CHANGED}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS modified`

/** Addresses of one whom no directory has described: the one that is known. */
const EMAILS = `CASE WHEN u.document IS NULL
  THEN jsonb_build_array(jsonb_build_object('value', u.email, 'type', 'work', 'primary', true))
  ELSE coalesce(u.document -> 'emails', '[]') END`

/** As the index users_emails has them: names and values in lower case. */
const HAS_ADDRESS = (text: string): string => `(u.document IS NULL AND lower(u.email) = lower(${text})
  OR lower((u.document -> 'emails')::text)::jsonb @> jsonb_build_array(jsonb_build_object('value', lower(${text}))))`

export function userColumns({ members, groups }: Tables): Columns {
  const direct: Readonly<Record<string, { sql: string; sure?: boolean }>> = {
    id: { sql: 'u.id::text', sure: true },
    userName: { sql: NAME, sure: true },
    displayName: { sql: 'u.full_name', sure: true },
    active: { sql: 'u.active', sure: true },
    externalId: { sql: 'u.external_id' },
    'meta.created': { sql: MADE, sure: true },
    'meta.lastModified': { sql: CHANGED, sure: true },
    'meta.resourceType': { sql: `'User'`, sure: true },
  }
  return {
    one({ extension, attribute, sub }) {
      if (attribute.multiValued) return undefined
      const name = sub === null ? attribute.name : `${attribute.name}.${sub.name}`
      if (extension === null && Object.hasOwn(direct, name)) return direct[name]
      if (attribute.mutability === 'readOnly' || (attribute.type === 'complex' && sub === null)) return undefined
      const path = [...(extension === null ? [] : [extension]), attribute.name, ...(sub === null ? [] : [sub.name])]
      return { sql: `(u.document #>> '{${path.map((one) => `"${one}"`).join(',')}}')` }
    },
    list({ attribute }) {
      if (!attribute.multiValued) return undefined
      if (attribute.name === 'schemas') {
        const from = `(SELECT '${USER}' AS urn UNION ALL SELECT '${ENTERPRISE}' WHERE u.document ? '${ENTERPRISE}') e`
        return { from, value: 'e.urn', sub: () => 'NULL' }
      }
      if (attribute.name === 'groups') {
        const parts: Readonly<Record<string, string>> = {
          value: 'e.id::text',
          display: 'e.display_name',
          type: `'direct'`,
        }
        const from = `(SELECT g.id, g.display_name
                         FROM ${members} m JOIN ${groups} g ON g.id = m.group_id WHERE m.user_id = u.id) e`
        return { from, sub: (one) => parts[one.name] ?? 'NULL' }
      }
      const list = attribute.name === 'emails' ? EMAILS : `coalesce(u.document -> '${attribute.name}', '[]')`
      return {
        from: `jsonb_array_elements(${list}) e`,
        sub: (one: Attribute) => (one.type === 'boolean' ? `(e ->> '${one.name}')::boolean` : `(e ->> '${one.name}')`),
        narrow: (one, text) => (attribute.name === 'emails' && one.name === 'value' ? HAS_ADDRESS(text) : undefined),
      }
    },
  }
}
