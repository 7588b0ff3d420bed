import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rulesOf } from '../../src/identity/accounts/tenant.ts'
import type { JsonObject } from '../../src/model.ts'

test('settings that say nothing leave what is usual', () => {
  const usual = {
    idle_s: 1800, absolute_s: 43_200, mfa: false, networks: [], password: { min_length: 12, disabled: false }, api_calls_per_15min: null,
  }
  expect(rulesOf({})).toEqual(usual)
  expect(rulesOf({ session: { idle_minutes: 0 }, mfa: 'yes', ip_allowlist: null, password: null, limits: [], enabled: 'no' })).toEqual(usual)
})

test('settings that say all of it', () => {
  const settings = {
    session: { idle_minutes: 5, absolute_hours: 1 }, mfa: true, ip_allowlist: ['203.0.113.0/24'], password: { min_length: 16 },
    enabled: { password: false }, limits: { api_calls_per_15min: 100 },
  }
  expect(rulesOf(settings)).toEqual({
    idle_s: 300, absolute_s: 3600, mfa: true, networks: ['203.0.113.0/24'], password: { min_length: 16, disabled: true }, api_calls_per_15min: 100,
  })
})

test('whatever stands in settings, nobody is locked out by their form', () => {
  const names = ['session', 'mfa', 'ip_allowlist', 'password', 'enabled', 'limits', 'idle_minutes', 'absolute_hours', 'min_length', 'api_calls_per_15min', '__proto__']
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ depthSize: 'small' }, fc.constantFrom(null, true, false, 0, -1, 0.5, 1e3, 1e308, '', 'x'), fc.array(tie('any')), fc.dictionary(fc.constantFrom(...names), tie('any'))),
  })).any
  fc.assert(fc.property(fc.dictionary(fc.constantFrom(...names), value), (settings) => {
    const { idle_s, absolute_s, password, api_calls_per_15min } = rulesOf(settings as JsonObject)
    expect(idle_s).toBeGreaterThanOrEqual(60)
    expect(absolute_s).toBeGreaterThanOrEqual(3600)
    expect(password.min_length).toBeGreaterThanOrEqual(1)
    expect(password.min_length).toBeLessThanOrEqual(64)
    expect(api_calls_per_15min ?? 1).toBeGreaterThanOrEqual(1)
  }))
})
