/** A SAML response: what it proves, or why it proves nothing. In this order: docs/saml.md. */
import { LoginRefused, type SamlSettings, type Stage } from '../login/types.ts'
import { checkIssuer, type Facts, factsOf } from './assertion.ts'
import { current } from './certificates.ts'
import { decrypt } from './decrypt.ts'
import type { SpKey } from './keys.ts'
import { NS, SUCCESS } from './names.ts'
import { refuse } from './refused.ts'
import { validate } from './schema.ts'
import { verified } from './signature.ts'
import { checkNames, onlyAssertion, signaturesOf } from './structure.ts'
import type { SpUrls } from './urls.ts'
import { all, decoded, type Element, first, withXml, XmlRefused } from './xml.ts'

/** Of a message. Somebody in thousands of groups has less. */
export const MOST_BYTES = 256 * 1024
/** A larger one would make old messages good again. */
const MOST_SKEW_S = 300

export interface Context {
  readonly settings: SamlSettings
  readonly urls: SpUrls
  /** ISO 8601 instant, of the database. */
  readonly now: string
}

/**
 * Everything but what the database has to say: whether the request was ours, and whether the assertion is new.
 * @param message base64 of a `Response`, as the form's field has it
 * @param keys of the tenant: with which it may be encrypted
 * @throws LoginRefused
 */
export function verifyResponse(
  message: string, { settings, urls, now, keys }: Context & { readonly keys: readonly Pick<SpKey, 'privateKey'>[] },
): Facts {
  const xml = textOf(bytesOf(message))
  const at = Date.parse(now)
  const skew = skewOf(settings) * 1000
  const outer = reading(xml, 'structure', (root, document) => {
    if (root.ns !== NS.protocol || root.name !== 'Response') {
      refuse(
        'structure', 'not-a-response', `this is a ${root.name.slice(0, 100)} and no Response`,
      )
    }
    checkNames(root)
    const status = first(root, NS.protocol, 'Status')
    if (status !== undefined) checkStatus(status)
    const assertion = onlyAssertion(root)
    const signatures = signaturesOf(root, [root, assertion])
    validate(document)
    const certificates = good(settings, at, skew)
    let trusted: string | undefined
    let holder: Element | undefined
    // The root's first: with it its assertion is signed, and the assertion's own signature as well.
    for (const signature of signatures.toSorted((a, b) => Number(b.signed === root) - Number(a.signed === root))) {
      const text = verified(xml, signature, certificates)
      trusted ??= text
      holder ??= signature.signed
    }
    checkEnvelope(root, settings, urls)
    const isEncrypted = assertion.name === 'EncryptedAssertion'
    if (trusted === undefined && !isEncrypted) {
      refuse(
        'signature', 'unsigned', 'neither the response nor its assertion is signed',
        'Have the identity provider sign assertions.',
      )
    }
    const in_response_to = root.attributes.get('InResponseTo') ?? null
    const encrypted = isEncrypted ? { xml: decrypt(assertion, keys), isSigned: trusted !== undefined } : undefined
    return { trusted, isRoot: holder === root, in_response_to, encrypted }
  })
  const expected = { issuer: settings.entity_id, audience: urls.entity_id, recipient: urls.acs, now: at, skew }
  const facts = outer.encrypted === undefined
    ? reading(outer.trusted ?? '', 'signature', (root) => factsOf(outer.isRoot ? onlyAssertion(root) : root, expected))
    : factsOfDecrypted(outer.encrypted, settings, expected)
  if (outer.in_response_to !== facts.in_response_to) {
    refuse('conditions', 'wrong-in-response-to', 'the response and its assertion do not answer the same request')
  }
  return facts
}

/** The assertion that came encrypted: by a signature of its own, or by the one of the response around it. */
function factsOfDecrypted(
  { xml, isSigned }: { readonly xml: string; readonly isSigned: boolean },
  settings: SamlSettings,
  expected: Parameters<typeof factsOf>[1],
): Facts {
  const text = reading(xml, 'structure', (root, document) => {
    if (root.ns !== NS.assertion || root.name !== 'Assertion') {
      refuse(
        'structure', 'no-assertion', 'what was encrypted is no assertion',
      )
    }
    if ([...all(root)].filter(({ name }) => /^(Encrypted)?Assertion$/.test(name)).length > 1) {
      refuse('structure', 'several-assertions', 'what was encrypted has assertions of its own')
    }
    checkNames(root)
    const [signature] = signaturesOf(root, [root])
    validate(document)
    if (signature === undefined) {
      if (isSigned) return xml
      return refuse(
        'signature', 'unsigned', 'neither the response nor its encrypted assertion is signed',
        'Have the identity provider sign assertions.',
      )
    }
    return verified(xml, signature, good(settings, expected.now, expected.skew))
  })
  return reading(text, 'signature', (root) => factsOf(root, expected))
}

