/**
 * Responses that must be refused, each with the code of why. A test that brings them says who they would let in:
 * MALLORY is nobody's account at the identity provider.
 */
import { createHmac, createPublicKey } from 'node:crypto'
import { encryptedXml, type IdpKey, responseXml, signedXml } from '../../src/cli/demo/saml-message.ts'
import type { SpKey } from '../../src/identity/saml/keys.ts'
import { answer as defaults } from './saml-idp.ts'

export interface Attack {
  readonly name: string
  readonly code: string
  /** Base64, as a form brings it. */
  readonly message: string
  /** true: @node-saml/node-saml lets it pass; it checks less, or has an application check. */
  readonly differs?: true
}

interface Parties {
  readonly idp: IdpKey
  readonly stranger: IdpKey
  readonly ours: SpKey
  readonly theirs: SpKey
  readonly answer?: Parameters<typeof defaults>[0]
}

export const MALLORY = 'mallory@acme.example'
const DSIG = 'http://www.w3.org/2000/09/xmldsig#'
const MORE = 'http://www.w3.org/2001/04/xmldsig-more#'
const C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const base64 = (xml: string): string => Buffer.from(xml).toString('base64')
const part = (xml: string, pattern: RegExp): string => {
  const found = pattern.exec(xml)?.[0]
  if (found === undefined) throw new Error(`no ${pattern.source} in ${xml}`)
  return found
}
/** Replaces, and fails where there is nothing to replace: an attack that changes nothing would be no attack. */
const swap = (xml: string, what: string | RegExp, by: string): string => {
  const changed = xml.replace(what, () => by)
  if (changed === xml) throw new Error(`nothing to change: ${String(what)}`)
  return changed
}
const SIGNATURE = /<ds:Signature .*?<\/ds:Signature>/s
const ASSERTION = /<saml:Assertion .*<\/saml:Assertion>/s
const evil = (xml: string): string => swap(xml.replaceAll('ada@acme.example', MALLORY), '_assertion', '_evil')

/** The eight ways of wrapping (Somorovsky et al., 2012, as SAML Raider numbers them), for each way of signing. */
function wrapped(signed: string, by: 'assertion' | 'root' | 'both'): [name: string, xml: string][] {
  const assertion = part(signed, ASSERTION)
  const own = by === 'root' ? '' : part(assertion, SIGNATURE)
  const signature = part(signed, SIGNATURE)
  const bare = swap(assertion, own === '' ? /$/ : own, own === '' ? ' ' : '')
  const evilBare = evil(bare)
  const original = swap(signed, signature, '')
  // The root that is read is the attacker's, with an ID of its own.
  const root = (xml: string): string => xml.replace('ID="_response"', 'ID="_root"')
  const inSignature = (inner: string, of: string = signature): string => (
    swap(of, '</ds:Signature>', `<ds:Object>${inner}</ds:Object></ds:Signature>`)
  )
  const [before, after] = own !== '' && by === 'assertion' ? ['<samlp:Status>', '<samlp:Status>'] : [signature, '']
  const around = (xml: string): string => swap(root(xml), ASSERTION, evilBare)
  const other = own === '' ? signature : own
  return [
    ['XSW1', swap(around(signed), before, `${inSignature(original)}${after}`)],
    ['XSW2', swap(around(original), '<samlp:Status>', `${original}${signature}<samlp:Status>`)],
    ['XSW3', swap(signed, ASSERTION, evilBare + assertion)],
    ['XSW4', swap(signed, ASSERTION, swap(evilBare, '</saml:Assertion>', `${assertion}</saml:Assertion>`))],
    ['XSW5', swap(signed, ASSERTION, swap(evilBare, /<\/saml:Issuer>/, `</saml:Issuer>${other}`) + bare)],
    ['XSW6', swap(signed, ASSERTION, swap(evilBare, /<\/saml:Issuer>/, `</saml:Issuer>${inSignature(bare, other)}`))],
    ['XSW7', swap(signed, ASSERTION, `<samlp:Extensions>${evilBare}</samlp:Extensions>${assertion}`)],
    ['XSW8', swap(signed, ASSERTION,
      swap(evilBare, /<\/saml:Issuer>/, `</saml:Issuer>${inSignature(assertion, other)}`))],
  ]
}

