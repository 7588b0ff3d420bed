/** Conditions over numbers: what is said of them holds for every number, and what is not said does not. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { enumerate } from '../../src/runbook/cel/enumerate.ts'
import { parseExpression } from '../../src/runbook/cel/program.ts'
import type { Shape } from '../../src/runbook/cel/shape.ts'
import type { Schema } from '../../src/model.ts'

const NUMBERS: readonly Schema[] = [
  { type: 'integer' }, { type: 'integer', minimum: 0 }, { type: 'integer', exclusiveMinimum: 2, maximum: 6 }, { type: 'integer', exclusiveMaximum: 4 },
  { type: 'number' }, { type: 'number', minimum: 1, maximum: 3.5 },
]
const literal = (whole: boolean) => (whole ? fc.integer({ min: -3, max: 8 }).map(String) : fc.integer({ min: -6, max: 16 }).map((half) => (half / 2).toFixed(1)))

function condition(whole: boolean): fc.Arbitrary<string> {
  const compared = fc.tuple(fc.constantFrom('<', '<=', '>', '>=', '==', '!='), literal(whole), fc.boolean())
    .map(([op, number, turned]) => (turned ? `${number} ${op} handoff.n` : `handoff.n ${op} ${number}`))
  const listed = fc.array(literal(whole), { minLength: 1, maxLength: 3 }).map((items) => `handoff.n in [${items.join(', ')}]`)
  return fc.letrec<{ any: string }>((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' }, compared, listed, tie('any').map((one) => `!(${one})`),
      fc.tuple(tie('any'), fc.constantFrom('&&', '||'), tie('any')).map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc.tuple(tie('any'), tie('any'), tie('any')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    ),
  })).any
}

/** Every number that matters: whole ones, or halves and quarters, in and around the literals. */
function valuesOf({ type, minimum, exclusiveMinimum, maximum, exclusiveMaximum }: Schema): number[] {
  const step = type === 'integer' ? 1 : 0.25
  const all = Array.from({ length: 41 / step }, (_, i) => -20 + i * step)
  const least = Number(minimum ?? exclusiveMinimum ?? -99)
  return all.filter((n) => n >= least && n !== exclusiveMinimum && n <= Number(maximum ?? exclusiveMaximum ?? 99) && n !== exclusiveMaximum)
}

test('a condition over a number comes out as it does for every number that its schema allows', () => {
  fc.assert(fc.property(fc.constantFrom(...NUMBERS).chain((schema) => fc.tuple(fc.constant(schema), condition(schema['type'] === 'integer'))), ([schema, source]) => {
    const parsed = parseExpression(source)
    if (!parsed.ok) throw new Error(`${source}: ${parsed.message}`)
    const shapeOf = (text: string): Shape => ({ schema: text === 'handoff.n' ? schema : undefined })
    const found = enumerate([parsed.program.ast], shapeOf)
    const outcomes = new Set(valuesOf(schema).map((n) => parsed.program({ handoff: { n: schema['type'] === 'integer' ? BigInt(n) : n } })))
    expect(new Set(found?.rows.map(({ truths }) => truths[0])), source).toEqual(outcomes)
    expect(found?.exact).toBe(true)
  }), { numRuns: 400 })
})

test('the sizes of what a schema limits', () => {
  const truths = (source: string, schema: Schema) => {
    const parsed = parseExpression(source)
    if (!parsed.ok) throw new Error(parsed.message)
    return enumerate([parsed.program.ast], () => ({ schema }))?.rows.map(({ truths: [one] }) => one)
  }
  const list = { type: 'array', items: { type: 'string' }, minItems: 2, maxItems: 4 }
  expect(truths('size(handoff.all) < 2', list)).toEqual([false])
  expect(truths('handoff.all.size() >= 2', list)).toEqual([true])
  expect(truths('size(handoff.all) > 4', list)).toEqual([false])
  expect(truths('size(handoff.all) == 3', list)?.toSorted()).toEqual([false, true])
  expect(truths('size(handoff.name) > 63', { type: 'string', maxLength: 63 })).toEqual([false])
  expect(truths('size(handoff.map) < 0', { type: 'object' })).toEqual([false])
})
