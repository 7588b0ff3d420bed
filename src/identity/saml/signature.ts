/**
 * Whether a signature holds, and by which certificate. Two implementations with parsers of their own have to agree:
 * libxml2 canonicalizes and Node verifies, and samlify (xmldom, xml-crypto) does all of it again. What one of them sees
 * and the other does not (CVE-2025-25291, -25292) is therefore refused.
 */
import { constants, createHash, timingSafeEqual, verify, X509Certificate } from 'node:crypto'
import { XmlC14NMode } from 'libxml2-wasm'
import samlify from 'samlify'
import type { Certificate } from '../login/types.ts'
import { SIGNATURES } from './names.ts'
import { refuse } from './refused.ts'
import type { Signature } from './structure.ts'
import type { Element } from './xml.ts'

const mode = XmlC14NMode.XML_C14N_EXCLUSIVE_1_0

/**
 * Verifies one signature; its element is taken out of the document by it.
 * @param certificates those that may sign now, tried one at a time: without KeyInfo, nothing says which
 * @returns the canonical bytes that are signed, as text, and who signed
 * @throws LoginRefused
 */
export function verified(signature: Signature, certificates: readonly Certificate[]): { readonly text: string; readonly by: Certificate } {
  const { signed, element, info, algorithm, hash, digest, value, prefixes } = signature
  const method = SIGNATURES.get(algorithm)
  const signedInfo = Buffer.from(canonical(info, prefixes.info))
  const bytes = Buffer.from(value, 'base64')
  const by = certificates.find(({ pem }) => {
    const { publicKey: key } = new X509Certificate(pem)
    const padding = method?.pss ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {}
    return key.asymmetricKeyType === 'rsa' && verify(method?.hash, signedInfo, { key, ...padding }, bytes)
  })
  if (by === undefined) {
    refuse('signature', 'wrong-key', `the signature of ${signed.name} was made with none of the identity provider's ${certificates.length} certificates that are good today`, 'Compare the certificate with the one that the identity provider signs with; after a rotation, import its metadata again.')
  }
  element.node.remove()
  const text = canonical(signed, prefixes.signed)
  const expected = Buffer.from(digest, 'base64')
  const actual = createHash(hash).update(text).digest()
  if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) {
    refuse('signature', 'tampered', `${signed.name} is not what was signed: it was changed on its way`)
  }
  return { text, by }
}

const canonical = (element: Element, prefixes: readonly string[]): string =>
  element.node.canonicalizeToString({ mode, inclusiveNamespacePrefixes: [...prefixes] })

/**
 * The second opinion, on the message as it came.
 * @param xml whose root or whose root's assertion is signed
 */
export function confirmed(xml: string, { algorithm }: Signature, by: Certificate): void {
  let opinion: boolean
  try {
    const metadata = { getX509Certificate: () => by.pem } as never
    ;[opinion] = samlify.SamlLib.verifySignature(xml, { metadata, signatureAlgorithm: algorithm })
  } catch (error) {
    refuse('signature', 'disagreement', `the signature does not hold for a second reader: ${(error as Error).message.slice(0, 200)}`)
  }
  if (!opinion) refuse('signature', 'disagreement', 'the signature does not hold for a second reader')
}
