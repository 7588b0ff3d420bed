/** The connection that a step is about, as a Reader sees it: never its secrets. */
import type { Reader } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import type { Mapping } from '../../identity/login/types.ts'
import { type Query, tablesOf, type Tables } from '../../identity/sql.ts'
import type { JsonObject } from '../../model.ts'

/** Inputs that name it. */
export const NAMED = {
  tenant: { type: 'string', minLength: 1, description: 'Slug of the tenant.' },
  connection: {
    type: 'string', pattern: '^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$', default: 'main',
    description: 'Name of the connection; it stands in its addresses: /sso/TENANT/NAME/….',
  },
} as const

export interface Row {
  readonly id: string
  readonly protocol: 'saml' | 'oidc'
  readonly enabled: boolean
  readonly settings: JsonObject
  readonly mapping: Mapping | null
  readonly has_secret: boolean
  readonly mark: string | null
  /** When settings, mapping or secret were last changed: PostgreSQL's text, which is exact. */
  readonly changed: string
}

export interface Seen {
  /** Key of the tenant; null: there is none yet. */
  readonly tenant: string | null
  readonly row: Row | null
}

/** Throws waiting where the product is mapped: its own server has the connections. */
export function tables(read: Pick<Reader, 'product'>): Tables {
  const { schema } = read.product
  if (schema !== null) return tablesOf(schema)
  throw new OnboardError(
    'waiting',
    'capability-unavailable',
    'the mapped product has no place for connections: single sign-on is set up in its own server',
  )
}

/** A Reader as the functions of src/identity/ want it. */
export const queryOf =
  (read: Reader): Query =>
  <R>(sql: string, params: readonly unknown[] = []) =>
    read.many<R>(sql, params)

export async function look(read: Reader, slug: string, name: string): Promise<Seen> {
  const { connections } = tables(read)
  const tenant = await read.product.tenants.find(read, { slug }, {})
  if (tenant === null) return { tenant: null, row: null }
  const row = await read.one<Row>(
    `SELECT id::text, protocol, enabled, settings, mapping,
            has_client_secret AS has_secret, client_secret_mark AS mark, updated_at::text AS changed
       FROM ${connections} WHERE tenant_id = $1::uuid AND name = $2`,
    [tenant.key, name],
  )
  return { tenant: tenant.key, row: row ?? null }
}

export function moved(target: string): OnboardError {
  return new OnboardError('conflict', 'moved', `${target}: it was changed at this moment`)
}

export function noConnection(target: string, key: string): OnboardError {
  return new OnboardError(
    'conflict', 'no-connection', `${target}: there is no such connection yet`,
    { suggestions: [`onboard sso ${key.split('/')[0] ?? ''}`] },
  )
}
