/** Messages of single logout: who may send them, and what they say. */
import { checkIssuer } from './assertion.ts'
import { NS } from './names.ts'
import { checkQuery, type Field, redirected } from './redirect.ts'
import { refuse } from './refused.ts'
import { bytesOf, type Context, good, reading, skewOf, textOf } from './response.ts'
import { validate } from './schema.ts'
import { verified } from './signature.ts'
import { checkNames, signaturesOf } from './structure.ts'
import { all, type Element, first, instant, named } from './xml.ts'

export type Received =
  | { readonly binding: 'redirect'; /** As it came, without `?`. */ readonly query: string }
  | {
      readonly binding: 'post'
      readonly field: Field
      /** Base64. */
      readonly message: string
      readonly relay_state: string | null
    }

export interface Asked {
  readonly kind: 'asked'
  readonly id: string
  readonly subject: string
  /** None: all sessions of that person. */
  readonly session_indexes: readonly string[]
  /** Goes back as it came (SAML bindings §3.4.3). */
  readonly relay_state: string | null
  /** ISO 8601 instant from which on its age alone refuses it. */
  readonly until: string
}
export interface Answered {
  readonly kind: 'answered'
  readonly in_response_to: string
}

/** How old a message may be, in milliseconds: it travels with a browser that is on its way. */
const LIFETIME = 5 * 60_000
const ROOTS = { SAMLRequest: 'LogoutRequest', SAMLResponse: 'LogoutResponse' } as const

/** @throws LoginRefused */
export function readLogout(received: Received, context: Context): Asked | Answered {
  const at = Date.parse(context.now)
  const skew = skewOf(context.settings) * 1000
  if (received.binding === 'redirect') {
    const message = redirected(received.query)
    checkQuery(message, good(context.settings, at, skew))
    return reading(message.xml, 'structure', (root, document) => {
      checkRoot(root, ROOTS[message.field])
      if ([...all(root)].some(({ name }) => name === 'Signature')) {
        refuse(
          'structure', 'signature-misplaced', 'the message is signed in its address, and has another signature inside',
        )
      }
      validate(document)
      return factsOf(root, context, at, skew, message.relay_state)
    })
  }
  const xml = textOf(bytesOf(received.message))
  const text = reading(xml, 'structure', (root, document) => {
    checkRoot(root, ROOTS[received.field])
    const [signature] = signaturesOf(root, [root])
    validate(document)
    if (signature === undefined) return refuse('signature', 'unsigned', 'the message is not signed')
    return verified(xml, signature, good(context.settings, at, skew))
  })
  return reading(text, 'signature', (root) => factsOf(root, context, at, skew, received.relay_state))
}

/** A signed assertion inside would lend its signature to whoever has caught one. */
function checkRoot(root: Element, name: string): void {
  if (root.ns !== NS.protocol || root.name !== name) {
    refuse(
      'structure', 'not-a-logout', `this is a ${root.name.slice(0, 100)} and no ${name}`,
    )
  }
  checkNames(root)
  if ([...all(root)].some(({ name: one }) => /^(Encrypted)?Assertion$/.test(one))) {
    refuse('structure', 'assertion-inside', 'a logout has an assertion inside')
  }
}

function factsOf(
  root: Element, { settings, urls }: Context, now: number, skew: number, relay_state: string | null,
): Asked | Answered {
  if (root.attributes.get('Version') !== '2.0') refuse('conditions', 'version', 'the message is not of SAML 2.0')
  checkIssuer(first(root, NS.assertion, 'Issuer'), settings.entity_id, 'the logout')
  const destination = root.attributes.get('Destination')
  if (destination !== undefined && destination !== urls.slo) {
    refuse(
      'conditions', 'wrong-destination', `the logout was sent to ${destination.slice(0, 300)}, and we are ${urls.slo}`,
    )
  }
  const issuedAt = instant(root.attributes.get('IssueInstant'))
  const written = root.attributes.get('NotOnOrAfter')
  const until = Math.min(instant(written) ?? Number.POSITIVE_INFINITY, (issuedAt ?? Number.NaN) + LIFETIME) + skew
  if (issuedAt === undefined || (written !== undefined && instant(written) === undefined)) {
    refuse(
      'conditions', 'bad-instant', 'the logout has an instant that is none in UTC',
    )
  }
  if (issuedAt - skew > now) refuse('conditions', 'not-yet-valid', 'the logout was issued in the future')
  if (until <= now) refuse('conditions', 'expired', 'the logout is too old')
  if (root.name === 'LogoutResponse') {
    return { kind: 'answered', in_response_to: root.attributes.get('InResponseTo') ?? '' }
  }
  const subject = first(root, NS.assertion, 'NameID')?.text.trim() ?? ''
  if (subject === '') {
    refuse(
      'conditions', 'no-subject', 'the logout names nobody, or has the name encrypted',
      'Have the identity provider send the NameID of logouts unencrypted.',
    )
  }
  return {
    kind: 'asked', id: root.attributes.get('ID') ?? '', subject, until: new Date(until).toISOString(), relay_state,
    session_indexes: named(root, NS.protocol, 'SessionIndex').map(({ text }) => text.trim()),
  }
}
