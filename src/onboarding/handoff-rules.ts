import type { Diagnostic } from '../errors.ts'
import type { Parsed } from '../input/document.ts'
import { nearest } from '../input/nearest.ts'
import { shown } from '../input/unsafe.ts'
import type { Json, JsonObject } from '../model.ts'
import { slugOf } from '../runbook/cel/slug.ts'
import { isBusinessDay } from './calendar.ts'
import type { Config } from './config.ts'
import { RESERVED } from './slug.ts'

/**
 * A handoff as normalised, with what it is judged by; where fields are wrong, only rules that do not read them are
 * asked.
 */
export interface Judged {
  readonly document: JsonObject
  readonly discovery: JsonObject | null
  readonly handoff: Parsed
  /** The discovery's own file, where it has one. */
  readonly beside: Parsed | undefined
  readonly today: string
  readonly config: Config
}

interface Rule {
  /** Fields that must be right in themselves for the rule to make sense. */
  readonly reads: readonly string[]
  find(judged: Judged): Diagnostic[]
}

const RULES: readonly Rule[] = [
  { reads: ['company.name', 'company.slug'], find: companyRules },
  { reads: ['dates.contract_start', 'dates.go_live'], find: orderOfDates },
  { reads: ['dates.go_live'], find: goLiveRules },
  { reads: ['commercial.sla'], find: slaRules },
  { reads: ['commercial.plan', 'commercial.limits'], find: limitRules },
  { reads: ['commercial.plan', 'commercial.users'], find: userRules },
  { reads: ['commercial.plan', 'technical'], find: featureRules },
  { reads: ['technical.session'], find: sessionRules },
  { reads: ['compliance.residency', 'compliance.residency_other'], find: residencyRules },
  { reads: ['commercial.users', 'discovery.users'], find: expectedUsers },
  { reads: ['commercial.plan', 'commercial.limits', 'discovery.storage_gb'], find: neededStorage },
]

/**
 * What JSON Schema cannot say: rules between fields, and between the handoff, the calendar and the config.
 * @param broken dotted names of the fields that were found wrong already: rules that read them are left out
 */
export function handoffRules(judged: Judged, broken: readonly string[]): Diagnostic[] {
  const touches = (field: string, read: string) => (
    field === read || field.startsWith(`${read}.`) || read.startsWith(`${field}.`)
  )
  const isAbsent = (read: string) => (
    !read.startsWith('discovery.') && value(judged.document, ...read.split('.')) === undefined
  )
  const isBroken = (read: string) => broken.some((field) => touches(field, read))
  const makesSense = ({ reads }: Rule) => !reads.some((read) => isAbsent(read) || isBroken(read))
  return RULES.filter(makesSense).flatMap(({ find }) => find(judged))
}

function companyRules({ document, handoff }: Judged): Diagnostic[] {
  const name = text(document, 'company', 'name')
  const slug = text(document, 'company', 'slug')
  if (slug === '') {
    const message = `no slug can be derived from ${shown(name)}: give company.slug in Latin letters, such as acme`
    return [error(handoff, 'company.name', 'slug', message)]
  }
  if (!RESERVED.has(slug)) return []
  const message = `company.slug cannot be ${slug}: `
    + `it is a word of the command line; give another, such as ${slug}-inc`
  return [error(handoff, 'company.slug', 'slug', message)]
}

function orderOfDates({ document, handoff }: Judged): Diagnostic[] {
  const start = text(document, 'dates', 'contract_start')
  const live = text(document, 'dates', 'go_live')
  if (live > start) return []
  return [
    error(handoff, 'dates.go_live', 'dates', `dates.go_live (${live}) must be after dates.contract_start (${start})`),
  ]
}

/** The one rule that a handoff can come to break by waiting. */
export const PAST = 'past-date'

function goLiveRules({ document, handoff, today, config }: Judged): Diagnostic[] {
  const live = text(document, 'dates', 'go_live')
  if (live < today) return [error(handoff, 'dates.go_live', PAST, `dates.go_live (${live}) is past: today is ${today}`)]
  if (isBusinessDay(live, new Set(config.holidays))) return []
  return [warning(handoff, 'dates.go_live', 'dates', `dates.go_live (${live}) is no business day`)]
}