/** The certificates that may sign now. */
export function good(settings: SamlSettings, now: number, skew: number): SamlSettings['certificates'] {
  if (settings.valid_until !== null && Date.parse(settings.valid_until) + skew <= now) {
    refuse(
      'signature', 'metadata-expired', `the identity provider’s metadata was good until ${settings.valid_until}`,
      'Import its metadata again.',
    )
  }
  const certificates = current(settings.certificates, now, skew / 1000)
  if (certificates.length === 0) {
    refuse(
      'signature', 'certificate-expired', 'all certificates of the identity provider have expired',
      'Have a new one made there, and import the metadata again.',
    )
  }
  return certificates
}

/** Seconds by which clocks may be apart. */
export const skewOf = ({ clock_skew_s }: SamlSettings): number => Math.min(Math.max(clock_skew_s, 0), MOST_SKEW_S)

/** What is said around the assertion is not proved by its signature; it may only refuse. */
function checkEnvelope(root: Element, settings: SamlSettings, urls: SpUrls): void {
  if (root.attributes.get('Version') !== '2.0') refuse('conditions', 'version', 'the response is not of SAML 2.0')
  const issuer = first(root, NS.assertion, 'Issuer')
  if (issuer !== undefined) checkIssuer(issuer, settings.entity_id, 'the response')
  const destination = root.attributes.get('Destination')
  if (destination !== undefined && destination !== urls.acs) {
    refuse(
      'conditions', 'wrong-destination',
      `the response was sent to ${destination.slice(0, 300)}, and we are ${urls.acs}`,
      'Enter our ACS URL (Entra ID: Reply URL; Okta: Single sign-on URL) with its https, host and path.',
    )
  }
}

/** @throws LoginRefused where the identity provider says that it did not authenticate anybody */
export function checkStatus(status: Element): void {
  const code = first(status, NS.protocol, 'StatusCode')
  if (code?.attributes.get('Value') === SUCCESS) return
  const short = (of: Element | undefined): string => of?.attributes.get('Value')?.split(':').at(-1)?.slice(0, 100) ?? ''
  const message = first(status, NS.protocol, 'StatusMessage')?.text.trim().slice(0, 300) ?? ''
  const said = [short(code) || 'no status', short(first(code, NS.protocol, 'StatusCode')), message]
    .filter((one) => one !== '')
    .join(': ')
  refuse(
    'conditions', 'failed-status', `the identity provider let nobody in: ${said}`,
    'Its own log says more; often the person is not assigned to the application there.',
  )
}

/** Strict base64 of at most MOST_BYTES; line breaks may stand in it (RFC 2045). */
export function bytesOf(message: string): Buffer {
  if (message.length > MOST_BYTES * 1.5) {
    refuse(
      'structure', 'too-large', `the message has more than ${MOST_BYTES / 1024} KiB`,
    )
  }
  const text = message.replaceAll(/[\r\n\t ]/g, '')
  if (text === '' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    refuse(
      'structure', 'not-base64', 'the message is not base64',
    )
  }
  const bytes = Buffer.from(text, 'base64')
  if (bytes.length > MOST_BYTES) refuse('structure', 'too-large', `the message has more than ${MOST_BYTES / 1024} KiB`)
  return bytes
}

/** @throws LoginRefused where it is not UTF-8 */
export function textOf(bytes: Uint8Array): string {
  try {
    return decoded(bytes)
  } catch (error) {
    return refuse('structure', 'encoding', `the message cannot be read: ${(error as Error).message}`)
  }
}

/** `withXml` without comments, whose refusals are those of a login. */
export function reading<T>(xml: string, stage: Stage, read: Parameters<typeof withXml<T>>[2]): T {
  try {
    return withXml(xml, 'refused', read)
  } catch (error) {
    if (error instanceof XmlRefused) {
      throw new LoginRefused(stage, error.code, `the message cannot be read: ${error.message}`)
    }
    throw error
  }
}
