import { describe, expect, test } from 'vitest'
import { judge, worst } from '../../src/metrics/judge.ts'
import type { Threshold } from '../../src/model.ts'

const logins: Threshold = { id: 'login_success', title: 'Logins that succeed', good: 'high', target: 99, alert: 95, unit: '%', window_ms: null, min_samples: 20 }
const errors: Threshold = { ...logins, id: 'error_rate', title: 'Errors', good: 'low', target: 0.1, alert: 1 }
const speed: Threshold = { ...logins, id: 'response_p95', title: 'Response time', good: 'low', target: 500, alert: 1000, unit: 'ms' }
const share = (part: number, total: number) => ({ kind: 'share', part, total }) as const
const p95 = (value: number, samples = 100, within: number | null = null) => ({ kind: 'quantile', value, samples, within }) as const

describe('a share that should be high', () => {
  test.each([
    [share(995, 1000), 'ok'],
    [share(99, 100), 'warn'], // on the target is not past it
    [share(970, 1000), 'warn'],
    [share(950, 1000), 'warn'], // on the alert line is not past it
    [share(37, 40), 'warn'], // 92.5 %, but that may be chance
    [share(900, 1000), 'alert'],
    [share(10, 10), 'few'],
    [share(0, 0), 'few'],
  ] as const)('%o is %s', (reading, state) => expect(judge(logins, reading).state).toBe(state))
  test('the burn rate is shown, and chance is called chance', () => {
    expect(judge(logins, share(37, 40))).toMatchObject({ shown: '92.5 % of 40', notes: ['burn rate 7.5', 'past the alert line, though it may be chance'] })
  })
  test('what is almost all is not shown as all', () => expect(judge(logins, share(999_999, 1_000_000)).shown).toBe('99.99 % of 1000000'))
})

describe('a share that should be low', () => {
  test.each([
    [share(0, 1000), 'ok'],
    [share(1, 1000), 'warn'],
    [share(10, 1000), 'warn'],
    [share(12, 1000), 'warn'],
    [share(50, 1000), 'alert'],
  ] as const)('%o is %s', (reading, state) => expect(judge(errors, reading).state).toBe(state))
})

describe('a response time', () => {
  test.each([[p95(499), 'ok'], [p95(500), 'warn'], [p95(1000), 'warn'], [p95(1001), 'alert'], [p95(3000, 19), 'few']] as const)('%o is %s', (reading, state) => expect(judge(speed, reading).state).toBe(state))
  test('how many were within the target is shown besides', () => expect(judge(speed, p95(420, 200, 194)).notes).toEqual(['97 % within 500 ms']))
})

test('no data is neither nought nor on target', () => {
  for (const one of [logins, errors, speed]) expect(judge(one, { kind: 'none' })).toMatchObject({ state: 'few', shown: 'no data' })
})

test('of several states the worst counts, and what was not measured is worse than a warning', () => {
  expect(worst(['ok', 'warn', 'alert', 'unmeasured'])).toBe('alert')
  expect(worst(['ok', 'warn', 'unmeasured'])).toBe('unmeasured')
  expect(worst(['ok', 'few'])).toBe('few')
  expect(worst([])).toBe('ok')
})
