import { describe, expect, test } from 'vitest'
import { createGuard, isPrivate, type Address } from '../../src/adapters/network-guard.ts'

const at = (address: string): Address => ({ address, family: address.includes(':') ? 6 : 4 })
const names = (table: Record<string, readonly string[]>) => (name: string) => Promise.resolve((table[name] ?? []).map(at))

describe('what is private', () => {
  test.each([
    '127.0.0.1', '10.1.2.3', '172.31.255.255', '192.168.0.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255',
    '::1', '::', 'fc00::1', 'fe80::1', '::ffff:10.0.0.1', '::ffff:7f00:1', '64:ff9b::a00:1', '2001:db8::1', 'ff02::1',
  ])('%s', (address) => expect(isPrivate(at(address))).toBe(true))
  test.each(['8.8.8.8', '172.32.0.1', '11.0.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is not', (address) => expect(isPrivate(at(address))).toBe(false))
})

describe('the guard', () => {
  test('gives the address that is connected to', async () => {
    const guard = createGuard([], names({ 'app.vendor.example': ['8.8.8.8'] }))
    expect(await guard('App.vendor.example')).toEqual(at('8.8.8.8'))
  })
  test('refuses a name that leads to a private address, however it is spelt', async () => {
    const guard = createGuard([], names({ 'inner.example': ['10.0.0.7'] }))
    for (const host of ['inner.example', '127.0.0.1', '[::1]', '[::ffff:127.0.0.1]']) {
      await expect(guard(host), host).rejects.toMatchObject({ kind: 'forbidden', code: 'private-address' })
    }
  })
  test('of several addresses it takes one that is public', async () => {
    const guard = createGuard([], names({ 'both.example': ['10.0.0.7', '9.9.9.9'] }))
    expect(await guard('both.example')).toEqual(at('9.9.9.9'))
  })
  test('what the config allows is let through: by name, address or network, and nothing beside it', async () => {
    const guard = createGuard(['inner.example', '127.0.0.1', '10.1.0.0/16'], names({ 'inner.example': ['10.0.0.7'], 'other.example': ['10.0.0.8'] }))
    expect(await guard('inner.example')).toEqual(at('10.0.0.7'))
    expect(await guard('127.0.0.1')).toEqual(at('127.0.0.1'))
    expect(await guard('10.1.9.9')).toEqual(at('10.1.9.9'))
    await expect(guard('other.example')).rejects.toMatchObject({ code: 'private-address' })
    await expect(guard('127.0.0.2')).rejects.toMatchObject({ code: 'private-address' })
  })
  test('a name without an address is unreachable', async () => {
    await expect(createGuard([], names({}))('gone.example')).rejects.toMatchObject({ kind: 'unreachable', code: 'no-such-host' })
    await expect(createGuard([])('gone.invalid')).rejects.toMatchObject({ kind: 'unreachable', code: 'no-such-host' })
  })
})
