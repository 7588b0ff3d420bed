import { describe, expect, test } from 'vitest'
import { burnRate, chanceOfAtLeast, quantile, wilson } from '../../src/metrics/statistics.ts'
import { isRising, judgeTickets } from '../../src/metrics/tickets.ts'

describe('the interval of a share', () => {
  // scipy 1.x: binomtest(k, n).proportion_ci(method='wilson')
  test.each([
    [37, 40, 0.8013576647568945, 0.9741639742254118],
    [0, 10, 0, 0.27753279986288926],
    [10, 10, 0.7224672001371109, 1],
    [990, 1000, 0.9816905311296852, 0.9945592455544706],
    [1, 3, 0.06149194472039626, 0.7923403991979523],
  ])('%i of %i', (part, total, low, high) => {
    expect(wilson(part, total).low).toBeCloseTo(low, 12)
    expect(wilson(part, total).high).toBeCloseTo(high, 12)
  })
})

describe('the chance of so many', () => {
  // scipy 1.x: nbinom.sf(seen - 1, 2 + before, b / (b + days)) with b = 2 / mean + over
  test.each([
    [3, 1, 0, 0, 1, 0.11111111111111116],
    [5, 1, 2, 6, 0.5, 0.0002746842105412936],
    [1, 1, 0, 13, 0.1, 0.057958477508650526],
    [40, 1, 120, 10, 12, 2.291371729566458e-9],
    [9, 3, 4, 7, 0.6, 0.0009609267023324498],
    [3, 1, 0, 1, 0.02, 3.741573975407343e-6],
    [300, 1, 900, 10, 90, 7.403299033914707e-59],
  ])('%i in %i days after %i in %i, %f a day expected', (seen, days, before, over, mean, chance) => {
    expect(chanceOfAtLeast(seen, days, before, over, mean) / chance).toBeCloseTo(1, 9)
  })
  test('none or more is certain, and more is never likelier', () => {
    expect(chanceOfAtLeast(0, 1, 5, 5, 1)).toBe(1)
    const chances = [1, 2, 3, 5, 10, 50].map((seen) => chanceOfAtLeast(seen, 1, 5, 5, 1))
    expect(chances).toEqual(chances.toSorted((a, b) => b - a))
  })
})

test('the quantile is a value that was seen', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)
  expect([quantile(hundred, 0.95), quantile(hundred, 0.5), quantile([7], 0.95), quantile(hundred, 1)]).toEqual([95, 50, 7, 100])
  expect(quantile([], 0.95)).toBeNaN()
})

test('a burn rate of one uses the budget up exactly', () => {
  expect(burnRate(0.0672, 0.01)).toBeCloseTo(6.72, 10)
})

const day = (instant: string) => instant.slice(0, 10)
const days = (count: number) => Array.from({ length: count }, (_, i) => `2027-03-${String(i + 1).padStart(2, '0')}`)
const on = (counts: readonly number[], more: Partial<{ severity: string; category: string }> = {}) =>
  counts.flatMap((count, i) => Array.from({ length: count }, () => ({ at: `${days(counts.length)[i]}T10:00:00Z`, severity: null, category: null, ...more })))
const judged = (counts: readonly number[], mean: number, more = {}) => judgeTickets(on(counts, more), days(counts.length), mean, day)

describe('tickets', () => {
  test('few are fine, many at once are a spike, and the line between warns', () => {
    expect(judged([0, 1, 0, 1], 0.5).state).toBe('ok')
    expect(judged([0, 1, 1, 6], 0.5)).toMatchObject({ state: 'alert', today: 6 })
    expect(judged([0, 1, 1, 4], 0.5)).toMatchObject({ state: 'warn', today: 4 })
  })
  test('two are no spike, however rare tickets are', () => {
    expect(judged([0, 0, 2], 0.01).state).toBe('ok')
  })
  test('what many seats bring is expected', () => {
    expect(judged([9, 12, 11, 13], 12).state).toBe('ok')
  })
  test('P0 and P1 are always an alert, P2 is not', () => {
    expect(judged([0, 1], 5, { severity: 'P1' })).toMatchObject({ state: 'alert', notes: ['1 of P0 or P1'] })
    expect(judged([0, 1], 5, { severity: 'P2' }).state).toBe('ok')
  })
  test('two of one category on one day are, on two days they are not', () => {
    expect(judged([0, 2], 5, { category: 'login' })).toMatchObject({ state: 'alert', notes: ['2 about login on 2027-03-02'] })
    expect(judged([1, 1], 5, { category: 'login' }).state).toBe('ok')
    expect(judged([0, 2], 5, { category: '' }).state).toBe('ok')
  })
  test('three days that are more than before are a trend', () => {
    expect(isRising([0, 1, 0, 1, 3, 3, 4], 0.6)).toBe(true)
    expect(isRising([2, 2, 2, 2, 2, 2, 2], 2)).toBe(false)
    expect(isRising([5, 5, 5], 0.1)).toBe(false)
    expect(judged([0, 1, 0, 1, 2, 3, 2], 0.4)).toMatchObject({ state: 'warn', notes: expect.arrayContaining(['rising over the last three days']) })
  })

  test.each([0.05, 0.5, 2, 10])('where %f a day are expected and come, under 1% of customers see a false alarm in 14 days', (mean) => {
    const random = generator(20270301)
    const runs = 5000
    let alarms = 0
    for (let run = 0; run < runs; run++) {
      const counts: number[] = []
      for (let d = 0; d < 14; d++) counts.push(poisson(mean, random))
      if (counts.some((_, i) => judged(counts.slice(0, i + 1), mean).state === 'alert')) alarms++
    }
    expect(alarms / runs).toBeLessThan(0.01)
  })
  test('and what becomes four times as much is seen', () => {
    const random = generator(7)
    let seen = 0
    for (let run = 0; run < 500; run++) {
      const counts = Array.from({ length: 10 }, (_, d) => poisson(d < 5 ? 2 : 8, random))
      if (counts.some((_, i) => i >= 5 && judged(counts.slice(0, i + 1), 2).state !== 'ok')) seen++
    }
    expect(seen / 500).toBeGreaterThan(0.9)
  })
})

/** mulberry32: the same numbers every time. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

function poisson(mean: number, random: () => number): number {
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random(); product > limit; product *= random()) count++
  return count
}
