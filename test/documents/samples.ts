/** Data with which each shipped template renders: what a runbook gives it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseOnly } from '../../src/input/document.ts'
import type { JsonObject } from '../../src/model.ts'
import { packageRoot } from '../../src/package.ts'

const given = parseOnly(readFileSync(join(packageRoot, 'runbooks/enterprise/examples/acme.handoff.yaml')), { file: 'acme.handoff.yaml' }).value as JsonObject
const discovery = given['discovery'] as JsonObject
// As expressions see it: contacts are lists.
const contacts = Object.fromEntries(Object.entries(given['contacts'] as JsonObject).map(([role, who]) => [role, [who].flat()]))
const handoff: JsonObject = { ...given, contacts }
const vendor = { name: 'Example Vendor', app_url: 'https://app.vendor.example', support_email: 'support@vendor.example' }
const person = { name: 'Cleo Adams', email: 'cleo@vendor.example', phone: '+49 30 7654321' }
const customer = 'Acme Industrial GmbH'
const sla = { name: 'gold', response_hours: 1, resolution_hours: 8 }
const features = { sso: true, scim: true, api_access: true, webhooks: false }
const tenant = {
  status: 'live', live: true, login: 'sso-and-password', entitled: features, enabled: { ...features, scim: false },
  limits: { users: 1000, api_calls_per_15min: 50000, storage_gb: 500 },
  session: { idle_minutes: 30, absolute_hours: 12 }, mfa: true, ip_allowlist: ['203.0.113.0/24', '2001:db8::/32'],
}
const issues = [{ status: 'resolved', severity: 'P2', title: 'Reports were slow', resolution: 'an index was missing' }, { status: 'open', severity: 'P3', title: 'A label is wrong', resolution: null }]
const actions = [{ text: 'Add a canary', owner: 'Eva Weber', due: '2027-02-19', done: false }]
const mail = { vendor, customer, contact: 'Ada Meier of Acme', sender: person }

export const SAMPLES: Readonly<Record<string, JsonObject>> = {
  'handoff-checklist': { handoff, discovery, completeness: { percent: 96, missing: ['commercial.limits'] } },
  'requirements-summary': { handoff, discovery, go_live: '2027-02-15', limits: { api_calls_per_15min: 50000, storage_gb: 300 } },
  'tenant-configuration': { customer, slug: 'acme', plan: 'enterprise', region: 'eu', tenant, admin: person, wiki: 'https://wiki.vendor.example/acme', notes: 'Old data\nis in cold storage.' },
  'escalation-and-contacts': {
    customer, vendor: vendor.name, support_email: vendor.support_email, sla, escalation: [{ level: 'L1', after: '4h', ...person }],
    contacts: [{ role: 'primary', name: 'Ada Meier', email: 'ada@acme.example' }], team: [{ role: 'customer-success', ...person }],
  },
  'scim-connector': { customer, url: 'https://app.vendor.example/scim/v2/acme', trial: 5, role_default: 'member', okta: true, entra: true, entra_url: 'https://app.vendor.example/scim/v2/acme', groups: [{ group: 'Acme Admins', role: 'admin' }], token_ends: '2027-03-01' },
  'sso-sheet': {
    customer, vendor: vendor.name, login: 'https://app.vendor.example/sso/acme/main/login', entity_id: 'https://app.vendor.example/sso/acme/main/metadata',
    metadata_url: 'https://app.vendor.example/sso/acme/main/metadata', acs: 'https://app.vendor.example/sso/acme/main/acs', slo: 'https://app.vendor.example/sso/acme/main/slo',
    redirect_uri: 'https://app.vendor.example/sso/acme/main/callback', post_logout_redirect_uri: 'https://app.vendor.example/sso/acme/main/logout',
    backchannel_logout_uri: 'https://app.vendor.example/sso/acme/main/backchannel-logout', saml: true, oidc: true, okta: true, entra: true, google: true, ping: true, adfs: true, keycloak: true,
    certificate: ['MIIC0DCCAbigAwIBAgIQ'], fingerprint: '07 F6 C4', expires_at: '2029-11-01',
  },
  'go-live-mail': { ...mail, live_on: '2027-02-15', login: tenant.login, sla, escalation: person, check_in: '2027-02-22', hypercare_until: '2027-03-01' },
  'check-in': {
    customer, date: '2027-02-18', day: 3, live_on: '2027-02-15', metrics_since: '2027-02-17',
    metrics: [{ title: 'Logins that succeed', value: 99.5, unit: '%', target: 'above 99 %', state: 'ok' }, { title: 'Errors', value: null, unit: '%', state: 'not checked' }],
    issues, feedback: 'Fast.\nEasy.', actions, next: '2027-02-19',
  },
  'rollback-started': { ...mail, decided_on: '2027-02-16', reason: 'Nobody can sign in.', login_after: 'password', owner: person },
  'rollback-completed': { ...mail, tenant, cause_by: '2027-02-20', owner: person },
  'root-cause-analysis': {
    customer, rolled_back_on: '2027-02-16', author: person, due: '2027-02-20', happened: 'Sign-in failed.', impact: 'Nobody got in\nfor an hour.',
    cause: 'A certificate ended.', response: 'An alert; access was taken back.', actions,
  },
  're-attempt-mail': { ...mail, go_live: '2027-03-01', rolled_back_on: '2027-02-16', cause: 'A certificate ended.', actions, owner: person },
  reminder: {
    customer, contact: 'Lea Novak', count: 2, vendor: mail.vendor, staff: true,
    steps: [
      { title: 'The contract of Acme is signed', due: '2026-12-04', overdue: true, reason: null, command: 'onboard sign acme contract.signed' },
      { title: 'Single sign-on is there', due: null, overdue: null, reason: 'unavailable', command: 'onboard waive acme sso.available --reason TEXT --until DATE' },
    ],
  },
  'documentation-package': {
    customer, registry: [{ id: 'user-guide', title: 'User guide', status: 'partial', version: '1.2', link: 'https://docs.vendor.example', note: 'basics only' }],
    rendered: [{ name: 'go-live-mail', version: 1, digest: 'a'.repeat(64) }],
  },
  'support-handover': { customer, slug: 'acme', plan: 'enterprise', users: 1000, contacts: [{ role: 'primary contact', name: 'Ada Meier', email: 'ada@acme.example', phone: '+49 30 1234567' }], live_on: '2027-02-15', from: '2027-03-01', sla, issues, wiki: 'https://wiki.vendor.example/acme', crm: 'C-2026-118', notes: 'None of note.' },
}
