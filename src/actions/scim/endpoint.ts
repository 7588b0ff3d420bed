import { defineAction, type Reader } from '../../contract.ts'
import { DOCUMENT_OUTPUT } from '../../documents/name.ts'
import { ROLES } from '../../identity/login/types.ts'
import { MOST_ON_TRIAL } from '../../identity/scim/call.ts'
import { OnboardError } from '../../errors.ts'
import type { JsonObject } from '../../model.ts'
import render from '../document/render.ts'

const NAME = 'scim-connector'
/** Makes Entra ID send what RFC 7644 says, and not the shapes of before. */
const ENTRA_FLAG = '?aadOptscim062020'

interface Input {
  readonly tenant: string
  readonly app_url: string
  readonly customer: string
  readonly directory: string
  readonly groups: readonly { readonly group: string; readonly role: string }[]
  readonly role_default: string
  readonly token_ends?: string | null
}

/** Below the origin at which customers sign in. Throws invalid where that is no address. */
function endpointOf({ app_url, tenant }: Pick<Input, 'app_url' | 'tenant'>): string {
  if (!URL.canParse(app_url))
    throw new OnboardError('invalid', 'bad-url', `app_url ${JSON.stringify(app_url)} is no address`)
  return `${new URL(app_url).origin}/scim/v2/${tenant}`
}

/** What the template shows. Of a directory that is not known both ways are described. */
function dataOf(input: Input): JsonObject {
  const url = endpointOf(input)
  const named = input.directory.toLowerCase()
  const isEntra = /entra|azure|microsoft/.test(named)
  const isOkta = named.includes('okta')
  const either = isEntra === isOkta
  return {
    customer: input.customer,
    url,
    trial: MOST_ON_TRIAL,
    role_default: input.role_default,
    ...(isOkta || either ? { okta: true } : {}),
    ...(isEntra || either ? { entra: true, entra_url: `${url}${ENTRA_FLAG}` } : {}),
    ...(input.groups.length > 0 ? { groups: input.groups } : {}),
    ...(input.token_ends ? { token_ends: input.token_ends.slice(0, 10) } : {}),
  }
}

const sheet = (input: Input) => ({ template: NAME, name: NAME, data: dataOf(input) })

/** What the customer's administrator needs to set the directory up, as a document. The token is not in it. */
export default defineAction({
  title:
    "Writes the sheet for the administrator of the customer's directory: address, attributes, roles, and each click.",
  example: {
    tenant: 'acme',
    app_url: 'https://app.vendor.example',
    customer: 'Acme Industrial GmbH',
    directory: 'okta',
  },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant', 'app_url', 'customer'],
    properties: {
      tenant: { type: 'string', minLength: 1, description: 'Slug of the tenant.' },
      app_url: { type: 'string', minLength: 1, description: 'Where the gateway is reached from outside.' },
      customer: { type: 'string', minLength: 1, description: "The customer's name." },
      directory: {
        type: 'string',
        default: '',
        description: 'Which directory it is: okta, entra; any other: both are described.',
      },
      groups: {
        type: 'array',
        default: [],
        description: 'Groups that give a role, as scim.mapping has them.',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['group', 'role'],
          properties: { group: { type: 'string', minLength: 1 }, role: { type: 'string', enum: ROLES } },
        },
      },
      role_default: {
        type: 'string',
        enum: ROLES,
        default: 'member',
        description: 'Of those who are in none of them.',
      },
      token_ends: { type: ['string', 'null'], description: 'When the token ends: expires_at of scim.token.' },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['url', ...DOCUMENT_OUTPUT.required],
    properties: { url: { type: 'string', description: 'Address of the endpoint.' }, ...DOCUMENT_OUTPUT.properties },
  },
  where: 'database',
  owns: () => [`document/${NAME}`],
  check: (read: Reader, input) => render.check(read, sheet(input)),
  plan: (input, seen) => render.plan(sheet(input), seen),
  apply: (write, change) => render.apply(write, change),
  outputs: (input, seen) => ({ url: endpointOf(input), ...render.outputs(sheet(input), seen) }),
  undo: async (write, change, after) => render.undo?.(write, change, after),
})
