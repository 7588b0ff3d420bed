import { isObject, type Json } from '../model.ts'

type Given = Readonly<Record<string, Json>>

/** A question of the checklist: where its answer stands, and for whom it is asked at all. */
interface Item {
  readonly path: string
  readonly when?: (given: Given) => boolean
}

const sso = (given: Given) => at(given, 'technical.sso.required') !== false
const scim = (given: Given) => at(given, 'technical.scim.required') !== false

/** What the handoff and the discovery ask for, in their order. */
const CHECKLIST: readonly Item[] = [
  { path: 'company.name' },
  ...['primary', 'technical'].map((name) => ({ path: `contacts.${name}` })),
  ...['contract_start', 'go_live'].map((name) => ({ path: `dates.${name}` })),
  ...['plan', 'users', 'term_months', 'sla'].map((name) => ({ path: `commercial.${name}` })),
  { path: 'commercial.limits', when: (given) => at(given, 'commercial.plan') === 'custom' },
  { path: 'technical.sso.required' },
  { path: 'technical.sso.provider', when: sso },
  { path: 'technical.sso.idp', when: sso },
  { path: 'technical.sso.test_user', when: sso },
  { path: 'technical.scim.required' },
  { path: 'technical.scim.groups', when: scim },
  ...['api_access', 'webhooks', 'integrations'].map((name) => ({ path: `technical.${name}` })),
  { path: 'compliance.residency' },
  { path: 'compliance.residency_other', when: (given) => at(given, 'compliance.residency') === 'other' },
  ...['questionnaire_completed', 'dpa_required', 'certifications'].map((name) => ({ path: `compliance.${name}` })),
  ...[
    'users.expected', 'users.growth_percent', 'storage_gb', 'systems', 'security.mfa', 'security.ip_allowlist',
    'network.firewall', 'network.proxy',
  ].map((name) => ({ path: `discovery.${name}` })),
]

/**
 * How much of the checklist a handoff as given answers: whole per cent, rounded down, and the dotted names of the rest.
 */
export function completeness(given: Given): { readonly completeness: number; readonly missing: readonly string[] } {
  const asked = CHECKLIST.filter(({ when }) => when === undefined || when(given))
  const missing = asked.filter(({ path }) => !isAnswered(at(given, path), path)).map(({ path }) => path)
  return { completeness: Math.floor(((asked.length - missing.length) * 100) / asked.length), missing }
}

/** Empty lists are answers; `proxy: null` says that there is none. */
function isAnswered(value: Json | undefined, path: string): boolean {
  if (value === null) return path === 'discovery.network.proxy'
  return value !== undefined && value !== ''
}

function at(given: Given, path: string): Json | undefined {
  return path.split('.').reduce<Json | undefined>((value, key) => (isObject(value) ? value[key] : undefined), given)
}
