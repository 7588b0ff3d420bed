/** Attributes of users and groups (RFC 7643 §4, §8.7): the table that filters, PATCH, validation and /Schemas read. */

export const USER = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
export const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group'

export type AttributeType = 'string' | 'boolean' | 'dateTime' | 'reference' | 'binary' | 'complex'

/** One attribute with its characteristics (RFC 7643 §2.2, §7). */
export interface Attribute {
  readonly name: string
  readonly type: AttributeType
  readonly description: string
  readonly multiValued: boolean
  readonly required: boolean
  readonly caseExact: boolean
  readonly mutability: 'readWrite' | 'readOnly' | 'immutable' | 'writeOnly'
  readonly returned: 'default' | 'always' | 'never' | 'request'
  readonly uniqueness: 'none' | 'server'
  readonly canonical: readonly string[]
  readonly sub: readonly Attribute[]
}

type Rest = Partial<Omit<Attribute, 'name' | 'description'>>

function attribute(name: string, description: string, rest: Rest = {}): Attribute {
  return {
    name, description,
    type: 'string', multiValued: false, required: false, caseExact: false, mutability: 'readWrite',
    returned: 'default', uniqueness: 'none', canonical: [], sub: [],
    ...rest,
  }
}

/** A list of values with a type and one that is primary (RFC 7643 §2.4). */
function plural(name: string, description: string, types: readonly string[], value: Rest = {}): Attribute {
  return attribute(name, description, {
    type: 'complex', multiValued: true,
    sub: [
      attribute('value', 'The value itself.', value),
      attribute('display', 'The value as it is shown.'),
      attribute('type', 'What the value is for.', { canonical: types }),
      attribute('primary', 'Whether it is the one that is preferred.', { type: 'boolean' }),
    ],
  })
}

const NAME = attribute('name', "The parts of the person's name.", {
  type: 'complex',
  sub: [
    attribute('formatted', 'The whole name as it is shown.'),
    attribute('familyName', 'The family name.'),
    attribute('givenName', 'The given name.'),
    attribute('middleName', 'The middle name.'),
    attribute('honorificPrefix', 'A title before the name.'),
    attribute('honorificSuffix', 'A suffix after the name.'),
  ],
})

const ADDRESSES = attribute('addresses', 'Postal addresses.', {
  type: 'complex', multiValued: true,
  sub: [
    attribute('formatted', 'The whole address as it is shown.'),
    attribute('streetAddress', 'Street and number.'),
    attribute('locality', 'City.'),
    attribute('region', 'State or region.'),
    attribute('postalCode', 'Postal code.'),
    attribute('country', 'Country, ISO 3166-1 alpha-2.'),
    attribute('type', 'What the address is for.', { canonical: ['work', 'home', 'other'] }),
    attribute('primary', 'Whether it is the one that is preferred.', { type: 'boolean' }),
  ],
})

const MEMBERSHIPS = attribute('groups', 'The groups that the user is in; changed through the groups.', {
  type: 'complex', multiValued: true, mutability: 'readOnly',
  sub: [
    attribute('value', 'Id of the group.', { mutability: 'readOnly', caseExact: true }),
    attribute('$ref', 'Address of the group.', { type: 'reference', mutability: 'readOnly', caseExact: true }),
    attribute('display', 'Name of the group.', { mutability: 'readOnly' }),
    attribute('type', 'How the user belongs to it.', { mutability: 'readOnly', canonical: ['direct'] }),
  ],
})

/** Of every resource (RFC 7643 §3.1). */
export const COMMON: readonly Attribute[] = [
  attribute(
    'schemas', 'The schemas that the resource has attributes of.',
    { type: 'reference', multiValued: true, caseExact: true, returned: 'always' },
  ),
  attribute(
    'id', 'Identifier that the server gives.',
    { mutability: 'readOnly', returned: 'always', caseExact: true, uniqueness: 'server' },
  ),
  attribute('externalId', 'Identifier that the directory gives.', { caseExact: true }),
  attribute('meta', 'When and as what the resource is kept.', {
    type: 'complex', mutability: 'readOnly',
    sub: [
      attribute('resourceType', 'User or Group.', { mutability: 'readOnly', caseExact: true }),
      attribute('created', 'When it was made.', { type: 'dateTime', mutability: 'readOnly' }),
      attribute('lastModified', 'When it was changed last.', { type: 'dateTime', mutability: 'readOnly' }),
      attribute('location', 'Its address.', { type: 'reference', mutability: 'readOnly', caseExact: true }),
      attribute('version', 'Its version, as in ETag.', { mutability: 'readOnly', caseExact: true }),
    ],
  }),
]

