import { expect, test } from 'vitest'
import { isCurrent, refuseForeign } from '../../src/database/state.ts'
import { migrationNames } from '../../src/database/migrations/index.ts'

const state = { version: 180_004, readOnly: false, applied: [] as string[] }

test.each([140_019, 90_624])('a server of version %i is too old', (version) => {
  expect(() => refuseForeign({ ...state, version }, 'server:db.example:5432/v')).toThrow(
    expect.objectContaining({ kind: 'invalid', code: 'database-too-old', message: expect.stringContaining('server:db.example:5432/v') }),
  )
  expect(() => refuseForeign({ ...state, version: 150_000 }, 'x')).not.toThrow()
})

test('a migration that this version does not know was made by a newer one', () => {
  expect(() => refuseForeign({ ...state, applied: ['001_onboard', '042_later@vendor'] }, 'x')).toThrow(
    expect.objectContaining({ kind: 'conflict', code: 'database-newer', exit: 7 }),
  )
})

test('a database is current with all of schema onboard, and with product tables only where they were made', async () => {
  const own = migrationNames().filter((name) => name !== '002_product')
  expect(await isCurrent({ ...state, applied: null })).toBe(false)
  expect(await isCurrent({ ...state, applied: own.slice(1) })).toBe(false)
  expect(await isCurrent({ ...state, applied: own })).toBe(true)
  expect(await isCurrent({ ...state, applied: [...own, '002_product@vendor'] })).toBe(true)
})
