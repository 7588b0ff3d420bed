import type { Config } from './config.ts'

/** What holds without an onboard.config.yaml. The reference product has neither SSO nor SCIM yet. */
export const DEFAULTS: Config = {
  apiVersion: 'onboard/v1',
  vendor: { name: 'Example Vendor', app_url: 'https://app.vendor.example', support_email: 'support@vendor.example' },
  time_zone: 'UTC',
  holidays: [],
  database: 'embedded',
  product: { form: 'reference' },
  plans: {
    professional: {
      features: { sso: false, scim: false, api_access: true, webhooks: false },
      limits: { api_calls_per_15min: 10_000, storage_gb: 100 },
    },
    enterprise: {
      features: { sso: true, scim: true, api_access: true, webhooks: true },
      limits: { api_calls_per_15min: 50_000, storage_gb: 500 },
    },
    custom: { features: { sso: true, scim: true, api_access: true, webhooks: true } },
  },
  sla: {
    gold: { response_hours: 1, resolution_hours: 8, availability_percent: 99.9 },
    silver: { response_hours: 4, resolution_hours: 24, availability_percent: 99.5 },
    bronze: { response_hours: 24, resolution_hours: 72, availability_percent: 99 },
  },
  regions: { us: {}, eu: {} },
  security: {
    session: { idle_minutes: 30, absolute_hours: 12 },
    password: { min_length: 12 },
    mfa: false,
  },
  admin: {
    handover: 'set-password-link', expires_hours: 72, set_password_url: 'https://app.vendor.example/set-password',
  },
  capabilities: { sso: false, scim: false, api_access: true, webhooks: true },
  roles: {},
  escalation: [
    { level: 'L1', role: 'support', within: '4h' },
    { level: 'L2', role: 'engineering', within: '2h' },
    { level: 'L3', role: 'engineering-lead', within: '1h' },
    { level: 'P0', role: 'cto', within: '30m', severity: 'P0' },
  ],
}
