/** What a SAML identity provider answers, written and signed by samlify: for the demo and for tests. */
import {
  constants, createCipheriv, createPublicKey, type KeyObject, publicEncrypt, randomBytes, X509Certificate,
} from 'node:crypto'
import samlify from 'samlify'

/** With what the identity provider signs. */
export interface IdpKey {
  /** PEM. */
  readonly certificate: string
  readonly private_key: string
}

export interface Answer {
  readonly issuer: string
  /** ACS of the service provider. */
  readonly recipient: string
  /** Its entity id. */
  readonly audience: string
  /** null: nobody asked. */
  readonly in_response_to: string | null
  readonly subject: string
  readonly session_index: string
  readonly attributes: Readonly<Record<string, readonly string[]>>
  /** Milliseconds. */
  readonly now: number
  readonly response_id?: string
  readonly assertion_id?: string
}

const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
const PROTOCOL = 'urn:oasis:names:tc:SAML:2.0:protocol'
const ASSERTION = 'urn:oasis:names:tc:SAML:2.0:assertion'
const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success'
const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'
const BY_PASSWORD = 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport'
const MINUTE = 60_000

const newId = (): string => `_${randomBytes(16).toString('hex')}`
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** The XML of a Response, not signed. */
export function responseXml(answer: Answer): string {
  const { issuer, recipient, audience, in_response_to, subject, session_index, attributes, now } = answer
  const at = (minutes: number): string => new Date(now + minutes * MINUTE).toISOString()
  const responds = in_response_to === null ? '' : ` InResponseTo="${escaped(in_response_to)}"`
  const issued = `Version="2.0" IssueInstant="${at(0)}"`
  const sent = `<saml:Issuer>${escaped(issuer)}</saml:Issuer>`
  return `<samlp:Response xmlns:samlp="${PROTOCOL}" xmlns:saml="${ASSERTION}" ID="${answer.response_id ?? newId()}"`
    + ` ${issued} Destination="${escaped(recipient)}"${responds}>`
    + `${sent}<samlp:Status><samlp:StatusCode Value="${SUCCESS}"/></samlp:Status>`
    + `<saml:Assertion xmlns:saml="${ASSERTION}" ID="${answer.assertion_id ?? newId()}" ${issued}>${sent}`
    + `<saml:Subject><saml:NameID Format="${PERSISTENT}">${escaped(subject)}</saml:NameID>`
    + `<saml:SubjectConfirmation Method="${BEARER}"><saml:SubjectConfirmationData`
    + ` NotOnOrAfter="${at(5)}" Recipient="${escaped(recipient)}"${responds}/>`
    + '</saml:SubjectConfirmation></saml:Subject>'
    + `<saml:Conditions NotBefore="${at(-5)}" NotOnOrAfter="${at(5)}"><saml:AudienceRestriction>`
    + `<saml:Audience>${escaped(audience)}</saml:Audience></saml:AudienceRestriction></saml:Conditions>`
    + `<saml:AuthnStatement AuthnInstant="${at(0)}" SessionIndex="${escaped(session_index)}"><saml:AuthnContext>`
    + `<saml:AuthnContextClassRef>${BY_PASSWORD}</saml:AuthnContextClassRef>`
    + '</saml:AuthnContext></saml:AuthnStatement>'
    + `${statementOf(attributes)}</saml:Assertion></samlp:Response>`
}

function statementOf(attributes: Answer['attributes']): string {
  const all = Object.entries(attributes).map(([name, values]) => {
    const each = values.map((one) => `<saml:AttributeValue>${escaped(one)}</saml:AttributeValue>`)
    return `<saml:Attribute Name="${escaped(name)}">${each.join('')}</saml:Attribute>`
  })
  return all.length === 0 ? '' : `<saml:AttributeStatement>${all.join('')}</saml:AttributeStatement>`
}

export interface Signing {
  readonly algorithm?: string
  /** Whether the certificate comes along; without it the other side has to know. */
  readonly key_info?: boolean
}

