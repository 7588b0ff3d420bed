import { addBusinessDays } from './calendar.ts'

interface Dates {
  readonly contract_start: string
  readonly go_live: string
}

/** Dates that an onboarding begun today can keep: the contract in two weeks, go-live after a quarter year of work. */
export function exampleDates(today: string, holidays: readonly string[] = []): Dates {
  const free = new Set(holidays)
  return { contract_start: addBusinessDays(today, 10, free), go_live: addBusinessDays(today, 70, free) }
}

/** A handoff for `init` that is accepted as it stands. */
export function exampleHandoff({ contract_start, go_live }: Dates, schema: string): string {
  return `# yaml-language-server: $schema=${schema}
# The sales handoff of one customer. Check it with: onboard handoff check --file acme.handoff.yaml
company:
  name: Acme Industrial GmbH
  slug: acme                                   # optional: derived from the name
  timezone: Europe/Berlin                      # optional
contacts:                                      # each a person, or a list of them
  primary: { name: Ada Meier, email: ada@acme.example, phone: "+49 30 1234567" }
  technical: { name: Tom Braun, email: tom@acme.example }
  executive_sponsor: { name: Ines Kaya, email: ines@acme.example }
  it_admin: { name: Tom Braun, email: tom@acme.example }
  primary_user: { name: Kim Sato, email: kim@acme.example }
dates:
  contract_start: ${contract_start}
  go_live: ${go_live}
commercial:
  plan: enterprise                             # professional, enterprise or custom; custom needs limits
  users: 1000
  term_months: 36
  sla: gold
technical:
  sso: { required: true, provider: saml, idp: okta }
  scim: { required: true, groups: true }
  api_access: true
  webhooks: false
  integrations:
    - { name: Salesforce, kind: crm }
compliance:
  residency: eu                                # us, eu or other; other needs residency_other
  questionnaire_completed: true
  dpa_required: true
  certifications: [soc2]
external: { crm: salesforce, account_id: "", contract_ref: "" }
notes: ""
discovery:                                     # may come later, in a file of its own
  users: { expected: 800, growth_percent: 20 }
  storage_gb: 500
  systems: [Salesforce]
  security: { mfa: true, ip_allowlist: [203.0.113.0/24] }
  network: { firewall: [], proxy: null }
`
}

/** The blank form: every field with what goes there; what may be left out is commented out. */
export function handoffTemplate(): string {
  return `# Sales handoff. Fill in every line; lines that begin with # may be left out or uncommented.
# Check it with: onboard handoff check --file FILE

company:
  name:                    # the full name, in the company's own script
  # slug:                  # short name, a-z 0-9 -; derived from the name where left out
  # timezone:              # such as Europe/Berlin

contacts:                  # each a person, or a list of them
  primary:
    name:
    email:
    # phone:               # in quotes: "+49 30 1234567"
  technical:
    name:
    email:
    # phone:
  # executive_sponsor: { name: , email: }
  # technical_lead: { name: , email: }
  # it_admin: { name: , email: }
  # primary_user: { name: , email: }

# admin:                   # first administrator of the tenant; left out: the technical contact
#   name:
#   email:

dates:                     # year-month-day
  contract_start:          # may be past
  go_live:                 # after contract_start, and not past

commercial:
  plan:                    # professional, enterprise or custom
  users:                   # contracted
  term_months:
  sla:                     # a tier of onboard.config.yaml: gold, silver, bronze
  # limits:                # needed for custom
  #   api_calls_per_15min:
  #   storage_gb:

technical:
  sso:
    required:              # true or false
    # provider:            # saml or oidc; needed where required is true
    # idp:                 # okta, entra, …; needed where required is true
    # test_user:           # an account to test with
  scim:
    required:              # true or false
    # groups:              # true or false
  api_access:              # true or false
  webhooks:                # true or false
  integrations: []         # - { name: Salesforce, kind: crm }
  # session:
  #   idle_minutes:
  #   absolute_hours:

compliance:
  residency:               # us, eu or other
  # residency_other:       # in words; needed where residency is other
  questionnaire_completed: # true or false
  dpa_required:            # true or false
  certifications: []       # soc2, iso27001, …

# external: { crm: "", account_id: "", contract_ref: "" }

notes: ""                  # special considerations

# discovery:               # may come later, in a file of its own with this as its top level
#   users: { expected: , growth_percent: }
#   storage_gb:
#   systems: []
#   security: { mfa: , ip_allowlist: [] }
#   network: { firewall: [], proxy: null }
`
}
