/**
 * Whether a signature holds, by which certificate, and over which bytes. Two implementations with parsers of their own
 * have to agree on every byte: libxml2 with Node's own verification, and xml-crypto over xmldom. What one of them sees
 * and the other does not (CVE-2025-25291, -25292) is therefore refused.
 */
import { constants, createHash, type KeyObject, timingSafeEqual, verify, X509Certificate } from 'node:crypto'
import { XmlC14NMode } from 'libxml2-wasm'
import { SignedXml } from 'xml-crypto'
import type { Certificate } from '../login/types.ts'
import { SIGNATURES } from './names.ts'
import { refuse } from './refused.ts'
import type { Signature } from './structure.ts'
import type { Element } from './xml.ts'

const mode = XmlC14NMode.XML_C14N_EXCLUSIVE_1_0

/**
 * Verifies one signature; its element is taken out of the document by it.
 * @param xml the document as it came
 * @param certificates those that may sign now, tried one at a time: without KeyInfo nothing says which, and with it the
 * sender does
 * @returns the canonical text that is signed
 * @throws LoginRefused
 */
export function verified(xml: string, signature: Signature, certificates: readonly Certificate[]): string {
  const { signed, element, info, algorithm, hash, digest, value, prefixes } = signature
  const signedInfo = Buffer.from(canonical(info, prefixes.info))
  const by = certificates.find((one) => signs(one, algorithm, signedInfo, Buffer.from(value, 'base64')))
  if (by === undefined) {
    refuse(
      'signature', 'wrong-key',
      `the signature of ${signed.name} was made with none of `
        + `the identity provider's ${certificates.length} certificates that are good today`,
      'Compare the certificate with the one that the identity provider signs with; '
        + 'after a rotation, import its metadata again.',
    )
  }
  const written = canonical(element, [])
  element.node.remove()
  const text = canonical(signed, prefixes.signed)
  const expected = Buffer.from(digest, 'base64')
  const actual = createHash(hash).update(text).digest()
  if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) {
    refuse('signature', 'tampered', `${signed.name} is not what was signed: it was changed on its way`)
  }
  if (secondOpinion(xml, written, by) !== text) {
    refuse(
      'signature', 'disagreement',
      `${signed.name} reads differently for a second reader, or its signature does not hold for it`,
    )
  }
  return text
}

/** Whether this certificate has signed these bytes. @param algorithm URI */
export function signs(certificate: Certificate, algorithm: string, bytes: Uint8Array, signature: Uint8Array): boolean {
  const method = SIGNATURES.get(algorithm)
  const key = keyOf(certificate)
  if (method === undefined || key.asymmetricKeyType !== 'rsa') return false
  const padding = method.pss
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : {}
  return verify(method.hash, bytes, { key, ...padding }, signature)
}

/** Reading a certificate takes longer than verifying with it. */
const keys = new Map<string, KeyObject>()
const MOST_KEYS = 1_000

function keyOf({ pem }: Certificate): KeyObject {
  const known = keys.get(pem)
  if (known !== undefined) return known
  const { publicKey } = new X509Certificate(pem)
  if (keys.size >= MOST_KEYS) keys.clear()
  keys.set(pem, publicKey)
  return publicKey
}

/** What xml-crypto says is signed; undefined: nothing. @param signature its XML, canonical */
function secondOpinion(xml: string, signature: string, { pem }: Certificate): string | undefined {
  try {
    // The certificate that comes along is nobody's to choose.
    const reader = new SignedXml({ publicCert: pem, getCertFromKeyInfo: () => null })
    // Of the three names it looks for, each in the whole document, SAML has one; no ID is there twice.
    reader.idAttributes = ['ID']
    reader.loadSignature(signature)
    if (!reader.checkSignature(xml)) return undefined
    const [text, more] = reader.getSignedReferences()
    return more === undefined ? text : undefined
  } catch {
    return undefined
  }
}

const canonical = (element: Element, prefixes: readonly string[]): string =>
  element.node.doc.canonicalizeToString({
    mode, inclusiveNamespacePrefixes: [...prefixes], nodeSet: new Set([element.node]),
  })