export const USER_ATTRIBUTES: readonly Attribute[] = [
  attribute(
    'userName', 'The name under which the person signs in; unique within the tenant.',
    { required: true, uniqueness: 'server', returned: 'always' },
  ),
  NAME,
  attribute('displayName', 'The name as it is shown.'),
  attribute('nickName', 'What the person is called.'),
  attribute('profileUrl', 'Address of a page about the person.', { type: 'reference' }),
  attribute('title', 'What the person does.'),
  attribute('userType', 'How the person belongs to the company.'),
  attribute('preferredLanguage', 'Language, RFC 5646.'),
  attribute('locale', 'Locale, RFC 5646.'),
  attribute('timezone', 'Time zone, IANA name.'),
  attribute('active', 'Whether the person may sign in.', { type: 'boolean' }),
  attribute(
    'password', 'Taken and not kept: people of a directory sign in through it.',
    { mutability: 'writeOnly', returned: 'never' },
  ),
  plural('emails', 'E-mail addresses.', ['work', 'home', 'other']),
  plural('phoneNumbers', 'Telephone numbers.', ['work', 'home', 'mobile', 'fax', 'pager', 'other']),
  plural('ims', 'Addresses for instant messages.', ['xmpp', 'skype', 'other']),
  plural('photos', 'Addresses of pictures.', ['photo', 'thumbnail'], { type: 'reference' }),
  ADDRESSES,
  MEMBERSHIPS,
  plural('entitlements', 'What the person is entitled to.', []),
  plural('roles', 'Roles of the person in the directory.', []),
  plural('x509Certificates', 'Certificates, DER in base64.', [], { type: 'binary', caseExact: true }),
]

export const ENTERPRISE_ATTRIBUTES: readonly Attribute[] = [
  attribute('employeeNumber', 'Number that the company gives the person.'),
  attribute('costCenter', 'Cost centre.'),
  attribute('organization', 'Organization.'),
  attribute('division', 'Division.'),
  attribute('department', 'Department.'),
  attribute('manager', "The person's manager.", {
    type: 'complex',
    sub: [
      attribute('value', 'Id of the manager.', { caseExact: true }),
      attribute('$ref', 'Address of the manager.', { type: 'reference', caseExact: true }),
      attribute('displayName', 'Name of the manager.', { mutability: 'readOnly' }),
    ],
  }),
]

export const GROUP_ATTRIBUTES: readonly Attribute[] = [
  attribute(
    'displayName', 'The name of the group; unique within the tenant.', { required: true, uniqueness: 'server' },
  ),
  attribute('members', 'Who is in it.', {
    type: 'complex', multiValued: true,
    sub: [
      attribute('value', 'Id of the user.', { mutability: 'immutable', caseExact: true }),
      attribute('$ref', 'Address of the user.', { type: 'reference', mutability: 'immutable', caseExact: true }),
      attribute('display', 'Name of the user.', { mutability: 'readOnly' }),
      attribute('type', 'User.', { mutability: 'immutable', canonical: ['User'] }),
    ],
  }),
]

export interface ResourceType {
  readonly name: 'User' | 'Group'
  readonly endpoint: '/Users' | '/Groups'
  readonly schema: string
  readonly attributes: readonly Attribute[]
  /** Extensions by URN. */
  readonly extensions: ReadonlyMap<string, readonly Attribute[]>
}

export const RESOURCE_TYPES = {
  User: {
    name: 'User', endpoint: '/Users', schema: USER, attributes: [...COMMON, ...USER_ATTRIBUTES],
    extensions: new Map([[ENTERPRISE, ENTERPRISE_ATTRIBUTES]]),
  },
  Group: {
    name: 'Group', endpoint: '/Groups', schema: GROUP, attributes: [...COMMON, ...GROUP_ATTRIBUTES],
    extensions: new Map(),
  },
} as const satisfies Readonly<Record<string, ResourceType>>

/** An attribute by name, without regard to case (RFC 7643 §2.1). */
export function named(attributes: readonly Attribute[], name: string): Attribute | undefined {
  const lower = name.toLowerCase()
  return attributes.find((one) => one.name.toLowerCase() === lower)
}

/** Where an attribute stands in a resource: the URN of its extension or null, itself, and a sub-attribute. */
export interface Place {
  readonly extension: string | null
  readonly attribute: Attribute
  readonly sub: Attribute | null
}

/**
 * `emails.value`, `name.familyName`, `urn:…:User:userName`, `urn:…:enterprise:2.0:User:manager.value` → its place;
 * names without regard to case. undefined: the resource type has no such attribute.
 */
export function placeOf(type: ResourceType, written: string): Place | undefined {
  let path = written
  let attributes = type.attributes
  let extension: string | null = null
  if (/^urn:/i.test(written)) {
    for (const [urn, own] of [[type.schema, type.attributes] as const, ...type.extensions]) {
      const isOfUrn = written.slice(0, urn.length).toLowerCase() === urn.toLowerCase()
      if (isOfUrn && /^[:.]/.test(written.slice(urn.length))) {
        path = written.slice(urn.length + 1)
        attributes = own
        extension = urn === type.schema ? null : urn
        break
      }
    }
  }
  const [name = '', child, ...more] = path.split('.')
  const attribute = named(attributes, name)
  if (attribute === undefined || more.length > 0) return undefined
  if (child === undefined) return { extension, attribute, sub: null }
  const sub = named(attribute.sub, child)
  return sub === undefined ? undefined : { extension, attribute, sub }
}
