/** What the server says of itself (RFC 7643 §5 to §7). No nulls: Entra ID's discovery stops at one. */
import type { Json, JsonObject } from '../../model.ts'
import { MOST_RESULTS } from './list.ts'
import {
  type Attribute,
  ENTERPRISE,
  ENTERPRISE_ATTRIBUTES,
  GROUP,
  GROUP_ATTRIBUTES,
  RESOURCE_TYPES,
  USER,
  USER_ATTRIBUTES,
} from './schema.ts'

export const MOST_BULK_OPERATIONS = 1_000
export const MOST_BYTES = 1_048_576

const SCHEMA = 'urn:ietf:params:scim:schemas:core:2.0:Schema'
const meta = (resourceType: string, location: string): JsonObject => ({ resourceType, location })

export function serviceProviderConfig(base: string): JsonObject {
  return {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
    patch: { supported: true },
    bulk: { supported: true, maxOperations: MOST_BULK_OPERATIONS, maxPayloadSize: MOST_BYTES },
    filter: { supported: true, maxResults: MOST_RESULTS },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    authenticationSchemes: [
      {
        type: 'oauthbearertoken',
        name: 'Bearer token',
        description: 'A token that the vendor hands over, in the header Authorization.',
        primary: true,
      },
    ],
    meta: meta('ServiceProviderConfig', `${base}/ServiceProviderConfig`),
  }
}

export function resourceTypes(base: string): readonly JsonObject[] {
  return Object.values(RESOURCE_TYPES).map(({ name, endpoint, schema, extensions }) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: name,
    name,
    endpoint,
    schema,
    description: name === 'User' ? 'People of the tenant.' : 'Groups of people of the tenant.',
    ...(extensions.size > 0
      ? { schemaExtensions: [...extensions.keys()].map((one) => ({ schema: one, required: false })) }
      : {}),
    meta: meta('ResourceType', `${base}/ResourceTypes/${name}`),
  }))
}

export function schemas(base: string): readonly JsonObject[] {
  const one = (id: string, name: string, description: string, attributes: readonly Attribute[]): JsonObject => ({
    schemas: [SCHEMA],
    id,
    name,
    description,
    attributes: attributes.map(described),
    meta: meta('Schema', `${base}/Schemas/${id}`),
  })
  return [
    one(USER, 'User', 'A person.', USER_ATTRIBUTES),
    one(GROUP, 'Group', 'A group of people.', GROUP_ATTRIBUTES),
    one(ENTERPRISE, 'EnterpriseUser', 'What a company says of a person.', ENTERPRISE_ATTRIBUTES),
  ]
}

function described({
  name,
  type,
  description,
  multiValued,
  required,
  caseExact,
  mutability,
  returned,
  uniqueness,
  canonical,
  sub,
}: Attribute): Json {
  const isText = type === 'string' || type === 'reference'
  return {
    name,
    type,
    multiValued,
    description,
    required,
    mutability,
    returned,
    ...(type === 'complex' || type === 'boolean' || type === 'dateTime' ? {} : { caseExact, uniqueness }),
    ...(type === 'reference' ? { referenceTypes: ['external'] } : {}),
    ...(isText && canonical.length > 0 ? { canonicalValues: canonical } : {}),
    ...(sub.length > 0 ? { subAttributes: sub.map(described) } : {}),
  }
}
