import { expect, test } from 'vitest'
import { createPace } from '../../src/gateway/pace.ts'

test('a minute\'s worth at once, then as fast as it fills; each key for itself', () => {
  let now = 0
  const pace = createPace(6, () => now)
  expect(Array.from({ length: 7 }, () => pace.seconds('acme', 1))).toEqual([0, 0, 0, 0, 0, 0, 10])
  expect(pace.seconds('borealis', 1)).toBe(0)
  now = 4_000
  expect(pace.seconds('acme', 1)).toBe(6)
  now = 10_000
  expect([pace.seconds('acme', 1), pace.seconds('acme', 1)]).toEqual([0, 10])
})

test('a pause gives no more than a minute\'s worth; what was heavy is waited for', () => {
  let now = 0
  const pace = createPace(6, () => now)
  expect([pace.seconds('acme', 11), pace.seconds('acme', 1)]).toEqual([0, 60])
  now = 60_000
  expect([pace.seconds('acme', 1), pace.seconds('acme', 1)]).toEqual([0, 10])
  now = 3_600_000
  expect(Array.from({ length: 7 }, () => pace.seconds('acme', 1)).at(-1)).toBe(10)
})

test('who asks too early does not wait longer for it', () => {
  let now = 0
  const pace = createPace(60, () => now)
  pace.seconds('acme', 60)
  for (; now < 900; now += 100) expect(pace.seconds('acme', 1)).toBe(1)
  now = 1_000
  expect(pace.seconds('acme', 1)).toBe(0)
})
