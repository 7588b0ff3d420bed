/** Where the attributes of groups are kept (`g` is the group), and what a directory sees of a row. */
import type { JsonObject } from '../../model.ts'
import type { Columns } from './filter/sql.ts'
import { GROUP } from './schema.ts'
import type { Tables } from '../sql.ts'
import { versionOf } from './user-row.ts'

export interface GroupRow {
  readonly id: string
  readonly display_name: string
  readonly external_id: string | null
  readonly version: string
  readonly created: string
  readonly modified: string
  readonly members?: readonly { readonly value: string; readonly display: string }[] | null
}

const MADE = `date_trunc('milliseconds', g.created_at)`
const CHANGED = `date_trunc('milliseconds', g.updated_at)`

/** Columns of a `GroupRow`, but for its members. */
export const GROUP_COLUMNS = `g.id::text, g.display_name, g.external_id, g.version::text,
    to_char(${MADE}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created,
    to_char(${CHANGED}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS modified`

/** For filters and orders. */
export function groupColumns({ members, users }: Tables): Columns {
  const direct: Readonly<Record<string, { sql: string; sure?: boolean }>> = {
    id: { sql: 'g.id::text', sure: true },
    displayName: { sql: 'g.display_name', sure: true },
    externalId: { sql: 'g.external_id' },
    'meta.created': { sql: MADE, sure: true },
    'meta.lastModified': { sql: CHANGED, sure: true },
    'meta.resourceType': { sql: `'Group'`, sure: true },
  }
  const parts: Readonly<Record<string, string>> = {
    value: 'e.user_id::text',
    display: `(SELECT u.full_name FROM ${users} u WHERE u.id = e.user_id)`,
    type: `'User'`,
  }
  return {
    one: ({ attribute, sub }) => direct[sub === null ? attribute.name : `${attribute.name}.${sub.name}`],
    list({ attribute }) {
      if (attribute.name === 'schemas')
        return { from: `(SELECT '${GROUP}' AS urn) e`, value: 'e.urn', sub: () => 'NULL' }
      if (attribute.name !== 'members') return undefined
      return {
        from: `(SELECT m.user_id FROM ${members} m WHERE m.group_id = g.id) e`,
        sub: (one) => parts[one.name] ?? 'NULL',
      }
    },
  }
}

export function resourceOf(row: GroupRow, base: string): JsonObject {
  const { id, display_name, external_id, created, modified, members } = row
  return {
    schemas: [GROUP],
    id,
    ...(external_id === null ? {} : { externalId: external_id }),
    displayName: display_name,
    ...(members === undefined
      ? {}
      : { members: (members ?? []).map((one) => ({ ...one, $ref: `${base}/Users/${one.value}`, type: 'User' })) }),
    meta: {
      resourceType: 'Group',
      created,
      lastModified: modified,
      location: `${base}/Groups/${id}`,
      version: versionOf(row),
    },
  }
}
