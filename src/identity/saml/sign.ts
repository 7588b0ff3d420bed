/** Signatures of ours, in a message and beside it. */
import { createPrivateKey, sign } from 'node:crypto'
import samlify from 'samlify'
import { bodyOf, type SpKey } from './keys.ts'
import { RSA_SHA256 } from './names.ts'

/** With what we sign. */
export type Signer = Pick<SpKey, 'certificate' | 'privateKey'>

/**
 * The message with an enveloped signature over its root, whose `ID` it references.
 * @param after name of the child of the root that the signature follows; null: it is the first child (metadata)
 */
export function signedXml(xml: string, after: 'Issuer' | null, { certificate, privateKey }: Signer): string {
  const child = after === null ? '/*/*[1]' : `/*/*[local-name(.)='${after}']`
  return samlify.SamlLib.constructSAMLSignature({
    rawSamlMessage: xml, referenceTagXPath: '/*', privateKey: privateKey.reveal(), signatureAlgorithm: RSA_SHA256,
    signingCert: bodyOf(certificate), isBase64Output: false,
    signatureConfig: { prefix: 'ds', location: { reference: child, action: after === null ? 'before' : 'after' } },
  })
}

/** Base64 of the signature over the octets of a query string (SAML bindings §3.4.4.1). */
export const signedQuery = (octets: string, { privateKey }: Signer): string =>
  sign('sha256', Buffer.from(octets), createPrivateKey(privateKey.reveal())).toString('base64')