export function attacks({ idp, stranger, ours, theirs, answer: more = {} }: Parties): Attack[] {
  const made = (changes: Parameters<typeof defaults>[0] = {}): string => responseXml(defaults({ ...more, ...changes }))
  const plain = made()
  const good = signedXml(plain, 'assertion', idp)
  const whole = signedXml(plain, 'root', idp)
  const both = signedXml(good, 'root', idp)
  const list: Attack[] = []
  const add = (name: string, code: string, xml: string, differs?: true | undefined): void => {
    list.push({ name, code, message: base64(xml), ...(differs === undefined ? {} : { differs }) })
  }
  /** A message whose signature holds, and whose content will not do. */
  const content = (name: string, code: string, xml: string, differs?: true | undefined): void => (
    add(name, code, signedXml(xml, 'assertion', idp), differs)
  )

  for (const [by, xml] of [['assertion', good], ['root', whole], ['both', both]] as const) {
    for (const [name, attack] of wrapped(xml, by)) {
      // In XSW7 it finds the assertion that is signed, and no harm is done.
      add(`${name}, ${by} signed`, 'several-assertions', attack, name === 'XSW7' && by !== 'root' ? true : undefined)
    }
    add(`another name, ${by} signed`, 'tampered', xml.replaceAll('ada@acme.example', MALLORY))
  }
  const evilBare = evil(part(plain, ASSERTION))
  add('CVE-2022-41912: an assertion more than is signed', 'several-assertions',
    swap(good, '</samlp:Response>', `${evilBare}</samlp:Response>`))
  add('CVE-2025-47949: a signed message inside the attacker’s own', 'several-assertions',
    swap(evil(plain), '</saml:Subject>', `</saml:Subject>${part(good, ASSERTION)}`))
  add('CVE-2025-23369: an ID by way of an entity', 'doctype',
    `<!DOCTYPE r [<!ENTITY idx "_assertion">]>${swap(good, 'ID="_assertion"', 'ID="&idx;"')}`)
  add('CVE-2025-25291: a document type that two parsers end elsewhere', 'doctype',
    `<!DOCTYPE r [<!ENTITY x '">]><!--'>${good}`)
  add('CVE-2025-25292: a Signature of another namespace', 'foreign-element',
    swap(good, '<samlp:Status>', '<x:Signature xmlns:x="urn:x"/><samlp:Status>'), true)
  add('CVE-2025-29774: two SignedInfo', 'signed-info',
    swap(good, '<ds:SignatureValue>', `${part(good, /<ds:SignedInfo>.*?<\/ds:SignedInfo>/s)}<ds:SignatureValue>`))
  add('CVE-2025-29775: a comment in DigestValue', 'comment',
    swap(good, '<ds:DigestValue>', '<ds:DigestValue><!-- x -->'), true)
  add('CVE-2017-11427: a comment in NameID', 'comment',
    swap(good, 'ada@acme.example', 'ada@acme.example<!-- -->.evil.example'))
  add('a processing instruction in NameID', 'processing-instruction',
    swap(good, 'ada@acme.example', 'ada@acme.example<?x?>.evil.example'))
  add('a document type', 'doctype', `<!DOCTYPE samlp:Response>${good}`, true)
  add('an external entity', 'doctype',
    `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>${swap(good, 'Ada Lovelace', '&x;')}`)
  add('an entity bomb', 'doctype',
    '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
      + '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>' + swap(good, 'Ada Lovelace', '&c;'))
  add('an entity that nobody has declared', 'not-xml', swap(good, 'Ada Lovelace', '&x;'))

  add('no signature', 'unsigned', plain)
  add('an empty signature', 'signed-info', swap(good, SIGNATURE, `<ds:Signature xmlns:ds="${DSIG}"/>`))
  add('an empty signature value', 'empty-signature',
    swap(good, /<ds:SignatureValue>.*?<\/ds:SignatureValue>/s, '<ds:SignatureValue></ds:SignatureValue>'))
  add('a signature of another key, its certificate with it', 'wrong-key', signedXml(plain, 'assertion', stranger))
  add('a signature of another key, without a certificate', 'wrong-key',
    signedXml(plain, 'assertion', stranger, { key_info: false }))
  add('a signature of another key beside the right certificate', 'wrong-key',
    swap(signedXml(plain, 'assertion', stranger, { key_info: false }), '</ds:SignatureValue>',
      `</ds:SignatureValue>${part(good, /<ds:KeyInfo>.*?<\/ds:KeyInfo>/s)}`))
  add('a response signed by another key around an assertion signed rightly', 'wrong-key',
    signedXml(good, 'root', stranger), true)
  add('a changed response around an assertion signed rightly', 'tampered',
    swap(both, '<samlp:Response ', '<samlp:Response Consent="urn:example:consent" '), true)
  add('SHA-1', 'weak-algorithm',
    signedXml(plain, 'assertion', idp, { algorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' }), true)
  add('SHA-1 of what is signed, under a signature by SHA-256', 'weak-algorithm',
    swap(good, 'http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2000/09/xmldsig#sha1'))
  const hmac = swap(good, `${MORE}rsa-sha256`, `${MORE}hmac-sha256`)
  const publicKey = createPublicKey(idp.certificate).export({ type: 'spki', format: 'pem' })
  const info = part(hmac, /<ds:SignedInfo>.*?<\/ds:SignedInfo>/s)
    .replace('<ds:SignedInfo>', `<ds:SignedInfo xmlns:ds="${DSIG}">`)
  const mac = createHmac('sha256', publicKey).update(info).digest('base64')
  add('an HMAC whose key is the public one', 'unknown-algorithm',
    swap(hmac, /<ds:SignatureValue>.*?<\/ds:SignatureValue>/s, `<ds:SignatureValue>${mac}</ds:SignatureValue>`))
  add('a signature over everything by an empty reference', 'reference', swap(good, 'URI="#_assertion"', 'URI=""'))
  add('a signature over something else', 'reference', swap(good, 'URI="#_assertion"', 'URI="#_response"'))
  add('two references', 'references',
    swap(good, '</ds:SignedInfo>', `${part(good, /<ds:Reference .*?<\/ds:Reference>/s)}</ds:SignedInfo>`))
  add('a transform that cuts something out', 'transforms',
    swap(good, '<ds:Transforms>', '<ds:Transforms>'
      + '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>1</ds:XPath></ds:Transform>'))
  add('canonicalization with comments', 'canonicalization',
    swap(good, `CanonicalizationMethod Algorithm="${C14N}"`, `CanonicalizationMethod Algorithm="${C14N}WithComments"`))
  add('two signatures of one assertion', 'several-signatures', swap(good, SIGNATURE, part(good, SIGNATURE).repeat(2)))
  add('a signature elsewhere', 'signature-misplaced',
    swap(swap(good, SIGNATURE, ''), '<samlp:Status>',
      `<samlp:Extensions>${part(good, SIGNATURE)}</samlp:Extensions><samlp:Status>`))
  add('an ID twice', 'duplicate-id', swap(good, 'ID="_response"', 'ID="_assertion"'))
  add('two assertions, both signed rightly', 'several-assertions',
    swap(good, '</samlp:Response>',
      `${part(signedXml(made({ assertion_id: '_second' }), 'assertion', idp), ASSERTION)}</samlp:Response>`))
  add('an assertion inside something else', 'assertion-misplaced',
    swap(swap(good, ASSERTION, ''), '<samlp:Status>',
      `<samlp:Extensions>${part(good, ASSERTION)}</samlp:Extensions><samlp:Status>`))
  add('no assertion', 'no-assertion', swap(good, ASSERTION, ''))
  add('an assertion that is no response', 'not-a-response', part(good, ASSERTION))

  add('an assertion encrypted for somebody else', 'undecryptable', encryptedXml(good, theirs.certificate, 'aes256-gcm'))
  add('ciphertext that was changed', 'undecryptable',
    swap(encryptedXml(good, ours.certificate, 'aes256-gcm'),
      /(?<=<\/ds:KeyInfo><xenc:CipherData><xenc:CipherValue>).{4}/, 'xxxx'))
  add('an encrypted assertion that nobody has signed', 'unsigned', encryptedXml(plain, ours.certificate, 'aes256-cbc'))
  add('an encrypted assertion of another key', 'wrong-key',
    encryptedXml(signedXml(plain, 'assertion', stranger), ours.certificate, 'aes256-gcm'))
  add('a key by RSA 1.5', 'rsa-1-5', encryptedXml(good, ours.certificate, 'aes256-gcm', 'rsa-1_5'), true)
  add('content by an old cipher', 'encryption-algorithm',
    swap(encryptedXml(good, ours.certificate, 'aes256-cbc'), 'xmlenc#aes256-cbc', 'xmlenc#tripledes-cbc'))
  add('a plain assertion beside an encrypted one', 'several-assertions',
    swap(encryptedXml(good, ours.certificate, 'aes256-gcm'), '<saml:EncryptedAssertion>',
      `${evilBare}<saml:EncryptedAssertion>`))

  content('another identity provider', 'wrong-issuer',
    plain.replaceAll('https://login.acme.example/saml', 'https://login.evil.example/saml'), true)
  add('a response of another identity provider around our assertion', 'wrong-issuer',
    swap(good, /<saml:Issuer>[^<]*/, '<saml:Issuer>https://login.evil.example/saml'), true)
  content('an assertion that has expired', 'expired',
    made({ now: (more.now ?? Date.parse('2026-11-21T12:00:00Z')) - 3_600_000 }))
  content('an assertion of the future', 'not-yet-valid',
    made({ now: (more.now ?? Date.parse('2026-11-21T12:00:00Z')) + 3_600_000 }))
  content('an instant without a zone', 'bad-instant', swap(plain, /(?<=<saml:Conditions NotBefore="[^"]*)Z/, ''), true)
  content('a status that is no success', 'failed-status', swap(plain, 'status:Success', 'status:Responder'), true)
  content('no conditions', 'no-conditions', swap(plain, /<saml:Conditions .*<\/saml:Conditions>/s, ''))
  content('no audience', 'no-audience', swap(plain, /<saml:AudienceRestriction>.*<\/saml:AudienceRestriction>/s, ''))
  content('another audience', 'wrong-audience',
    swap(plain, /(?<=<saml:Audience>)[^<]*/, 'https://other.vendor.example'))
  content('one of two audience restrictions is another', 'wrong-audience',
    swap(plain, '</saml:AudienceRestriction>', '</saml:AudienceRestriction><saml:AudienceRestriction>'
      + '<saml:Audience>https://other.vendor.example</saml:Audience></saml:AudienceRestriction>'))
  content('another recipient', 'wrong-recipient',
    swap(plain, /(?<=Recipient=")[^"]*/, 'https://other.vendor.example/acs'), true)
  content('another destination', 'wrong-destination',
    swap(plain, /(?<=Destination=")[^"]*/, 'https://other.vendor.example/acs'), true)
  content('an assertion that answers another request than its response', 'wrong-in-response-to',
    swap(plain, /InResponseTo="[^"]*"/, 'InResponseTo="_other"'), true)
  content('an assertion that answers nothing, in a response that says it does', 'wrong-in-response-to',
    swap(plain, / InResponseTo="[^"]*"(?=\/>)/, ''), true)
  content('a name that is encrypted by itself', 'encrypted-name-id',
    swap(plain, /<saml:NameID .*<\/saml:NameID>/s, '<saml:EncryptedID>'
      + '<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"><xenc:CipherData>'
      + '<xenc:CipherValue>AAAA</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedID>'))
  content('no end of the confirmation', 'no-expiry',
    swap(plain, /(?<=<saml:SubjectConfirmationData) NotOnOrAfter="[^"]*"/, ''))
  content('a confirmation of another kind', 'no-confirmation', swap(plain, 'cm:bearer', 'cm:holder-of-key'), true)
  content('two bearer confirmations', 'several-confirmations',
    swap(plain, '</saml:SubjectConfirmation>',
      `</saml:SubjectConfirmation>${part(plain, /<saml:SubjectConfirmation .*<\/saml:SubjectConfirmation>/s)}`), true)
  content('a condition that nobody understands', 'unknown-condition',
    swap(plain, '</saml:Conditions>', '<saml:Condition xmlns:x="urn:x"'
      + ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="saml:OneTimeUseType"/>'
      + '</saml:Conditions>'), true)
  content('nobody was authenticated', 'no-authentication',
    swap(plain, /<saml:AuthnStatement .*<\/saml:AuthnStatement>/s, ''), true)
  content('a session that has ended there', 'expired',
    swap(plain, '<saml:AuthnStatement ', '<saml:AuthnStatement SessionNotOnOrAfter="2020-01-01T00:00:00Z" '), true)
  content('nobody is named', 'no-subject', swap(plain, /<saml:NameID .*<\/saml:NameID>/s, ''))
  content('an empty name', 'bad-subject', swap(plain, /(?<=<saml:NameID [^>]*>)[^<]*/, ' '))
  content('SAML 1.1', 'version', plain.replaceAll('Version="2.0"', 'Version="1.1"'), true)
  content('what the schema does not know', 'schema', swap(plain, '<saml:Subject>', '<saml:Subject><saml:Extra/>'), true)
  list.push({ name: 'UTF-16', code: 'encoding', message: Buffer.from(`\uFEFF${good}`, 'utf16le').toString('base64') })
  add('an encoding that the text does not have', 'encoding', `<?xml version="1.0" encoding="UTF-7"?>${good}`, true)
  const [head, rest] = [base64(good).slice(0, 40), base64(good).slice(40)]
  list.push({ name: 'base64 with something else in it', code: 'not-base64', message: `${head}*${rest}`, differs: true })
  list.push({ name: 'nothing', code: 'not-base64', message: '' })
  add('more than anybody needs', 'too-large', `${good}${' '.repeat(300_000)}`, true)
  add('nesting without end', 'not-xml', `${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}`)
  return list
}
