import { defineProbe } from '../../contract.ts'
import { oidcUrls } from '../../identity/oidc/urls.ts'
import { spUrls } from '../../identity/saml/urls.ts'
import type { Evidence } from '../../model.ts'
import { NAMED } from './_connection.ts'

const address = (description: string) => ({ type: 'string', description }) as const

/** Addresses of a connection, which the customer's administrator enters at the identity provider: known before it is there. */
export default defineProbe({
  title: "Says the addresses of a connection: what the customer's administrator enters at the identity provider.",
  example: { tenant: 'acme', origin: 'https://app.vendor.example' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant', 'origin'],
    properties: {
      ...NAMED,
      origin: { type: 'string', pattern: '^https?://[^/?#]+/?$', description: 'Where browsers reach the gateway.' },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['login', 'entity_id', 'metadata_url', 'acs', 'slo', 'redirect_uri', 'post_logout_redirect_uri', 'backchannel_logout_uri'],
    properties: {
      login: address('Where a login begins.'),
      entity_id: address('SAML: our entity ID.'),
      metadata_url: address('SAML: our metadata.'),
      acs: address('SAML: assertion consumer service, HTTP-POST.'),
      slo: address('SAML: single logout.'),
      redirect_uri: address('OIDC: the only redirect URI.'),
      post_logout_redirect_uri: address('OIDC: where the browser comes back to after a logout.'),
      backchannel_logout_uri: address('OIDC: where the provider itself reports logouts.'),
    },
  },
  touches: 'nothing',
  pure: true,
  max_age_ms: null,
  probe: async (_read, input): Promise<Evidence> => {
    const said = addressesOf(input)
    return { result: 'pass', summary: `logins begin at ${said.login}`, data: { ...said } }
  },
  outputs: (input) => addressesOf(input),
})

function addressesOf({ origin, tenant, connection }: { readonly origin: string; readonly tenant: string; readonly connection: string }) {
  const base = origin.replace(/\/$/, '')
  const { entity_id, metadata, acs, slo, login } = spUrls(base, tenant, connection)
  const { callback, logout, backchannel } = oidcUrls(base, tenant, connection)
  return { login, entity_id, metadata_url: metadata, acs, slo, redirect_uri: callback, post_logout_redirect_uri: logout, backchannel_logout_uri: backchannel }
}
