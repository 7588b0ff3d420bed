/** A tenant as those see it who sign in to it: its settings as rules, with what holds where they are silent. */
import type { Json, JsonObject } from '../../model.ts'
import type { Query, Tables } from '../sql.ts'

export interface Rules {
  /** Seconds without a request after which a session ends. */
  readonly idle_s: number
  /** Seconds after which a session ends. */
  readonly absolute_s: number
  /** Whether a second factor is demanded of whoever signs in by password. */
  readonly mfa: boolean
  /** Networks from which people may come; none: from anywhere. */
  readonly networks: readonly string[]
  readonly password: {
    /** Characters at least. */
    readonly min_length: number
    /** Whether only emergency accounts sign in by password. */
    readonly disabled: boolean
  }
  /** null: no limit. */
  readonly api_calls_per_15min: number | null
}

export interface Tenant {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly status: 'provisioning' | 'live' | 'suspended'
  readonly settings: JsonObject
  readonly rules: Rules
}

/** Columns of a tenant `t`, for a Tenant of `tenantFrom`. */
export const TENANT_COLUMNS = 't.id::text AS tenant_id, t.slug, t.name AS tenant_name, t.status, t.settings'
export interface TenantRow {
  readonly tenant_id: string
  readonly slug: string
  readonly tenant_name: string
  readonly status: Tenant['status']
  readonly settings: JsonObject
}

export const tenantFrom = (row: TenantRow): Tenant => ({
  id: row.tenant_id,
  slug: row.slug,
  name: row.tenant_name,
  status: row.status,
  settings: row.settings,
  rules: rulesOf(row.settings),
})

export async function tenantBySlug(
  query: Query,
  { tenants }: Pick<Tables, 'tenants'>,
  slug: string,
): Promise<Tenant | undefined> {
  const [row] = await query<TenantRow>(`SELECT ${TENANT_COLUMNS} FROM ${tenants} t WHERE t.slug = $1`, [slug])
  return row && tenantFrom(row)
}

/** bcrypt takes 72 bytes: who demanded more characters would get no password at all. */
const MOST_DEMANDED = 64

/** Settings → rules; a number below 1 says nothing, for nobody could work under it. */
export function rulesOf(settings: JsonObject): Rules {
  const [session, password, limits, enabled] = ['session', 'password', 'limits', 'enabled'].map((name) =>
    objectOf(settings[name]),
  )
  const networks = settings['ip_allowlist']
  return {
    idle_s: 60 * numberOf(session?.['idle_minutes'], 30),
    absolute_s: 3600 * numberOf(session?.['absolute_hours'], 12),
    mfa: settings['mfa'] === true,
    networks: Array.isArray(networks) ? networks.filter((one) => typeof one === 'string') : [],
    password: {
      min_length: Math.min(numberOf(password?.['min_length'], 12), MOST_DEMANDED),
      disabled: enabled?.['password'] === false,
    },
    api_calls_per_15min: numberOf(limits?.['api_calls_per_15min'], null),
  }
}

const objectOf = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}

function numberOf<T>(value: Json | undefined, otherwise: T): number | T {
  return typeof value === 'number' && value >= 1 ? value : otherwise
}
