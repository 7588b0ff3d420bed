import { OnboardError } from '../errors.ts'
import { readDocument } from '../input/document.ts'
import { shippedSchema } from '../input/shipped.ts'
import type { Metric } from '../metrics/metric.ts'
import type { Json, JsonObject, Person } from '../model.ts'
import { DEFAULTS } from './defaults.ts'
import type { EscalationLevel } from './escalation.ts'

export interface Features {
  readonly sso: boolean
  readonly scim: boolean
  readonly api_access: boolean
  readonly webhooks: boolean
}

export interface PlanTerms {
  readonly features: Features
  readonly limits?: { readonly users?: number; readonly api_calls_per_15min?: number; readonly storage_gb?: number }
}

/** Where the product keeps rows of one kind. */
export interface Mapping {
  readonly table: string
  readonly key: string
  readonly columns: Readonly<Record<string, string>>
  readonly values?: Readonly<Record<string, Readonly<Record<string, Json>>>>
  readonly defaults?: Readonly<Record<string, Json>>
}

/** A request that a healthy product answers. */
interface ProbeRequest {
  readonly name: string
  readonly url: string
  readonly status?: number
  readonly contains?: string
  readonly token_env?: string
}

/** What validation looks at. */
interface ProbeTargets {
  readonly url?: string
  readonly samples?: number
  readonly session_cookie?: string
  readonly smoke?: readonly ProbeRequest[]
  readonly core?: readonly ProbeRequest[]
  readonly integrations?: readonly ProbeRequest[]
}

/** How mail is sent. */
export interface MailSettings {
  readonly from: string
  readonly folder?: string
  readonly smtp?: {
    readonly host: string
    readonly port: number
    readonly security: 'starttls' | 'tls' | 'none'
    readonly user?: string
    readonly password_env?: string
    readonly timeout_seconds?: number
  }
}

/** A document that customers get. */
interface CustomerDocument {
  readonly id: string
  readonly title: string
  readonly status: 'ready' | 'partial' | 'missing'
  readonly version?: string
  readonly link?: string
  readonly note?: string
  readonly only_with?: 'sso' | 'scim' | 'api_access' | 'webhooks' | 'integrations'
}

/** What a tier of support promises. */
interface ServiceLevel {
  readonly response_hours: number
  readonly resolution_hours?: number
  readonly availability_percent?: number
}

/** onboard.config.yaml with its defaults filled in; schemas/config.schema.json says what each means. */
export interface Config {
  readonly apiVersion: 'onboard/v1'
  readonly vendor: { readonly name: string; readonly app_url: string; readonly support_email: string }
  readonly time_zone: string
  /** Dates, `YYYY-MM-DD`. */
  readonly holidays: readonly string[]
  readonly database: 'embedded' | 'shared' | { readonly embedded: string } | { readonly url_env: string }
  readonly product:
    | { readonly form: 'reference'; readonly schema?: string }
    | { readonly form: 'mapped'; readonly tenants: Mapping; readonly users?: Mapping }
  readonly plans: Readonly<Partial<Record<'professional' | 'enterprise' | 'custom', PlanTerms>>>
  readonly sla: Readonly<Record<string, ServiceLevel>>
  readonly regions: Readonly<Record<string, { readonly hosts?: readonly string[] }>>
  readonly security: {
    readonly session: { readonly idle_minutes: number; readonly absolute_hours: number }
    readonly password: { readonly min_length: number } & Readonly<Record<string, number | boolean>>
    readonly mfa: boolean
  }
  readonly admin: {
    readonly handover: 'set-password-link' | 'temporary-password'
    readonly expires_hours: number
    readonly set_password_url: string
  }
  readonly capabilities: Readonly<Record<string, boolean>>
  readonly roles: Readonly<Record<string, readonly Person[]>>
  /** Who has an open issue, for how long, before the next level has it. */
  readonly escalation: readonly EscalationLevel[]
  readonly mail?: MailSettings
  /** Business days (`2d`): so many before it is due a step is first reminded of, and so many between two reminders. */
  readonly reminders?: { readonly before?: string; readonly every?: string }
  readonly documents?: readonly CustomerDocument[]
  readonly network?: { readonly allow?: readonly string[] }
  readonly probes?: ProbeTargets
  /** Where each metric is read, by its name in the runbook. */
  readonly metrics?: Readonly<Record<string, Metric>>
  readonly hypercare?: { readonly tickets_per_seat_per_day?: number }
  readonly adoption?: { readonly least_active_percent?: number; readonly review_percent?: number }
  /** How strictly runbooks are checked, by rule. */
  readonly lint?: { readonly rules?: Readonly<Record<string, 'off' | 'warning' | 'error'>> }
}

/**
 * The bytes of an onboard.config.yaml → the config; what it leaves out is taken from the built-in defaults, section by
 * section.
 * @throws OnboardError (invalid) with every finding.
 */
export function loadConfig(bytes: Uint8Array, file: string): Config {
  const { value, diagnostics } = readDocument(bytes, { file, schema: shippedSchema('config') })
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (value === undefined || errors.length > 0) {
    const count = errors.length === 1 ? 'one mistake' : `${errors.length} mistakes`
    throw new OnboardError(
      'invalid', 'config-invalid', `${file} has ${count}`,
      { diagnostics, ...(errors[0] === undefined ? {} : { at: errors[0] }) },
    )
  }
  return over(DEFAULTS, value as unknown as Partial<Config>)
}

/** Sections that are one thing are replaced as a whole; those that are sets of settings are filled in. */
function over(defaults: Config, given: Partial<Config>): Config {
  const vendor = { ...defaults.vendor, ...given.vendor }
  const admin = { ...defaults.admin, ...given.admin }
  // A link must lead to the vendor's own product unless the config says where else.
  const set_password_url = given.admin?.set_password_url ?? new URL('/set-password', vendor.app_url).href
  return {
    ...defaults,
    ...given,
    vendor,
    plans: { ...defaults.plans, ...given.plans },
    security: { ...defaults.security, ...given.security },
    admin: { ...admin, set_password_url },
    capabilities: { ...defaults.capabilities, ...given.capabilities },
    roles: { ...defaults.roles, ...given.roles },
  }
}

/** The config as expressions see it. */
export function configContext(config: Config): JsonObject {
  return config as unknown as JsonObject
}