/** Signs the root of a message or its assertion, by reference to its ID, after its Issuer. */
export function signedXml(
  xml: string, what: 'root' | 'assertion', key: IdpKey, { algorithm = RSA_SHA256, key_info = true }: Signing = {},
): string {
  const path = what === 'root' ? '/*' : "/*/*[local-name(.)='Assertion']"
  const signed = samlify.SamlLib.constructSAMLSignature({
    rawSamlMessage: xml, referenceTagXPath: path, privateKey: key.private_key, signatureAlgorithm: algorithm,
    signingCert: bodyOf(key.certificate), isBase64Output: false,
    signatureConfig: { prefix: 'ds', location: { reference: `${path}/*[local-name(.)='Issuer']`, action: 'after' } },
  })
  return key_info ? signed : signed.replace(/<ds:KeyInfo>.*?<\/ds:KeyInfo>/, '')
}

export const bodyOf = (pem: string): string => pem.replaceAll(/-----[A-Z ]+-----|\s/g, '')

function publicKeyOf(certificate: string): KeyObject {
  return createPublicKey(new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'pem' }))
}

const WAYS = {
  'aes256-gcm': { uri: 'http://www.w3.org/2009/xmlenc11#aes256-gcm', cipher: 'aes-256-gcm', key: 32, iv: 12 },
  'aes128-gcm': { uri: 'http://www.w3.org/2009/xmlenc11#aes128-gcm', cipher: 'aes-128-gcm', key: 16, iv: 12 },
  'aes256-cbc': { uri: 'http://www.w3.org/2001/04/xmlenc#aes256-cbc', cipher: 'aes-256-cbc', key: 32, iv: 16 },
  'aes128-cbc': { uri: 'http://www.w3.org/2001/04/xmlenc#aes128-cbc', cipher: 'aes-128-cbc', key: 16, iv: 16 },
} as const
const PADDINGS = {
  'rsa-oaep': ['http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p', constants.RSA_PKCS1_OAEP_PADDING],
  'rsa-1_5': ['http://www.w3.org/2001/04/xmlenc#rsa-1_5', constants.RSA_PKCS1_PADDING],
} as const

const XMLENC = 'http://www.w3.org/2001/04/xmlenc#'

/** The response with its assertion encrypted for whom a certificate (PEM) belongs to. */
export function encryptedXml(
  xml: string, certificate: string, way: keyof typeof WAYS, padding: keyof typeof PADDINGS = 'rsa-oaep',
): string {
  const { uri, cipher, key: bytes, iv: ivBytes } = WAYS[way]
  const [method, mode] = PADDINGS[padding]
  const [key, iv] = [randomBytes(bytes), randomBytes(ivBytes)]
  return xml.replace(/<saml:Assertion .*<\/saml:Assertion>/s, (assertion) => {
    const encipher = createCipheriv(cipher as 'aes-256-gcm', key, iv)
    const parts = [iv, encipher.update(assertion), encipher.final()]
    const text = Buffer.concat(cipher.endsWith('gcm') ? [...parts, encipher.getAuthTag()] : parts)
    const wrapped = publicEncrypt({ key: publicKeyOf(certificate), padding: mode }, key)
    return `<saml:EncryptedAssertion><xenc:EncryptedData xmlns:xenc="${XMLENC}" Type="${XMLENC}Element">`
      + `<xenc:EncryptionMethod Algorithm="${uri}"/><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">`
      + `<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="${method}"/>`
      + `<xenc:CipherData><xenc:CipherValue>${wrapped.toString('base64')}</xenc:CipherValue></xenc:CipherData>`
      + '</xenc:EncryptedKey></ds:KeyInfo>'
      + `<xenc:CipherData><xenc:CipherValue>${text.toString('base64')}</xenc:CipherValue></xenc:CipherData>`
      + '</xenc:EncryptedData></saml:EncryptedAssertion>'
  })
}
