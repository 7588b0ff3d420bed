import type { Config } from '../../src/onboarding/config.ts'
import { DEFAULTS } from '../../src/onboarding/defaults.ts'
import { checkHandoff, type CheckedHandoff } from '../../src/onboarding/handoff.ts'

export const TODAY = '2026-11-20'

/** A handoff that is right; tests change one thing. */
export const ACME = `company: { name: Acme Industrial GmbH, slug: acme }
contacts:
  primary: { name: Ada Meier, email: ada@acme.example, phone: "+49 30 1234567" }
  technical: [{ name: Tom Braun, email: tom@acme.example }, { name: Uta Kern, email: uta@acme.example }]
dates: { contract_start: 2026-12-01, go_live: 2027-02-15 }
commercial: { plan: enterprise, users: 1000, term_months: 36, sla: gold }
technical:
  sso: { required: true, provider: saml, idp: okta }
  scim: { required: true, groups: true }
  api_access: true
  webhooks: false
  integrations: []
compliance: { residency: eu, questionnaire_completed: true, dpa_required: true, certifications: [soc2] }
`

export const DISCOVERY = `users: { expected: 800, growth_percent: 20 }
storage_gb: 400
systems: [Salesforce]
security: { mfa: true, ip_allowlist: [203.0.113.0/24] }
network: { firewall: [], proxy: null }
`

export const ALL: Config = { ...DEFAULTS, capabilities: { sso: true, scim: true, api_access: true, webhooks: true } }

/** Checks a text as a handoff; `change` replaces a part of the right one. */
export function check(change: readonly [string | RegExp, string] | string = ACME, more: { discovery?: string; today?: string; config?: Config; file?: string } = {}): CheckedHandoff {
  const text = typeof change === 'string' ? change : ACME.replace(...change)
  const discovery = more.discovery === undefined ? undefined : { bytes: Buffer.from(more.discovery), file: 'acme.discovery.yaml' }
  return checkHandoff({ bytes: Buffer.from(text), file: more.file ?? 'acme.yaml' }, { discovery, today: more.today ?? TODAY, config: more.config ?? ALL })
}

/** What was found, one line each: severity, place, rule. */
export function findings({ diagnostics }: CheckedHandoff): string[] {
  return diagnostics.map(({ severity, field, rule }) => `${severity} ${field ?? ''} ${rule}`)
}
