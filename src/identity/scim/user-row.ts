/** A row of users ↔ the resource that a directory sees. */
import { isDeepStrictEqual } from 'node:util'
import { isObject, type Json, type JsonObject } from '../../model.ts'
import { ENTERPRISE, USER } from './schema.ts'

export interface UserRow {
  readonly id: string
  readonly user_name: string
  readonly email: string
  readonly full_name: string
  readonly active: boolean
  readonly external_id: string | null
  readonly document: JsonObject | null
  readonly version: string
  readonly created: string
  readonly modified: string
  /** An account for emergencies. */
  readonly break_glass: boolean
  readonly role: string
  readonly groups?: readonly { readonly value: string; readonly display: string }[] | null
}

/** Kept in columns of their own, and not in the document. */
const OWN: ReadonlySet<string> = new Set(['userName', 'externalId', 'active', 'displayName', 'password'])

export const versionOf = ({ version }: { readonly version: string }): string => `W/"${version}"`

/** user_name, email, full_name, active, external_id, document. */
export function keptOf(resource: JsonObject): readonly unknown[] {
  const text = (name: string): string | null => (typeof resource[name] === 'string' ? resource[name] : null)
  const document = Object.fromEntries(Object.entries(resource).filter(([name]) => !OWN.has(name)))
  const userName = text('userName') ?? ''
  return [
    userName,
    addressOf(resource) ?? userName,
    text('displayName') ?? fullName(resource) ?? userName,
    resource['active'] === true,
    text('externalId'),
    JSON.stringify(document),
  ]
}

/** Whether the row has all of this resource already, and nothing else. */
export function isKept(row: UserRow, resource: JsonObject): boolean {
  const { user_name, email, full_name, active, external_id } = row
  const kept = keptOf(resource)
  const document: unknown = JSON.parse(String(kept.at(-1)))
  return isDeepStrictEqual(
    [...kept.slice(0, -1), document],
    [user_name, email, full_name, active, external_id, row.document],
  )
}

/** The address that is preferred, or the first one. */
function addressOf(resource: JsonObject): string | null {
  const all = Array.isArray(resource['emails']) ? (resource['emails'] as readonly Json[]).filter(isObject) : []
  const value = (all.find((one) => one['primary'] === true) ?? all[0])?.['value']
  return typeof value === 'string' ? value : null
}

function fullName(resource: JsonObject): string | null {
  const name = resource['name']
  if (!isObject(name)) return null
  if (typeof name['formatted'] === 'string') return name['formatted']
  const parts = [name['givenName'], name['familyName']].filter((one) => typeof one === 'string')
  return parts.length === 0 ? null : parts.join(' ')
}

export function resourceOf(row: UserRow, base: string): JsonObject {
  const { id, user_name, email, full_name, active, external_id, document, created, modified, groups } = row
  const rest: JsonObject = document ?? { emails: [{ value: email, type: 'work', primary: true }] }
  const location = `${base}/Users/${id}`
  return {
    schemas: [USER, ...(isObject(rest[ENTERPRISE]) ? [ENTERPRISE] : [])],
    id,
    ...(external_id === null ? {} : { externalId: external_id }),
    userName: user_name,
    displayName: full_name,
    active,
    ...rest,
    ...(groups
      ? { groups: groups.map((one) => ({ ...one, $ref: `${base}/Groups/${one.value}`, type: 'direct' })) }
      : {}),
    meta: { resourceType: 'User', created, lastModified: modified, location, version: versionOf(row) },
  }
}
