import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonPieces } from '../../src/cli/json-pieces.ts'

test('pieces are the text that JSON.stringify writes', () => {
  const values = fc.dictionary(fc.string({ unit: 'binary' }), fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constant(undefined), fc.array(fc.constantFrom(undefined, 'a\nb', { x: [], y: {} }))))
  fc.assert(fc.property(values, (value) => { expect([...jsonPieces(value)].join('')).toBe(JSON.stringify(value, null, 2)) }), { numRuns: 300 })
})

test('a long list is written in several, none of them long', () => {
  const value = { tasks: Array.from({ length: 5000 }, (_, n) => ({ n, title: 'x'.repeat(50) })), n: 1 }
  const pieces = [...jsonPieces(value)]
  expect(pieces.length).toBeGreaterThan(5)
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(70_000)
  expect(JSON.parse(pieces.join(''))).toEqual(value)
})
