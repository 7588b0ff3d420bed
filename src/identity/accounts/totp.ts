/** One-time codes of authenticator apps: TOTP (RFC 6238) over HOTP (RFC 4226). */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { Secret } from '../../contract.ts'

/** RFC 6238 §4.1 and §5.2, as apps take it for granted: SHA-1, steps of 30 seconds, six digits. */
const STEP_S = 30
const DIGITS = 6
/** RFC 4226 §4, R6: at least 128 bits, 160 recommended. */
const KEY_BYTES = 20
/** Steps before and after that are taken, for clocks that differ and fingers that are slow (RFC 6238 §6). */
const DRIFT = 1
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** The code of one step. @param algorithm and @param digits as in RFC 6238's own examples */
export function totpCode(
  key: Uint8Array,
  step: number,
  digits: number = DIGITS,
  algorithm: 'sha1' | 'sha256' | 'sha512' = 'sha1',
): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac(algorithm, key).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 0xf
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits).padStart(digits, '0')
}

/**
 * The step whose code this is; undefined: of none near enough, or of one that was taken before (RFC 6238 §5.2).
 * @param now seconds since 1970
 * @param last the last step whose code was taken
 */
export function stepOf(key: Uint8Array, code: string, now: number, last: number | null): number | undefined {
  const given = Buffer.from(code.replaceAll(/[\s-]/g, ''))
  if (given.length !== DIGITS) return undefined
  const current = Math.floor(now / STEP_S)
  return Array.from({ length: 2 * DRIFT + 1 }, (_, n) => current - DRIFT + n).find(
    (step) => step > (last ?? -1) && timingSafeEqual(Buffer.from(totpCode(key, step)), given),
  )
}

/** A new key, in base32 (RFC 4648 §6) as apps take it. */
export const newTotpKey = (): Secret => new Secret(base32(randomBytes(KEY_BYTES)))

export function base32(bytes: Uint8Array): string {
  let [text, held, bits] = ['', 0, 0]
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(held >> (bits - 5)) & 31]
  }
  return bits === 0 ? text : text + BASE32[(held << (5 - bits)) & 31]
}

/** Throws RangeError for what is no base32 text. */
export function fromBase32(text: string): Buffer {
  const bytes: number[] = []
  let [held, bits] = [0, 0]
  for (const sign of text) {
    const value = BASE32.indexOf(sign)
    if (value < 0) throw new RangeError('this is no base32')
    held = ((held << 5) | value) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((held >> bits) & 0xff)
  }
  return Buffer.from(bytes)
}

/** The address that an app takes the key from: the format that Google Authenticator brought about. */
export function otpauthUri(key: Secret, issuer: string, account: string): Secret {
  const [by, who] = [issuer, account].map((one) => encodeURIComponent(one.replaceAll(':', ' ')))
  return new Secret(
    `otpauth://totp/${by}:${who}?secret=${key.reveal()}&issuer=${by}&algorithm=SHA1&digits=${DIGITS}&period=${STEP_S}`,
  )
}
