/**
 * Encrypted assertions (XML Encryption 1.1): AES in GCM or CBC, its key by RSA-OAEP. Whatever goes wrong with the
 * ciphertext is one and the same refusal:
 * whoever may ask often and is told how it failed can read it (Jager, Somorovsky).
 */
import { constants, createDecipheriv, createPrivateKey, privateDecrypt } from 'node:crypto'
import type { SpKey } from './keys.ts'
import { NS } from './names.ts'
import { refuse } from './refused.ts'
import { all, decoded, type Element, first, named } from './xml.ts'

type Cipher = 'aes-128-gcm' | 'aes-256-gcm' | 'aes-128-cbc' | 'aes-256-cbc'

const CONTENT: ReadonlyMap<string, { readonly cipher: Cipher; readonly key: number }> = new Map([
  ['http://www.w3.org/2009/xmlenc11#aes128-gcm', { cipher: 'aes-128-gcm', key: 16 }],
  ['http://www.w3.org/2009/xmlenc11#aes256-gcm', { cipher: 'aes-256-gcm', key: 32 }],
  ['http://www.w3.org/2001/04/xmlenc#aes128-cbc', { cipher: 'aes-128-cbc', key: 16 }],
  ['http://www.w3.org/2001/04/xmlenc#aes256-cbc', { cipher: 'aes-256-cbc', key: 32 }],
])
const OAEP_SHA1 = 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p'
const OAEP = 'http://www.w3.org/2009/xmlenc11#rsa-oaep'
const XENC11 = 'http://www.w3.org/2009/xmlenc11#'
const HASHES: ReadonlyMap<string | undefined, string> = new Map([
  [undefined, 'sha1'], ['http://www.w3.org/2000/09/xmldsig#sha1', 'sha1'],
  ['http://www.w3.org/2001/04/xmlenc#sha256', 'sha256'], ['http://www.w3.org/2001/04/xmlenc#sha512', 'sha512'],
  [`${XENC11}mgf1sha1`, 'sha1'], [`${XENC11}mgf1sha256`, 'sha256'], [`${XENC11}mgf1sha512`, 'sha512'],
])
const MOST_KEYS = 4
const TAG_BYTES = 16
const BLOCK_BYTES = 16

/**
 * The assertion's XML.
 * @param encrypted an `EncryptedAssertion`
 * @param keys ours, all of them: during a rotation nobody says which
 */
export function decrypt(encrypted: Element, keys: readonly Pick<SpKey, 'privateKey'>[]): string {
  const data = first(encrypted, NS.encryption, 'EncryptedData')
  const algorithm = methodOf(data)?.attributes.get('Algorithm') ?? ''
  const content = CONTENT.get(algorithm)
  if (data === undefined || content === undefined) {
    refuse(
      'structure', 'encryption-algorithm',
      `the assertion is encrypted with ${algorithm.slice(0, 200) || 'nothing that is named'}`,
      'Have the identity provider encrypt with AES-256-GCM.',
    )
  }
  const wrapped = [...all(encrypted)].filter(({ ns, name }) => ns === NS.encryption && name === 'EncryptedKey')
  if (wrapped.length === 0 || wrapped.length > MOST_KEYS) {
    refuse(
      'structure', 'encryption-keys', `the encrypted assertion has ${wrapped.length} keys`,
    )
  }
  const padded = wrapped.map((one) => ({ hash: oaepHash(methodOf(one)), bytes: cipherOf(one) }))
  const bytes = cipherOf(data)
  for (const { hash, bytes: key } of padded) {
    for (const { privateKey } of keys) {
      try {
        const opened = privateDecrypt(
          { key: createPrivateKey(privateKey.reveal()), padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash },
          key,
        )
        if (opened.length === content.key) return decoded(decipher(content.cipher, opened, bytes))
      } catch {
        // The next key, and in the end the one refusal of all.
      }
    }
  }
  refuse(
    'structure', 'undecryptable',
    `the assertion cannot be decrypted with ${keys.length === 1 ? 'our key' : `any of our ${keys.length} keys`}`,
    'Give the identity provider our present metadata: it may encrypt for a certificate that was replaced.',
  )
}

function decipher(cipher: string, key: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (cipher.endsWith('-gcm')) {
    const gcm = createDecipheriv(cipher as 'aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: TAG_BYTES })
    gcm.setAuthTag(bytes.subarray(-TAG_BYTES))
    return Buffer.concat([gcm.update(bytes.subarray(12, -TAG_BYTES)), gcm.final()])
  }
  const cbc = createDecipheriv(cipher, key, bytes.subarray(0, BLOCK_BYTES)).setAutoPadding(false)
  const text = Buffer.concat([cbc.update(bytes.subarray(BLOCK_BYTES)), cbc.final()])
  // Only the last byte of the padding is said to mean something (XML Encryption 1.1 §5.2).
  const padding = text.at(-1) ?? 0
  if (padding < 1 || padding > BLOCK_BYTES) throw new RangeError('padding')
  return text.subarray(0, -padding)
}

function oaepHash(method: Element | undefined): string {
  const algorithm = method?.attributes.get('Algorithm') ?? ''
  const digest = HASHES.get(method && first(method, NS.signature, 'DigestMethod')?.attributes.get('Algorithm'))
  const mask =
    algorithm === OAEP_SHA1 ? 'sha1' : HASHES.get(method && first(method, XENC11, 'MGF')?.attributes.get('Algorithm'))
  if ((algorithm !== OAEP && algorithm !== OAEP_SHA1) || digest === undefined || digest !== mask) {
    refuse(
      'structure', algorithm.endsWith('#rsa-1_5') ? 'rsa-1-5' : 'encryption-algorithm',
      `the key of the assertion is encrypted with ${algorithm.slice(0, 200) || 'nothing that is named'}, `
        + 'not with RSA-OAEP as we take it',
      'Have the identity provider encrypt keys with RSA-OAEP.',
    )
  }
  return digest
}

const methodOf = (of: Element | undefined): Element | undefined => of && named(of, NS.encryption, 'EncryptionMethod')[0]

function cipherOf(of: Element): Buffer {
  const data = first(of, NS.encryption, 'CipherData')
  return Buffer.from((data && first(data, NS.encryption, 'CipherValue')?.text) ?? '', 'base64')
}
