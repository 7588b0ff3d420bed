import { digest } from '../engine/digest.ts'
import type { Work } from '../engine/ports.ts'
import { OnboardError } from '../errors.ts'
import { parseOnly } from '../input/document.ts'
import { withValue } from '../input/edit-yaml.ts'
import { nearest } from '../input/nearest.ts'
import type { JsonObject, Person } from '../model.ts'
import type { Config } from './config.ts'
import type { HandoffSource } from './handoff.ts'
import { normaliseDiscovery } from './normalise.ts'
import { contactsOf, sameMail, staffOf, type Listed } from './people.ts'
import type { GivenVersion } from './revise-sources.ts'

/** Names under which the handoff knows people of the customer. */
export const CONTACTS = [
  'primary', 'technical', 'executive_sponsor', 'technical_lead', 'it_admin', 'primary_user',
] as const
export type ContactName = (typeof CONTACTS)[number]

export interface ContactLine {
  readonly side: 'customer' | 'vendor'
  readonly role: string
  readonly name: string
  readonly email: string
  readonly phone?: string
}

export interface Contacts {
  readonly onboarding: string
  readonly company: string
  readonly contacts: readonly ContactLine[]
  /** Roles that nobody holds: contacts of the handoff, and roles of the runbook that the config leaves empty. */
  readonly empty: readonly { readonly side: 'customer' | 'vendor'; readonly role: string }[]
}

/** Who is who on both sides. */
export function listContacts({ onboarding, inputs, runbook }: Work, config: Pick<Config, 'roles'>): Contacts {
  const [customer, vendor] = [contactsOf(inputs.handoff), staffOf(config)]
  const line = (side: ContactLine['side']) => ({ role, person }: Listed): ContactLine => ({ side, role, ...person })
  const held = new Set(vendor.map(({ role }) => role))
  return {
    onboarding: onboarding.key,
    company: onboarding.company,
    contacts: [...customer.map(line('customer')), ...vendor.map(line('vendor'))],
    empty: [
      ...CONTACTS.filter((name) => !customer.some(({ role }) => role === name))
        .map((role) => ({ side: 'customer' as const, role })),
      ...runbook.roles.filter((role) => role !== 'customer' && !held.has(role))
        .map((role) => ({ side: 'vendor' as const, role })),
    ],
  }
}

/** What a person typed as a contact's name. Throws usage with the nearest, or says where the vendor's people stand. */
export function contactName(given: string, again: string, { roles }: Pick<Config, 'roles'>): ContactName {
  const name = given.replaceAll('-', '_')
  const found = CONTACTS.find((one) => one === name)
  if (found) return found
  if (Object.hasOwn(roles, given)) {
    throw new OnboardError(
      'usage', 'vendor-role', `'${given}' is a role of the vendor: its people stand in onboard.config.yaml under roles`,
      { suggestions: ['onboard doctor'] },
    )
  }
  const near = nearest(name, CONTACTS)
  const hint = near === undefined ? `it is one of ${CONTACTS.join(', ')}` : `did you mean ${near}?`
  throw new OnboardError(
    'usage', 'unknown-contact', `A handoff has no contact '${given}': ${hint}`,
    { suggestions: [again.replace('ROLE', near ?? CONTACTS[0])] },
  )
}

/**
 * The handoff's file with a person under a contact's name: in place of those there, or beside them. A person who is
 * there already by mail address is brought up to date.
 */
export function withContact(
  work: Work, stored: Stored, name: ContactName, person: Person, beside: boolean,
): HandoffSource {
  const before = people(work, name)
  const known = before.some(({ email }) => sameMail(email, person.email))
  const all = known ? before.map((one) => (sameMail(one.email, person.email) ? person : one)) : [...before, person]
  return edited(work, stored, name, beside ? all : [person])
}

/** The handoff's file without a contact, or without one of its people. Throws usage where there is none such. */
export function withoutContact(
  work: Work, stored: Stored, name: ContactName, email: string | undefined,
): HandoffSource {
  const before = people(work, name)
  const after = email === undefined ? [] : before.filter((one) => !sameMail(one.email, email))
  if (email !== undefined && after.length === before.length) {
    const there = before.map((one) => one.email).join(', ') || 'there are none'
    throw new OnboardError(
      'usage', 'unknown-contact',
      `${email} is not among the ${name} contacts of ${work.onboarding.key}: ${there}`,
      { suggestions: [`onboard contact list ${work.onboarding.key}`] },
    )
  }
  return edited(work, stored, name, after)
}

type Stored = Readonly<Record<'handoff' | 'discovery', GivenVersion | null>>

function people({ inputs }: Work, name: ContactName): Person[] {
  return contactsOf(inputs.handoff).filter(({ role }) => role === name).map(({ person }) => person)
}

function edited(
  work: Work, { handoff, discovery }: Stored, name: ContactName, people: readonly Person[],
): HandoffSource {
  const [one] = people
  const bytes = withValue(handoff?.source ?? new Uint8Array(), ['contacts', name], people.length > 1 ? people : one)
  const file = `handoff of ${work.onboarding.key} with this contact`
  return { bytes: isOutdated(bytes, discovery) ? withValue(bytes, ['discovery'], undefined) : bytes, file }
}

/** Whether the discovery in the handoff's own file is not the one that holds: another one has taken its place. */
function isOutdated(bytes: Uint8Array, discovery: GivenVersion | null): boolean {
  const { value } = parseOnly(bytes, { file: 'handoff' })
  const inside = (value as JsonObject | undefined)?.['discovery'] as JsonObject | undefined
  return inside !== undefined && discovery !== null && digest(normaliseDiscovery(inside)) !== discovery.digest
}
