/** HTTP-Redirect binding (SAML bindings §3.4): deflated into the query, and signed over the query as it was sent. */
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Certificate } from '../login/types.ts'
import { RSA_SHA256, SIGNATURES } from './names.ts'
import { refuse } from './refused.ts'
import { bytesOf, MOST_BYTES, textOf } from './response.ts'
import { signedQuery, type Signer } from './sign.ts'
import { signs } from './signature.ts'

export type Field = 'SAMLRequest' | 'SAMLResponse'

/** Where a browser is sent with a message. @param signer null: it is not signed */
export function redirectUrl(
  to: string, field: Field, xml: string, relayState: string | null, signer: Signer | null,
): URL {
  const parts = [`${field}=${encodeURIComponent(deflateRawSync(xml).toString('base64'))}`]
  if (relayState !== null) parts.push(`RelayState=${encodeURIComponent(relayState)}`)
  if (signer !== null) {
    parts.push(`SigAlg=${encodeURIComponent(RSA_SHA256)}`)
    parts.push(`Signature=${encodeURIComponent(signedQuery(parts.join('&'), signer))}`)
  }
  const url = new URL(to)
  url.search = [url.search.slice(1), ...parts].filter((one) => one !== '').join('&')
  return url
}

export interface Redirected {
  readonly field: Field
  readonly xml: string
  readonly relay_state: string | null
  /** null: it has no signature. */
  readonly signature: { readonly octets: string; readonly algorithm: string; readonly value: string } | null
}

/**
 * A message in a query string.
 * @param query as it came, without `?`: what is signed are these octets, and encoding them again gives others
 * @throws LoginRefused
 */
export function redirected(query: string): Redirected {
  const raw = new Map<string, string>()
  for (const part of query.split('&')) {
    const [name = '', ...rest] = part.split('=')
    if (!['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg', 'Signature', 'SAMLEncoding'].includes(name)) continue
    if (raw.has(name)) refuse('structure', 'ambiguous', `the address has ${name} twice`)
    raw.set(name, rest.join('='))
  }
  const fields = (['SAMLRequest', 'SAMLResponse'] as const).filter((one) => raw.has(one))
  const [field] = fields
  if (field === undefined || fields.length > 1) {
    refuse(
      'structure', 'no-message', 'the address has no SAMLRequest or SAMLResponse, or both',
    )
  }
  const value = (name: string): string | undefined => {
    const written = raw.get(name)
    try {
      return written === undefined ? undefined : decodeURIComponent(written.replaceAll('+', '%20'))
    } catch {
      return refuse('structure', 'not-url', `${name} in the address is badly encoded`)
    }
  }
  const [algorithm, signature] = [value('SigAlg'), value('Signature')]
  const octets = [field, 'RelayState', 'SigAlg']
    .filter((one) => raw.has(one))
    .map((one) => `${one}=${raw.get(one) ?? ''}`)
    .join('&')
  return {
    field,
    xml: inflated((value(field) ?? '').replaceAll(' ', '+')),
    relay_state: value('RelayState') ?? null,
    signature:
      signature === undefined || algorithm === undefined
        ? null
        : { octets, algorithm, value: signature.replaceAll(' ', '+') },
  }
}

function inflated(message: string): string {
  const bytes = bytesOf(message)
  try {
    return textOf(inflateRawSync(bytes, { maxOutputLength: MOST_BYTES }))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      refuse(
        'structure', 'too-large', `the message has more than ${MOST_BYTES / 1024} KiB`,
      )
    }
    if ((error as NodeJS.ErrnoException).code?.startsWith('Z_') === true) {
      refuse(
        'structure', 'not-deflated', 'the message is not deflated',
      )
    }
    throw error
  }
}

/** @throws LoginRefused unless one of the certificates has signed the query */
export function checkQuery({ signature }: Redirected, certificates: readonly Certificate[]): void {
  if (signature === null) refuse('signature', 'unsigned', 'the message is not signed')
  if (!SIGNATURES.has(signature.algorithm)) {
    refuse(
      'structure', /sha1|md5/i.test(signature.algorithm) ? 'weak-algorithm' : 'unknown-algorithm',
      `the signature algorithm ${signature.algorithm.slice(0, 200)} is not one that we take`,
      'Have the identity provider sign with RSA and SHA-256.',
    )
  }
  const bytes = bytesOf(signature.value)
  const holds = certificates.some((one) => signs(one, signature.algorithm, Buffer.from(signature.octets), bytes))
  if (!holds) {
    refuse(
      'signature', 'wrong-key',
      'the message was signed with none of the identity provider’s certificates that are good today, '
        + 'or was changed on its way',
    )
  }
}
