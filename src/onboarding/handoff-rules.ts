import type { Diagnostic } from '../errors.ts'
import type { Parsed } from '../input/document.ts'
import { shown } from '../input/unsafe.ts'
import type { Json, JsonObject } from '../model.ts'
import { isBusinessDay } from './calendar.ts'
import type { Config } from './config.ts'
import { RESERVED } from './slug.ts'

/** A handoff that is right in its form, as given and as normalised, with what it is judged by. */
export interface Judged {
  readonly given: JsonObject
  readonly document: JsonObject
  readonly discovery: JsonObject | null
  readonly handoff: Parsed
  /** The discovery's own file, where it has one. */
  readonly beside: Parsed | undefined
  readonly today: string
  readonly config: Config
}

/** What JSON Schema cannot say: rules between fields, and between the handoff, the calendar and the config. */
export function handoffRules(judged: Judged): Diagnostic[] {
  return [...companyRules(judged), ...dateRules(judged), ...commercialRules(judged), ...technicalRules(judged), ...discoveryRules(judged)]
}

function companyRules({ document, handoff }: Judged): Diagnostic[] {
  const name = text(document, 'company', 'name')
  const slug = text(document, 'company', 'slug')
  if (slug === '') return [error(handoff, 'company.name', 'slug', `no slug can be derived from ${shown(name)}: give company.slug in Latin letters, such as acme`)]
  if (!RESERVED.has(slug)) return []
  return [error(handoff, 'company.slug', 'slug', `company.slug cannot be ${slug}: it is a word of the command line; give another, such as ${slug}-inc`)]
}

function dateRules({ document, handoff, today, config }: Judged): Diagnostic[] {
  const start = text(document, 'dates', 'contract_start')
  const live = text(document, 'dates', 'go_live')
  const found: Diagnostic[] = []
  if (live <= start) found.push(error(handoff, 'dates.go_live', 'dates', `dates.go_live (${live}) must be after dates.contract_start (${start})`))
  if (live < today) found.push(error(handoff, 'dates.go_live', PAST, `dates.go_live (${live}) is past: today is ${today}`))
  else if (!isBusinessDay(live, new Set(config.holidays))) {
    found.push(warning(handoff, 'dates.go_live', 'dates', `dates.go_live (${live}) is no business day`))
  }
  return found
}

/** The one rule that a handoff can come to break by waiting. */
export const PAST = 'past-date'

function commercialRules({ given, document, handoff, config }: Judged): Diagnostic[] {
  const found: Diagnostic[] = []
  const sla = text(document, 'commercial', 'sla')
  const plan = text(document, 'commercial', 'plan') as 'custom'
  if (!Object.hasOwn(config.sla, sla)) {
    found.push(error(handoff, 'commercial.sla', 'catalogue', `commercial.sla must be one of ${Object.keys(config.sla).join(', ')}, not ${shown(sla)}; tiers are listed in onboard.config.yaml under sla`))
  }
  const limits = config.plans[plan]?.limits
  if (value(document, 'commercial', 'limits') === null) {
    found.push(error(handoff, 'commercial.limits', 'missing', `commercial.limits is needed because the plan catalogue has no limits for ${plan}`))
  }
  const users = Number(value(given, 'commercial', 'users'))
  if (limits?.users !== undefined && users > limits.users && plan !== 'custom') {
    found.push(warning(handoff, 'commercial.users', 'catalogue', `commercial.users (${users}) is more than the plan ${plan} has (${limits.users})`))
  }
  return found
}

function technicalRules({ document, handoff, config }: Judged): Diagnostic[] {
  const found: Diagnostic[] = []
  const features = config.plans[text(document, 'commercial', 'plan') as 'custom']?.features
  const wanted = {
    'technical.sso.required': ['sso', value(document, 'technical', 'sso', 'required')],
    'technical.scim.required': ['scim', value(document, 'technical', 'scim', 'required')],
    'technical.api_access': ['api_access', value(document, 'technical', 'api_access')],
    'technical.webhooks': ['webhooks', value(document, 'technical', 'webhooks')],
  } as const
  for (const [field, [feature, asked]] of Object.entries(wanted)) {
    if (asked !== true) continue
    if (features?.[feature] === false) {
      found.push(warning(handoff, field, 'catalogue', `${field} is true, and the plan ${text(document, 'commercial', 'plan')} does not entitle to ${feature}`))
    }
    if (config.capabilities[feature] === false) {
      found.push(warning(handoff, field, 'capability', `${field} is true, and the product does not have ${feature} yet: its steps will be blocked`))
    }
  }
  const idle = Number(value(document, 'technical', 'session', 'idle_minutes'))
  const hours = Number(value(document, 'technical', 'session', 'absolute_hours'))
  if (idle > hours * 60) found.push(error(handoff, 'technical.session.idle_minutes', 'session', `technical.session.idle_minutes (${idle}) is more than absolute_hours (${hours} h)`))
  const residency = text(document, 'compliance', 'residency')
  if (residency !== 'other' && !Object.hasOwn(config.regions, residency)) {
    found.push(warning(handoff, 'compliance.residency', 'catalogue', `compliance.residency is ${residency}, and onboard.config.yaml has no such region`))
  }
  return found
}

function discoveryRules({ document, discovery, handoff, beside }: Judged): Diagnostic[] {
  if (discovery === null) return []
  const [source, prefix] = beside === undefined ? [handoff, 'discovery.'] : [beside, '']
  const found: Diagnostic[] = []
  const expected = Number(value(discovery, 'users', 'expected'))
  const users = Number(value(document, 'commercial', 'users'))
  if (expected > users) found.push(warning(source, `${prefix}users.expected`, 'contract', `${expected} users are expected, and ${users} are contracted`))
  const needed = Number(value(discovery, 'storage_gb'))
  const stored = value(document, 'commercial', 'limits', 'storage_gb')
  if (typeof stored === 'number' && needed > stored) {
    found.push(warning(source, `${prefix}storage_gb`, 'contract', `${needed} GB are needed, and ${stored} GB are contracted`))
  }
  return found
}

function value(document: JsonObject, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((at, key) => (typeof at === 'object' && at !== null ? (at as JsonObject)[key] : undefined), document)
}

function text(document: JsonObject, ...path: readonly string[]): string {
  return String(value(document, ...path) ?? '')
}

function error(source: Parsed, field: string, rule: string, message: string): Diagnostic {
  return { ...source.locate(field.split('.')), message, rule, severity: 'error', field }
}

function warning(source: Parsed, field: string, rule: string, message: string): Diagnostic {
  return { ...error(source, field, rule, message), severity: 'warning' }
}
