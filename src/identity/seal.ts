/**
 * Secrets that must be read again: AES-256-GCM under one key of the workspace,
 * each bound to the row that it belongs to.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { Secret, type SecretPlace } from '../contract.ts'

const FORM = 'v1'
const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16

/** Where a sealed value belongs: `sso_connections.client_secret/TENANT/ROW`. Moved to another row, it does not open. */
export type Place = SecretPlace

export interface Seal {
  /** `v1.…` in base64url: nonce, text, tag. */
  seal(value: Secret, place: Place): string
  /** Throws an Error without any part of the value where the key, the place or the text is another. */
  open(sealed: string, place: Place): Secret
  /**
   * Tells whether two values of one place are the same, without opening either;
   * 32 hex digits, of no use without the key.
   */
  mark(value: Secret, place: Place): string
}

/** @param key 32 bytes */
export function createSeal(key: Uint8Array): Seal {
  if (key.byteLength !== KEY_BYTES) {
    throw new RangeError(`a sealing key has ${KEY_BYTES} bytes, this one has ${key.byteLength}`)
  }
  // What marks is no part of the key that opens.
  const marking = Buffer.from(hkdfSync('sha256', key, '', 'onboard mark', KEY_BYTES))
  const bound = (place: Place): Buffer => Buffer.from(JSON.stringify([FORM, ...place]))
  return {
    seal(value, place) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(bound(place))
      const text = Buffer.concat([cipher.update(value.reveal(), 'utf8'), cipher.final()])
      return `${FORM}.${Buffer.concat([iv, text, cipher.getAuthTag()]).toString('base64url')}`
    },
    mark: (value, place) =>
      createHmac('sha256', marking).update(bound(place)).update(value.reveal()).digest('hex').slice(0, 32),
    open(sealed, place) {
      const [form, body] = sealed.split('.')
      const bytes = Buffer.from(body ?? '', 'base64url')
      if (form !== FORM || bytes.length < IV_BYTES + TAG_BYTES) throw new Error('this is no sealed value')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
      decipher.setAAD(bound(place)).setAuthTag(bytes.subarray(-TAG_BYTES))
      try {
        return new Secret(
          Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8'),
        )
      } catch {
        throw new Error('the sealed value was not made with this key for this row')
      }
    },
  }
}
