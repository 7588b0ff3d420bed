/** What a verified assertion says, and whether it is said to us, by the right one, and now (SAML profiles §4.1.4.3). */
import type { Proof } from '../login/types.ts'
import { attributesOf } from './attributes.ts'
import { BEARER, NS } from './names.ts'
import { refuse } from './refused.ts'
import { type Element, first, instant, named } from './xml.ts'

export interface Expected {
  /** The identity provider's. */
  readonly issuer: string
  /** Our entity id. */
  readonly audience: string
  /** Our assertion consumer service. */
  readonly recipient: string
  /** Milliseconds. */
  readonly now: number
  readonly skew: number
}

export interface Facts extends Pick<Proof, 'subject' | 'session_index' | 'attributes'> {
  readonly assertion_id: string
  /** The request that it answers; null: nobody asked. */
  readonly in_response_to: string | null
  /** ISO 8601 instant from which on its age alone refuses it. */
  readonly until: string
}

/** @throws LoginRefused */
export function factsOf(assertion: Element, expected: Expected): Facts {
  if (assertion.attributes.get('Version') !== '2.0') refuse('conditions', 'version', 'the assertion is not of SAML 2.0')
  checkIssuer(first(assertion, NS.assertion, 'Issuer'), expected.issuer, 'the assertion')
  issued(assertion, expected)
  const ends = conditions(first(assertion, NS.assertion, 'Conditions'), expected)
  const subject = first(assertion, NS.assertion, 'Subject')
  const confirmation = confirmed(subject, expected)
  return {
    assertion_id: assertion.attributes.get('ID') ?? '',
    subject: nameId(subject),
    session_index: session(assertion, expected),
    attributes: attributesOf(assertion),
    in_response_to: confirmation.in_response_to,
    until: new Date(Math.min(ends, confirmation.ends) + expected.skew).toISOString(),
  }
}

export function checkIssuer(issuer: Element | undefined, expected: string, what: string): void {
  const said = issuer?.text.trim() ?? ''
  if (said === expected) return
  refuse(
    'conditions', 'wrong-issuer',
    `${what} is from ${said.slice(0, 200) || 'nobody who is named'}, not from ${expected}`,
    'Compare the entity id with the identity provider’s; import its metadata again if it was changed.',
  )
}

/** The instant of an attribute; undefined where it is not there. */
function at(element: Element, name: string): number | undefined {
  const written = element.attributes.get(name)
  const found = instant(written)
  if (written !== undefined && found === undefined) {
    refuse(
      'conditions', 'bad-instant', `${name} of ${element.name} is no instant in UTC: ${written.slice(0, 50)}`,
    )
  }
  return found
}

function issued(assertion: Element, { now, skew }: Expected): void {
  const issuedAt = at(assertion, 'IssueInstant')
  if (issuedAt !== undefined && issuedAt - skew > now) early('it was issued', issuedAt, now, skew)
}

const CLOCKS = 'Set both clocks by NTP; the connection says how far they may be apart.'
function early(what: string, from: number, now: number, skew: number): never {
  refuse(
    'conditions', 'not-yet-valid',
    `${what} ${Math.ceil((from - now) / 1000)} s in the future, and ${skew / 1000} s are allowed`, CLOCKS,
  )
}
function late(what: string, until: number, now: number, skew: number): never {
  refuse(
    'conditions', 'expired',
    `${what} ended ${Math.floor((now - until) / 1000)} s ago, and ${skew / 1000} s are allowed`,
    `${CLOCKS} Or the login took too long: begin again.`,
  )
}

const KNOWN = new Set(['AudienceRestriction', 'OneTimeUse', 'ProxyRestriction'])