function slaRules({ document, handoff, config }: Judged): Diagnostic[] {
  const sla = text(document, 'commercial', 'sla')
  if (Object.hasOwn(config.sla, sla)) return []
  const tiers = Object.keys(config.sla)
  const meant = nearest(sla, tiers)
  const hint = meant === undefined ? 'tiers stand in onboard.config.yaml under sla' : `did you mean ${meant}?`
  const message = `commercial.sla must be one of ${tiers.join(', ')}, not ${shown(sla)}; ${hint}`
  return [error(handoff, 'commercial.sla', 'catalogue', message)]
}

function limitRules({ document, handoff }: Judged): Diagnostic[] {
  if (value(document, 'commercial', 'limits') !== null) return []
  const plan = text(document, 'commercial', 'plan')
  const message = `commercial.limits is needed because the plan catalogue has no limits for ${plan}`
  return [error(handoff, 'commercial.limits', 'missing', message)]
}

function userRules({ document, handoff, config }: Judged): Diagnostic[] {
  const plan = text(document, 'commercial', 'plan')
  const most = config.plans[plan as 'custom']?.limits?.users
  const users = Number(value(document, 'commercial', 'users'))
  if (most === undefined || users <= most) return []
  const message = `commercial.users (${users}) is more than the plan ${plan} has (${most})`
  return [warning(handoff, 'commercial.users', 'catalogue', message)]
}

function featureRules({ document, handoff, config }: Judged): Diagnostic[] {
  const plan = text(document, 'commercial', 'plan')
  const features = config.plans[plan as 'custom']?.features
  const found: Diagnostic[] = []
  for (const feature of ['sso', 'scim', 'api_access', 'webhooks'] as const) {
    const path = feature === 'sso' || feature === 'scim' ? ['technical', feature, 'required'] : ['technical', feature]
    if (value(document, ...path) !== true) continue
    const field = path.join('.')
    if (features?.[feature] === false) {
      const message = `${field} is true, and the plan ${plan} does not entitle to ${feature}`
      found.push(warning(handoff, field, 'catalogue', message))
    }
    if (config.capabilities[feature] === false) {
      const message = `${field} is true, and the product does not have ${feature} yet: its steps will be blocked`
      found.push(warning(handoff, field, 'capability', message))
    }
  }
  return found
}

function sessionRules({ document, handoff }: Judged): Diagnostic[] {
  const idle = Number(value(document, 'technical', 'session', 'idle_minutes'))
  const hours = Number(value(document, 'technical', 'session', 'absolute_hours'))
  if (idle <= hours * 60) return []
  const message = `technical.session.idle_minutes (${idle}) is more than the ${hours} h of absolute_hours`
  return [error(handoff, 'technical.session.idle_minutes', 'session', message)]
}

function residencyRules({ document, handoff, config }: Judged): Diagnostic[] {
  const residency = text(document, 'compliance', 'residency')
  const isElsewhere = residency === 'other'
  const place = isElsewhere ? text(document, 'compliance', 'residency_other') : residency
  const region = isElsewhere ? slugOf(place) : residency
  if (region === '' || Object.hasOwn(config.regions, region)) return []
  const field = isElsewhere ? 'compliance.residency_other' : 'compliance.residency'
  const message = `${field} is ${place}, and onboard.config.yaml has no region ${region}:`
    + ` a runbook that asks where the data lies stops there. If the product runs there, name it (regions.${region})`
  return [warning(handoff, field, 'catalogue', message)]
}

function expectedUsers({ document, discovery, handoff, beside }: Judged): Diagnostic[] {
  if (discovery === null) return []
  const expected = Number(value(discovery, 'users', 'expected'))
  const users = Number(value(document, 'commercial', 'users'))
  if (expected <= users) return []
  const [source, prefix] = beside === undefined ? [handoff, 'discovery.'] : [beside, '']
  const message = `${expected} users are expected, and ${users} are contracted`
  return [warning(source, `${prefix}users.expected`, 'contract', message)]
}

function neededStorage({ document, discovery, handoff, beside }: Judged): Diagnostic[] {
  const stored = value(document, 'commercial', 'limits', 'storage_gb')
  if (discovery === null || typeof stored !== 'number') return []
  const needed = Number(value(discovery, 'storage_gb'))
  if (needed <= stored) return []
  const [source, prefix] = beside === undefined ? [handoff, 'discovery.'] : [beside, '']
  return [
    warning(source, `${prefix}storage_gb`, 'contract', `${needed} GB are needed, and ${stored} GB are contracted`),
  ]
}

function value(document: JsonObject, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as JsonObject)[key] : undefined), document,
  )
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
