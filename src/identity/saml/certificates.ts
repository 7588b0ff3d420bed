/** Certificates as administrators compare them, and which of them count at an instant. */
import { X509Certificate } from 'node:crypto'
import type { Certificate } from '../login/types.ts'
import { pemOf } from './keys.ts'

/** Smaller ones can be broken (NIST SP 800-131A). */
const LEAST_BITS = 2048

/** What is in a certificate. Throws an Error with the reason where it is none that could sign for us. */
export function certificateOf(der: Uint8Array): Certificate {
  let read: X509Certificate
  try {
    read = new X509Certificate(der)
  } catch {
    throw new Error('it cannot be read as X.509')
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = read.publicKey
  if (type !== 'rsa') throw new Error(`its key is ${type}, and SAML signatures of ours are RSA`)
  const bits = details?.modulusLength ?? 0
  if (bits < LEAST_BITS) throw new Error(`its RSA key has ${bits} bits, and less than ${LEAST_BITS} can be broken`)
  return {
    pem: pemOf(read.raw), subject: read.subject.split('\n').join(', '), fingerprint: read.fingerprint256,
    not_before: read.validFromDate.toISOString(), not_after: read.validToDate.toISOString(),
  }
}

/** Those that are good at an instant (milliseconds). */
export const current = (certificates: readonly Certificate[], now: number, skew_s = 0): Certificate[] =>
  certificates.filter(
    ({ not_before, not_after }) => Date.parse(not_before) - skew_s * 1000 <= now && now < Date.parse(not_after),
  )
