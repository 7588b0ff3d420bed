/** From what an identity provider says of a person to what we know of people: address, name, role. */
import type { JsonObject } from '../../model.ts'
import { LoginRefused, type Mapping, type Proof, type Role } from './types.ts'

type Attributes = Proof['attributes']

const CLAIMS = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims'

/**
 * What the six usual providers send where nobody said otherwise: Okta, Google and Keycloak short names, Entra ID and
 * ADFS URIs of claims, Ping and the eduPerson world `mail` or its OID. `NameID` is the subject itself.
 */
const USUAL = {
  saml: {
    email: [
      'email', 'mail', 'Email', 'emailAddress', `${CLAIMS}/emailaddress`, 'urn:oid:0.9.2342.19200300.100.1.3', 'NameID',
    ],
    name: [
      'displayName', 'name', `${CLAIMS}/displayname`, 'http://schemas.microsoft.com/identity/claims/displayname',
      'urn:oid:2.16.840.1.113730.3.1.241', 'cn', `${CLAIMS}/name`,
    ],
    role_default: 'member',
  },
  oidc: { email: ['email'], name: ['name', 'preferred_username'], role_default: 'member' },
} as const satisfies { readonly [protocol: string]: Mapping }

/** The mapping that holds where none is declared: everybody new is a member, and no attribute gives a role. */
export const usual = (protocol: 'saml' | 'oidc'): Mapping => USUAL[protocol]

/** What a mapping makes of attributes or claims. */
export interface Mapped {
  readonly email: string
  /** Which attribute the address came from. */
  readonly email_from: string
  readonly name: string
  readonly role: Role
  /** The value that gave the role; null: none did, and it is the one of those whom no line says anything about. */
  readonly role_from: string | null
}

const LONGEST = { email: 254, name: 200 }
// oxlint-disable-next-line no-control-regex
const ADDRESS = /^[^\s@<>,;:"\\()[\]\u0000-\u001f]+@[^\s@<>,;:"\\()[\]\u0000-\u001f]+$/

/** What one attribute says first; undefined where it is not there, or empty. */
const first = (attributes: Attributes, name: string): string | undefined =>
  Object.hasOwn(attributes, name) ? attributes[name]?.map((one) => one.trim()).find((one) => one !== '') : undefined

/**
 * @throws LoginRefused (mapping) where no attribute gives an address, or where what gives it is none
 */
export function mapped(mapping: Mapping, attributes: Attributes): Mapped {
  const from = mapping.email.find((name) => first(attributes, name) !== undefined)
  if (from === undefined) throw noAddress(mapping, attributes)
  const email = first(attributes, from) ?? ''
  if (email.length > LONGEST.email || !ADDRESS.test(email)) {
    throw new LoginRefused(
      'mapping', 'no-address', `${from} holds ${JSON.stringify(email.slice(0, 80))}, which is no mail address`,
      `Send the mail address as ${mapping.email[0] ?? from}, or map another attribute.`,
    )
  }
  const name = mapping.name.map((one) => first(attributes, one)).find((one) => one !== undefined) ?? email
  const values = new Set(
    (mapping.role ?? []).flatMap((one) => (Object.hasOwn(attributes, one) ? (attributes[one] ?? []) : [])),
  )
  const line = mapping.roles?.find(({ value }) => values.has(value))
  return {
    email, email_from: from, name: printable(name).slice(0, LONGEST.name), role: line?.role ?? mapping.role_default,
    role_from: line?.value ?? null,
  }
}

function noAddress(mapping: Mapping, attributes: Attributes): LoginRefused {
  const there = Object.keys(attributes)
  const sent = there.length === 0 ? 'no attributes at all' : there.slice(0, 12).join(', ')
  return new LoginRefused(
    'mapping', 'no-email',
    `none of ${mapping.email.join(', ')} is there, of which the mail address would come; sent was: ${sent}`,
    `Have the identity provider send the mail address as ${mapping.email[0] ?? 'email'}, `
      + 'or map the attribute that holds it.',
  )
}

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** Without control characters, which no name has. */
const printable = (text: string): string => text.replaceAll(CONTROL, ' ')

/** As it stands in a trace and is shown to people. */
type Shown = Omit<Mapped, 'role' | 'email_from'> & { readonly role: string }

export function shown({ email, name, role, role_from }: Shown): JsonObject {
  return { email, name, role, role_from }
}
