/** Days off in the worked config. */
export const HOLIDAYS = ['2026-12-25', '2026-12-26', '2027-01-01'] as const

/** Where customers sign in, in the worked config. */
const APP_URL = 'https://app.vendor.example'

/** What the worked config has in place of its examples. */
export interface ConfigWishes {
  /** Name of an embedded database that the workspace has for itself. */
  readonly database?: string | undefined
  /** Origin at which customers sign in. */
  readonly app_url?: string | undefined
  /** They sign in at our own gateway, which has single sign-on and SCIM. */
  readonly gateway?: boolean | undefined
}

/** A worked onboard.config.yaml for `init`: it validates as it stands, and says what each part is for. */
export function exampleConfig(
  schema: string, { database, app_url = APP_URL, gateway = false }: ConfigWishes = {},
): string {
  const host = new URL(app_url).hostname
  const network = !isLoopback(host) ? '' : `
# What onboard may ask though it is no public address:
network: { allow: [${host}] }
`
  return `# yaml-language-server: $schema=${schema}
# What is the same for all customers. What is left out here has a built-in default.
apiVersion: onboard/v1

vendor:
  name: Example Vendor
  app_url: ${app_url.padEnd(35)} # where customers sign in
  support_email: support@vendor.example

time_zone: Europe/Berlin                       # days begin and end here
holidays: [${HOLIDAYS.join(', ')}] # nobody works on these, nor on weekends

# embedded: a PostgreSQL that onboard brings along, for one machine.
# { url_env: MY_DATABASE_URL } or shared (ONBOARD_DATABASE_URL): the team's own server.
database: ${database === undefined ? 'embedded' : `{ embedded: ${database} }`}

# The product's tables. reference: those that onboard makes. Your own, mapped:
# product:
#   form: mapped
#   tenants:
#     table: organizations
#     key: id
#     columns: { name: display_name, slug: handle, plan: tier, status: state, settings: prefs }
#     values: { plan: { professional: PRO, enterprise: ENT, custom: CUSTOM } }
#     defaults: { region_id: 3 }               # for columns that new rows must have
#   users:
#     table: memberships
#     key: id
#     columns: { email: login, full_name: name, role: role, password_hash: secret, tenant: org_id }
product: { form: reference }

# What each plan entitles to. The handoff's own limits take the place of these.
plans:
  professional:
    features: { sso: false, scim: false, api_access: true, webhooks: false }
    limits: { api_calls_per_15min: 10000, storage_gb: 100 }
  enterprise:
    features: { sso: true, scim: true, api_access: true, webhooks: true }
    limits: { api_calls_per_15min: 50000, storage_gb: 500 }
  custom:                                      # has no limits here: each handoff brings them
    features: { sso: true, scim: true, api_access: true, webhooks: true }

sla:
  gold: { response_hours: 1, resolution_hours: 8, availability_percent: 99.9 }
  silver: { response_hours: 4, resolution_hours: 24, availability_percent: 99.5 }
  bronze: { response_hours: 24, resolution_hours: 72, availability_percent: 99 }

regions:                                       # by the residency that they satisfy
  eu: { hosts: [eu.vendor.example] }
  us: { hosts: [us.vendor.example] }

security:                                      # defaults of new tenants
  session: { idle_minutes: 30, absolute_hours: 12 }
  password: { min_length: 12 }
  mfa: false

admin:                                         # how the first administrator gets in
  handover: set-password-link                  # or temporary-password
  expires_hours: 72
  set_password_url: ${app_url}/set-password
${network}
capabilities:                                  # what the product has today; steps that need more are blocked
  sso: ${gateway}
  scim: ${gateway}
  api_access: true
  webhooks: true

# Mail is written as files until a server is named:
# mail:
#   from: Example Vendor <onboarding@vendor.example>
#   smtp: { host: smtp.vendor.example, port: 587, security: starttls, user: onboarding, password_env: SMTP_PASSWORD }
mail: { from: Example Vendor <onboarding@vendor.example>, folder: outbox }

# reminders: { before: 2d, every: 2d }         # business days: onboard remind, each morning by cron

# What validation and go-live look at. What is left out is not checked: its steps wait for that, or for a waiver.
# probes:
#   url: https://app.vendor.example            # TLS, headers, response times
#   session_cookie: session
#   smoke: [{ name: Sign-in page, url: "https://app.vendor.example/login" }]
#   core: [{ name: Projects, url: "https://app.vendor.example/api/projects", token_env: PROBE_TOKEN }]
#   integrations: [{ name: Salesforce, url: "https://api.vendor.example/integrations/salesforce" }]
# metrics:                                     # read by sql, prometheus or csv
#   login_success: { kind: share, sql: "SELECT count(*) FILTER (WHERE ok) AS part, count(*) AS total FROM logins WHERE tenant = $1 AND at >= $2 AND at < $3" }
#   support_tickets: { kind: events, csv: { file: tickets.csv, time: opened, time_zone: Europe/Berlin, tenant: customer, severity: severity } }
#   active_users: { kind: count, sql: "SELECT count(DISTINCT user_id) AS count FROM logins WHERE tenant = $1 AND at >= $2 AND at < $3" }
# hypercare: { tickets_per_seat_per_day: 0.002 } # as seen before: what a spike is measured against
# adoption: { least_active_percent: 5, review_percent: 30 } # on the day after go-live, and in week 2

documents:                                     # what customers get to read; what is not ready holds go-live up
  - { id: user-guide, title: User guide, status: partial, version: "1.2", link: "https://docs.vendor.example/user", note: basics only }
  - { id: admin-guide, title: Administrator guide, status: missing, note: due in the next quarter }
  - { id: sso-guide, title: Guide to single sign-on, status: missing, only_with: sso }
  - { id: api-reference, title: API reference, status: missing, only_with: api_access }
  - { id: integration-guide, title: Integration guide, status: missing, only_with: integrations }

roles:                                         # who signs and waives
  sales-engineering: [{ name: Sam Ortiz, email: sam@vendor.example }]
  legal: [{ name: Lea Novak, email: lea@vendor.example }]
  engineering: [{ name: Eva Weber, email: eva@vendor.example }]
  engineering-lead: [{ name: Eli Brandt, email: eli@vendor.example }]
  security-lead: [{ name: Noor Haddad, email: noor@vendor.example }]
  cto: [{ name: Mira Lindqvist, email: mira@vendor.example }]
  customer-success: [{ name: Cleo Adams, email: cleo@vendor.example }]
  support: [{ name: Sun Park, email: sun@vendor.example }]

escalation:                                    # who has an open issue, and for how long before the next has it
  - { level: L1, role: support, within: 4h }
  - { level: L2, role: engineering, within: 2h }
  - { level: L3, role: engineering-lead, within: 1h }
  - { level: P0, role: cto, within: 30m, severity: P0 } # alone, past the others
`
}

const isLoopback = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host)
