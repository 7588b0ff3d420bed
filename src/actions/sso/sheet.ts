import { defineAction } from '../../contract.ts'
import { DOCUMENT_OUTPUT } from '../../documents/name.ts'
import { OnboardError } from '../../errors.ts'
import { oidcUrls } from '../../identity/oidc/urls.ts'
import { spUrls } from '../../identity/saml/urls.ts'
import type { JsonObject } from '../../model.ts'
import render from '../document/render.ts'
import { NAMED } from './_connection.ts'

const NAME = 'sso-sheet'

/** How people call the products that the sheet has a part for. */
const PRODUCTS: Readonly<Record<string, RegExp>> = {
  okta: /okta/i, entra: /entra|azure|microsoft|office ?365/i, google: /google/i, ping: /ping/i, adfs: /ad ?fs/i,
  keycloak: /keycloak|red hat/i,
}

interface Input {
  readonly tenant: string
  readonly connection: string
  readonly app_url: string
  readonly protocol: 'saml' | 'oidc'
  readonly customer: string
  readonly vendor: string
  readonly idp: string
  readonly certificate?: string | null
  readonly fingerprint?: string | null
  readonly expires_at?: string | null
}

function addressesOf({ app_url, tenant, connection }: Pick<Input, 'app_url' | 'tenant' | 'connection'>) {
  if (!URL.canParse(app_url)) {
    throw new OnboardError('invalid', 'bad-url', `app_url ${JSON.stringify(app_url)} is no address`)
  }
  const { origin } = new URL(app_url)
  const { entity_id, metadata, acs, slo, login } = spUrls(origin, tenant, connection)
  const { callback, logout, backchannel } = oidcUrls(origin, tenant, connection)
  return {
    login,
    entity_id,
    metadata_url: metadata,
    acs,
    slo,
    redirect_uri: callback,
    post_logout_redirect_uri: logout,
    backchannel_logout_uri: backchannel,
  }
}

/** What the template shows; of a product that is not known, every part. */
function dataOf(input: Input): JsonObject {
  const named = Object.keys(PRODUCTS).filter((one) => PRODUCTS[one]?.test(input.idp) === true)
  const parts = named.length > 0 ? named : Object.keys(PRODUCTS)
  const { certificate, fingerprint, expires_at } = input
  // Line by line, and without colons: what has a meaning in Markdown is escaped, and nobody could compare it.
  const lines = certificate?.split('\n').filter((one) => one !== '' && !one.startsWith('-----')) ?? []
  const key = input.protocol === 'saml' && lines.length > 0
    ? {
        certificate: lines,
        fingerprint: (fingerprint ?? '').replaceAll(':', ' '),
        expires_at: (expires_at ?? '').slice(0, 10),
      }
    : {}
  return {
    customer: input.customer, vendor: input.vendor, [input.protocol]: true, ...addressesOf(input), ...key,
    ...Object.fromEntries(parts.map((one) => [one, true])),
  }
}

const sheet = (input: Input) => ({ template: NAME, name: NAME, data: dataOf(input) })
const address = (description: string) => ({ type: 'string', description }) as const

/**
 * What the customer's administrator enters at the identity provider, as a document;
 * the addresses are known before the connection is.
 */
export default defineAction({
  title:
    "Writes the sheet for the administrator of the customer's identity provider: addresses, attributes, each field.",
  example: {
    tenant: 'acme',
    app_url: 'https://app.vendor.example',
    protocol: 'oidc',
    customer: 'Acme Industrial GmbH',
    vendor: 'Example Vendor',
    idp: 'okta',
  },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant', 'app_url', 'protocol', 'customer', 'vendor'],
    properties: {
      ...NAMED,
      app_url: { type: 'string', minLength: 1, description: 'Where browsers reach the gateway.' },
      protocol: { type: 'string', enum: ['saml', 'oidc'] },
      customer: { type: 'string', minLength: 1, description: "The customer's name." },
      vendor: { type: 'string', minLength: 1, description: "The vendor's name." },
      idp: {
        type: 'string', default: '', description: 'okta, entra, google, ping, adfs, keycloak; any other: all of them.',
      },
      certificate: { type: ['string', 'null'], description: 'PEM: certificate of saml.metadata.' },
      fingerprint: { type: ['string', 'null'], description: 'Its fingerprint.' },
      expires_at: { type: ['string', 'null'], description: 'When it expires.' },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: [
      'login', 'entity_id', 'metadata_url', 'acs', 'slo', 'redirect_uri', 'post_logout_redirect_uri',
      'backchannel_logout_uri', ...DOCUMENT_OUTPUT.required,
    ],
    properties: {
      login: address('Where a login begins.'),
      entity_id: address('SAML: our entity ID.'),
      metadata_url: address('SAML: our metadata.'),
      acs: address('SAML: assertion consumer service, HTTP-POST.'),
      slo: address('SAML: single logout.'),
      redirect_uri: address('OIDC: the only redirect URI.'),
      post_logout_redirect_uri: address('OIDC: where the browser comes back to after a logout.'),
      backchannel_logout_uri: address('OIDC: where the provider itself reports logouts.'),
      ...DOCUMENT_OUTPUT.properties,
    },
  },
  where: 'database',
  owns: () => [`document/${NAME}`],
  check: (read, input) => render.check(read, sheet(input)),
  plan: (input, seen) => render.plan(sheet(input), seen),
  apply: (write, change) => render.apply(write, change),
  outputs: (input, seen) => ({ ...addressesOf(input), ...render.outputs(sheet(input), seen) }),
  undo: async (write, change, after) => render.undo?.(write, change, after),
})
