import { actionLaws } from '../support/laws.ts'

const input = { slug: 'acme', name: 'Acme Industrial GmbH', plan: 'enterprise', region: 'eu' }

actionLaws('tenant.record', {
  'a new tenant': { input },
  'a tenant that is there, under another name': {
    input,
    given: (world) => world.sql(`INSERT INTO tenants (slug, name, plan, status, settings) VALUES ('acme', 'Acme', 'professional', 'live', '{"theme": {"dark": true}}')`),
  },
})
