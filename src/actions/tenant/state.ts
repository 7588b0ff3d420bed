import { defineProbe } from '../../contract.ts'
import type { Evidence, Json } from '../../model.ts'

const FEATURES = ['sso', 'scim', 'api_access', 'webhooks'] as const
const LIMITS = ['users', 'api_calls_per_15min', 'storage_gb'] as const
const SESSION = ['idle_minutes', 'absolute_hours'] as const

interface State {
  readonly status: string
  readonly live: boolean
  readonly login: 'password' | 'sso' | 'sso-and-password'
  readonly entitled: Readonly<Record<string, boolean | null>>
  readonly enabled: Readonly<Record<string, boolean | null>>
  readonly limits: Readonly<Record<string, number | null>>
  readonly session: Readonly<Record<string, number | null>>
  readonly mfa: boolean | null
  readonly ip_allowlist: readonly string[] | null
}

const object = (names: readonly string[], type: readonly string[], description: string) => ({
  type: 'object', additionalProperties: false, required: [...names], description,
  properties: Object.fromEntries(names.map((name) => [name, { type: [...type] }])),
})

/**
 * What is true of a tenant now, for documents: nobody types how people sign in. Passwords are off where
 * `enabled.password` is false.
 */
export default defineProbe({
  title: "Reads a tenant's status, how its users sign in, its features, limits and rules of security from the product.",
  example: { tenant: 'acme' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant'],
    properties: { tenant: { type: 'string', minLength: 1, description: 'Slug of the tenant.' } },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['status', 'live', 'login', 'entitled', 'enabled', 'limits', 'session', 'mfa', 'ip_allowlist'],
    properties: {
      status: { type: 'string', description: 'provisioning, live or suspended.' },
      live: { type: 'boolean', description: 'Whether it has production access.' },
      login: { type: 'string', enum: ['password', 'sso', 'sso-and-password'], description: 'How its users sign in.' },
      entitled: object(
        FEATURES, ['boolean', 'null'], 'Features that the contract gives; null where the product has no place for it.',
      ),
      enabled: object(
        FEATURES, ['boolean', 'null'], 'Features that are switched on; null where the product has no such switch.',
      ),
      limits: object(LIMITS, ['number', 'null'], 'Limits; null where there is none.'),
      session: object(SESSION, ['number', 'null'], 'When sessions end; null where nothing is set.'),
      mfa: {
        type: ['boolean', 'null'],
        description: 'Whether a second factor is demanded; null where the product has no such switch.',
      },
      ip_allowlist: {
        type: ['array', 'null'], items: { type: 'string' },
        description: 'Networks from which users may come; [] = from anywhere, null: the product has no place for it.',
      },
    },
  },
  touches: 'nothing',
  max_age_ms: 15 * 60_000,

  async probe(read, { tenant }): Promise<Evidence> {
    const { tenants } = read.product
    tenants.needs(['slug', 'status'], 'reading the state of a tenant')
    const features = (group: string, names: readonly string[]) => names.map((name) => `settings.${group}.${name}`)
    const fields = [
      ...features('entitled', FEATURES), ...features('enabled', [...FEATURES, 'password']),
      ...features('limits', LIMITS), ...features('session', SESSION), 'settings.mfa', 'settings.ip_allowlist',
    ]
    const also = fields.filter((field) => tenants.has(field))
    const found = await tenants.find(read, { slug: tenant }, { want: { status: 'live' }, also })
    if (found === null) return { result: 'fail', summary: `there is no tenant ${tenant}`, data: null }
    const value = (field: string): Json => found.cells[field]?.value ?? null
    // A switch that the product has and that nobody has set is off; null is for one that it does not have.
    const switches = (group: string) => Object.fromEntries(FEATURES.map((name) => {
      const field = `settings.${group}.${name}`
      return [name, tenants.has(field) ? value(field) === true : null]
    }))
    const numbers = (group: string, names: readonly string[]) => Object.fromEntries(
      names.map((name) => [name, numberOf(value(`settings.${group}.${name}`))]),
    )
    const status = found.cells['status']
    const state: State = {
      status: String(status?.value ?? ''),
      live: status?.same === true,
      login: loginOf(value('settings.enabled.sso') === true, value('settings.enabled.password') !== false),
      entitled: switches('entitled'), enabled: switches('enabled'),
      limits: numbers('limits', LIMITS), session: numbers('session', SESSION),
      mfa: tenants.has('settings.mfa') ? value('settings.mfa') === true : null,
      ip_allowlist: tenants.has('settings.ip_allowlist') ? networksOf(value('settings.ip_allowlist')) : null,
    }
    return { result: 'pass', summary: `${state.status}, sign-in by ${state.login}`, data: { ...state } }
  },

  outputs: (_input, evidence) => (evidence.result === 'pass' ? evidence.data : null) as never,
})

/** A column of type bigint or numeric arrives as text. */
function numberOf(value: Json): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}

/** A column of type text[] or jsonb; where nothing is set nobody is kept out. */
function networksOf(value: Json): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}

/** A tenant of which neither is on has passwords: nothing else could let anybody in. */
function loginOf(sso: boolean, password: boolean): State['login'] {
  if (!sso) return 'password'
  return password ? 'sso-and-password' : 'sso'
}
