import fc from 'fast-check'
import canonicalize from 'canonicalize'
import { expect, test } from 'vitest'
import { canonical, digest } from '../../src/engine/digest.ts'
import { UNKNOWN } from '../../src/model.ts'

test('it is the canonical JSON that the library for RFC 8785 writes', () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => { expect(canonical(value)).toBe(canonicalize(value)) }), { numRuns: 150 })
  const odd = fc.object({ values: [fc.string({ unit: 'binary' }), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(undefined), fc.date({ noInvalidDate: true })] })
  fc.assert(fc.property(odd, (value) => { expect(canonical(value)).toBe(canonicalize(JSON.parse(JSON.stringify(value)))) }), { numRuns: 150 })
})

test('what is known after apply has a place in it, a bigint is text, and what JSON cannot hold is refused', () => {
  expect(canonical({ b: UNKNOWN, a: [undefined, 12345678901234567890n] })).toBe('{"a":[null,"12345678901234567890"],"b":{"$unknown":true}}')
  expect(digest({ a: 1 })).toBe('015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862')
  for (const value of [Number.NaN, Infinity, '\ud800', { '\udfff': 1 }, Symbol('x')]) expect(() => canonical(value)).toThrow(TypeError)
})
