import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/contract.ts'
import { base32, fromBase32, newTotpKey, otpauthUri, stepOf, totpCode } from '../../src/identity/accounts/totp.ts'

/** RFC 6238, appendix B: the keys are this text, as long as the hash is. */
const SEED = '1234567890'.repeat(7)
const KEYS = { sha1: SEED.slice(0, 20), sha256: SEED.slice(0, 32), sha512: SEED.slice(0, 64) } as const

describe('RFC 6238, appendix B', () => {
  test.each([
    [59, '94287082', '46119246', '90693936'], [1111111109, '07081804', '68084774', '25091201'], [1111111111, '14050471', '67062674', '99943326'],
    [1234567890, '89005924', '91819424', '93441116'], [2000000000, '69279037', '90698825', '38618901'], [20000000000, '65353130', '77737706', '47863826'],
  ])('at %i s', (now, sha1, sha256, sha512) => {
    const step = Math.floor(now / 30)
    expect(totpCode(Buffer.from(KEYS.sha1), step, 8, 'sha1')).toBe(sha1)
    expect(totpCode(Buffer.from(KEYS.sha256), step, 8, 'sha256')).toBe(sha256)
    expect(totpCode(Buffer.from(KEYS.sha512), step, 8, 'sha512')).toBe(sha512)
  })
})

test('RFC 4226, appendix D: the first ten codes', () => {
  const codes = Array.from({ length: 10 }, (_, counter) => totpCode(Buffer.from(KEYS.sha1), counter))
  expect(codes).toEqual(['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489'])
})

describe('a code', () => {
  const key = Buffer.from(KEYS.sha1)
  const at = (step: number): string => totpCode(key, step)

  test('of this step and its neighbours is taken, with or without a space', () => {
    for (const step of [99, 100, 101]) expect(stepOf(key, at(step), 3015, null)).toBe(step)
    expect(stepOf(key, `${at(100).slice(0, 3)} ${at(100).slice(3)}`, 3015, null)).toBe(100)
  })
  test.each([[98], [102]])('of step %i is too far away', (step) => expect(stepOf(key, at(step), 3015, null)).toBeUndefined())
  test('is not taken twice, nor one of before', () => {
    expect(stepOf(key, at(100), 3015, 100)).toBeUndefined()
    expect(stepOf(key, at(99), 3015, 100)).toBeUndefined()
    expect(stepOf(key, at(101), 3015, 100)).toBe(101)
  })
  test.each([[''], ['12345'], ['1234567'], ['abcdef'], ['۱۲۳۴۵۶']])('%s is none', (text) => expect(stepOf(key, text, 3015, null)).toBeUndefined())
})

describe('base32', () => {
  // RFC 4648, section 10, without padding.
  test.each([['', ''], ['f', 'MY'], ['fo', 'MZXQ'], ['foo', 'MZXW6'], ['foob', 'MZXW6YQ'], ['fooba', 'MZXW6YTB'], ['foobar', 'MZXW6YTBOI']])('%s', (text, encoded) => {
    expect(base32(Buffer.from(text))).toBe(encoded)
    expect(fromBase32(encoded).toString()).toBe(text)
  })
  test('a new key has 160 bits, and is another one each time', () => {
    expect(fromBase32(newTotpKey().reveal())).toHaveLength(20)
    expect(newTotpKey().reveal()).not.toBe(newTotpKey().reveal())
  })
})

test('the address for apps names tenant and account', () => {
  expect(otpauthUri(new Secret('ABC'), 'Acme: & Co', 'ada@acme.example').reveal())
    .toBe('otpauth://totp/Acme%20%20%26%20Co:ada%40acme.example?secret=ABC&issuer=Acme%20%20%26%20Co&algorithm=SHA1&digits=6&period=30')
})