/** Gives the end of the conditions in milliseconds; without one, none. */
function conditions(found: Element | undefined, { now, skew, audience }: Expected): number {
  if (found === undefined) {
    refuse(
      'conditions', 'no-conditions', 'the assertion has no conditions: it would hold for anybody, for ever',
    )
  }
  const from = at(found, 'NotBefore')
  const until = at(found, 'NotOnOrAfter')
  if (from !== undefined && from - skew > now) early('its conditions begin', from, now, skew)
  if (until !== undefined && until + skew <= now) late('the time of its conditions', until, now, skew)
  // What is not understood must be refused (SAML core §2.5.1.1).
  const foreign = found.children.find(({ ns, name }) => ns !== NS.assertion || !KNOWN.has(name))
  if (foreign !== undefined) {
    refuse(
      'conditions', 'unknown-condition', `the assertion has a condition that nobody here understands: ${foreign.name}`,
    )
  }
  const restrictions = named(found, NS.assertion, 'AudienceRestriction')
  if (restrictions.length === 0) {
    refuse(
      'conditions', 'no-audience', 'the assertion does not say for whom it is', AUDIENCE,
    )
  }
  for (const restriction of restrictions) {
    const named_ = restriction.children.map(({ text }) => text.trim())
    if (!named_.includes(audience)) {
      refuse(
        'conditions', 'wrong-audience',
        `the assertion is for ${named_.join(', ').slice(0, 300) || 'nobody'}, and we are ${audience}`, AUDIENCE,
      )
    }
  }
  return until ?? Number.POSITIVE_INFINITY
}

const AUDIENCE = 'Enter our entity id as audience (Entra ID: Identifier; Okta: Audience URI; '
  + 'ADFS: relying party identifier), character by character.'

interface Confirmation {
  readonly in_response_to: string | null
  /** Milliseconds. */
  readonly ends: number
}

/** Of the bearer confirmations, one that holds for us now. */
function confirmed(subject: Element | undefined, expected: Expected): Confirmation {
  const confirmations = subject === undefined ? [] : named(subject, NS.assertion, 'SubjectConfirmation')
  const bearers = confirmations.filter(({ attributes }) => attributes.get('Method') === BEARER)
  if (bearers.length === 0) refuse('conditions', 'no-confirmation', 'the assertion has no bearer confirmation')
  // One that nobody could be confused by: several could differ in what they answer.
  if (bearers.length > 1) {
    refuse(
      'conditions', 'several-confirmations', 'the assertion has several bearer confirmations',
    )
  }
  const data = first(bearers[0], NS.assertion, 'SubjectConfirmationData')
  if (data === undefined) {
    refuse(
      'conditions', 'no-confirmation', 'the bearer confirmation says nothing about where and until when it holds',
    )
  }
  const recipient = data.attributes.get('Recipient')
  if (recipient !== expected.recipient) {
    const whom = recipient?.slice(0, 300) ?? 'nobody who is named'
    refuse(
      'conditions', 'wrong-recipient', `the assertion was sent to ${whom}, and we are ${expected.recipient}`,
      'Enter our ACS URL (Entra ID: Reply URL; Okta: Single sign-on URL) with its https, host and path.',
    )
  }
  const { now, skew } = expected
  const ends = at(data, 'NotOnOrAfter')
  if (ends === undefined) refuse('conditions', 'no-expiry', 'the bearer confirmation has no end (NotOnOrAfter)')
  if (ends + skew <= now) late('the time to use it', ends, now, skew)
  const from = at(data, 'NotBefore')
  if (from !== undefined && from - skew > now) early('its confirmation begins', from, now, skew)
  return { in_response_to: data.attributes.get('InResponseTo') ?? null, ends }
}

const LONGEST_NAME = 1024

/** The NameID as it is written: two that differ in anything are two people. */
function nameId(subject: Element | undefined): string {
  const found = first(subject, NS.assertion, 'NameID')
  if (found === undefined) {
    const encrypted = first(subject, NS.assertion, 'EncryptedID') !== undefined
    refuse(
      'conditions', encrypted ? 'encrypted-name-id' : 'no-subject',
      encrypted ? 'the NameID is encrypted by itself' : 'the assertion names nobody (no NameID)',
      encrypted
        ? 'Have the whole assertion encrypted instead.'
        : 'Have the identity provider send a NameID, best a persistent one.',
    )
  }
  const text = found.text.trim()
  if (text === '' || text.length > LONGEST_NAME || /\p{Cc}/u.test(text) || found.children.length > 0) {
    refuse('conditions', 'bad-subject', 'the NameID is empty, too long or has control characters')
  }
  return text
}

function session(assertion: Element, { now, skew }: Expected): string | null {
  const statements = named(assertion, NS.assertion, 'AuthnStatement')
  const [statement] = statements
  if (statement === undefined) {
    refuse(
      'conditions', 'no-authentication',
      'the assertion does not say that anybody was authenticated (no AuthnStatement)',
    )
  }
  for (const one of statements) {
    const until = at(one, 'SessionNotOnOrAfter')
    if (until !== undefined && until + skew <= now) late('the session at the identity provider', until, now, skew)
  }
  return statement.attributes.get('SessionIndex') ?? null
}
