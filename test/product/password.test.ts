import { describe, expect, test } from 'vitest'
import { Secret } from '../../src/contract.ts'
import { bcryptCost, createPasswords, hashPassword, newPassword, newToken, tokenLink } from '../../src/product/password.ts'

describe('passwords', () => {
  test('72 bytes are hashed, 73 and none are refused: bcrypt would ignore the rest', async () => {
    expect(await hashPassword(new Secret('ä'.repeat(36)), 4)).toMatch(/^\$2b\$04\$/)
    for (const wrong of ['ä'.repeat(36) + 'x', '']) {
      await expect(hashPassword(new Secret(wrong), 4)).rejects.toMatchObject({
        kind: 'invalid',
        code: 'password-length',
      })
    }
  })

  test('only the very password matches; nothing matches where none is kept, and that takes as long', async () => {
    const passwords = createPasswords(8)
    const hash = await passwords.hash(new Secret('x'.repeat(72)))
    expect(hash).toMatch(/^\$2b\$08\$/)
    const matches = (text: string, kept: string | null = hash): Promise<boolean> => passwords.matches(new Secret(text), kept)
    // bcrypt itself would take what comes after 72 bytes for nothing.
    expect([await matches('x'.repeat(72)), await matches('x'.repeat(71)), await matches('x'.repeat(73)), await matches('')]).toEqual([true, false, false, false])
    expect([await matches('x'.repeat(72), null), await matches('', null)]).toEqual([false, false])
    const seconds = async (kept: string | null): Promise<number> => {
      const begun = performance.now()
      await matches('wrong', kept)
      return performance.now() - begun
    }
    const best = async (kept: string | null): Promise<number> => Math.min(await seconds(kept), await seconds(kept), await seconds(kept))
    expect((await best(null)) / (await best(hash))).toBeGreaterThan(0.5)
  })

  test('cost 12 unless the clock is simulated, and never higher or lower than that allows', async () => {
    expect(bcryptCost(false, '4')).toBe(12)
    expect(bcryptCost(true, undefined)).toBe(12)
    expect(bcryptCost(true, '4')).toBe(4)
    for (const wrong of ['0', '3', '13', '31', 'x', '']) expect(bcryptCost(true, wrong)).toBe(12)
    expect(await hashPassword(new Secret('x'))).toMatch(/^\$2b\$12\$/)
  })

  test('new passwords are read aloud without doubt, and never the same', () => {
    const made = Array.from({ length: 100 }, () => newPassword().reveal())
    for (const one of made) expect(one).toMatch(/^(?:[a-hjkmnp-z2-9]{5}-){3}[a-hjkmnp-z2-9]{5}$/)
    expect(new Set(made).size).toBe(100)
  })

  test('a token stands in the query, or where the page wants it', () => {
    const { token } = newToken()
    expect(tokenLink('https://app.example/welcome?a=b', token).reveal()).toBe(
      `https://app.example/welcome?a=b&token=${token.reveal()}`,
    )
    expect(tokenLink('https://app.example/welcome/{token}/', token).reveal()).toBe(
      `https://app.example/welcome/${token.reveal()}/`,
    )
    for (const wrong of ['app.example', '/welcome', 'file:///etc', ''])
      expect(() => tokenLink(wrong, token)).toThrow(/http/)
  })
})
