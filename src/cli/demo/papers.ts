/** Files of the demo's workspace, beside what init writes. */

/** Files that a person would have: what proves what is signed. */
export const PAPERS = [
  'contract', 'dpa', 'questionnaire', 'sessions', 'role-matrix', 'isolation', 'audit', 'first-hour',
] as const
export const FILES: ReadonlyMap<string, string> = new Map([
  ...PAPERS.map((name): [string, string] => [
    `evidence/${name}.txt`, `${name}: what was seen, or signed, for the demo's customers (example).\n`,
  ]),
  ['acme.groups.yaml', `# Which groups of Acme's directory give which role: onboard sign acme scim.roles --answers
groups:
  - { group: Plant Managers, role: manager }
otherwise: member
`],
])

/** What Acme's identity provider publishes. */
export const METADATA = 'acme.idp.xml'
/** Of the second customer's OpenID provider: our client there. */
export const CLIENT = { id: 'onboard', secretFile: 'borealis.client-secret' } as const

/** The second customer, whose go-live is taken back. */
export function borealis(
  { contract_start, go_live }: { readonly contract_start: string; readonly go_live: string },
): string {
  return `company: { name: Borealis Foods Inc., slug: borealis }
contacts:
  primary: { name: Nora Lind, email: nora@borealis.example }
  technical: { name: Sam Ito, email: sam@borealis.example }
  executive_sponsor: { name: Lea Roy, email: lea@borealis.example }
  it_admin: { name: Sam Ito, email: sam@borealis.example }
  primary_user: { name: Jo Park, email: jo@borealis.example }
dates: { contract_start: ${contract_start}, go_live: ${go_live} }
commercial: { plan: custom, users: 40, term_months: 12, sla: silver, limits: { api_calls_per_15min: 10000, storage_gb: 100 } }
technical:
  sso: { required: true, provider: oidc, idp: keycloak }
  scim: { required: false }
  api_access: false
  webhooks: false
  integrations: []
compliance: { residency: us, questionnaire_completed: true, dpa_required: false, certifications: [] }
`
}
