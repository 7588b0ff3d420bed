import { describe, expect, expectTypeOf, test } from 'vitest'
import type { Evaluator as Wanted } from '../../src/engine/ports.ts'
import { OnboardError } from '../../src/errors.ts'
import { type JsonObject, type Scope, type Step, UNKNOWN } from '../../src/model.ts'
import { createEvaluator, type Evaluator } from '../../src/runbook/evaluate.ts'
import { ACTIONS, BEFORE, load, phase, scope } from './support.ts'

expectTypeOf<Evaluator>().toExtend<Wanted>()

const { runbook } = load({
  before: BEFORE,
  here: phase(`  - { id: made, title: Made, uses: thing.make, with: { name: x } }
  - { id: asked, title: Asked, uses: ask, with: { text: Well? } }
`),
})
if (runbook === undefined) throw new Error('the runbook of this test has faults')
const evaluator = createEvaluator(runbook, ACTIONS)

function step(more: Partial<Step>): Step {
  const base: Step = {
    id: 'new', title: 'New', uses: 'nothing.known', with: {}, when: null, owner: [], needs: [], for_each: null, retry: null,
    timeout_ms: null, waivable_by: [], binds: [], capability: null, at: { file: 'phases/here.yaml', line: 9, col: 5 },
  }
  return { ...base, ...more }
}
const value = (text: string, given: Scope = scope()) => evaluator.inputs(step({ with: { it: text } }), given)['it']
const failure = (work: () => unknown): OnboardError => {
  try {
    work()
  } catch (error) {
    if (error instanceof OnboardError) return error
    throw error
  }
  throw new Error('it did not fail')
}

describe('a value that is one expression keeps its type', () => {
  const cases: [string, unknown][] = [
    ['${{ handoff.users }}', 1000],
    ['${{ handoff.users + 1 }}', 1001],
    ['${{ handoff.users / 3 }}', 333],
    ['${{ handoff.share / 4.0 }}', 0.5],
    ['${{ handoff.scim && handoff.users > 5 }}', true],
    ['${{ handoff.contacts.map(c, c.email) }}', ['ada@acme.example']],
    ["${{ {'a': handoff.users, 'b': [handoff.name]} }}", { a: 1000, b: ['Acme'] }],
    ['${{ handoff.proxy }}', null],
    ["${{ handoff.?region.orValue('eu') }}", 'eu'],
    ['${{ discovery == null }}', true],
    ['${{ has(handoff.region) }}', false],
    ['  ${{ handoff.name }}\n', 'Acme'],
    ["${{ '}}' + \"}}\" }}", '}}}}'],
    ["${{ {'a': {'b': 1}} }}", { a: { b: 1 } }],
    ["${{ slug('Größe & Söhne Øst 株') }}", 'grosse-sohne-st'],
    ["${{ 'host.eu.example'.glob('*.eu.*') }}", true],
    ["${{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'.glob('*a*a*a*a*a*a*a*a*c') }}", false],
    ["${{ business_days('2026-12-28', '2027-01-04', config.holidays) }}", 4],
    ["${{ add_business_days('2026-12-31', 1, config.holidays) }}", '2027-01-04'],
    ["${{ add_business_days('2027-01-04', -1, config.holidays) }}", '2026-12-31'],
    ["${{ days('2027-02-01', '2027-03-01') }}", 28],
    ["${{ add_days('2028-02-28', 1) }}", '2028-02-29'],
    ["${{ duration('36h') }}", '129600s'],
    ["${{ duration('1h30m') - duration('2h') }}", '-1800s'],
    ["${{ duration('1h') + duration('0.25s') }}", '3600.25s'],
    ["${{ duration('60m') == duration('1h') && duration('90m') > duration('1h') }}", true],
    ["${{ duration('36h').getHours() + 1 }}", 37],
    ["${{ timestamp('2027-02-28T12:00:00Z') + duration('36h') }}", '2027-03-02T00:00:00Z'],
    ["${{ timestamp('2028-02-28T12:00:00+02:00') - duration('1ms') }}", '2028-02-28T09:59:59.999Z'],
    ["${{ timestamp('2027-03-02T00:00:00Z') - timestamp('2027-02-28T12:00:00Z') >= duration('36h') }}", true],
    ["${{ day_of(timestamp('2027-02-28T23:30:00Z'), 'Europe/Berlin') }}", '2027-03-01'],
    ["by ${{ timestamp('2027-02-28T12:00:00Z') + duration('1h') }} at most ${{ string(duration('2h')) }}", 'by 2027-02-28T13:00:00Z at most 7200s'],
    ["${{ {'until': timestamp('2027-02-28T12:00:00Z')} }}", { until: '2027-02-28T12:00:00Z' }],
  ]
  for (const [text, expected] of cases) test(text.trim(), () => expect(value(text)).toEqual(expected))

  test('text with expressions in it is text', () => {
    expect(value('${{ handoff.name }} has ${{ handoff.users }} users, SCIM: ${{ handoff.scim }}')).toBe('Acme has 1000 users, SCIM: true')
  })

  test('text without any is left as it is', () => expect(value('a $ { } ${ x }')).toBe('a $ { } ${ x }'))

  test('an integer that a double cannot hold is refused, not rounded', () => {
    expect(failure(() => value('${{ handoff.users * 9007199254740993 }}')).message).toContain('too large for an exact integer')
  })

  test('a whole number stays a decimal where the schema says number', () => {
    expect(value('${{ handoff.share == 2.0 }}')).toBe(true)
    expect(failure(() => value('${{ handoff.share + 1 }}')).code).toBe('expression')
  })

  test('an optional without a value leaves its field or item out', () => {
    const made = evaluator.inputs(step({ with: { a: '${{ handoff.?region }}', b: ['${{ handoff.?region }}', 'x'], c: "${{ {'d': handoff.?proxy} }}" } }), scope())
    expect(made).toEqual({ b: ['x'], c: {} })
  })
})

describe('a value that is known only after apply', () => {
  const planned = scope({ here: { made: UNKNOWN, asked: null } })
  test('makes what reads it unknown, alone or inside text, and nothing else', () => {
    const given = { id: '${{ steps.made.outputs.id }}', text: 'id ${{ steps.made.outputs.id }}', name: '${{ handoff.name }}', deep: [{ n: '${{ steps.made.outputs.count + 1 }}' }] }
    expect(evaluator.inputs(step({ with: given }), planned)).toEqual({ id: UNKNOWN, text: UNKNOWN, name: 'Acme', deep: [{ n: UNKNOWN }] })
  })

  test('leaves what does not depend on it known', () => {
    expect(value('${{ handoff.scim || steps.made.outputs.count > 1 }}', planned)).toBe(true)
    expect(value('${{ steps.made.outputs.count > 1 || handoff.scim }}', planned)).toBe(true)
    expect(value('${{ steps.made.outputs.count > 1 && !handoff.scim }}', planned)).toBe(false)
    expect(value('${{ steps.made.outputs.count > 1 && handoff.scim }}', planned)).toBe(UNKNOWN)
    expect(value("${{ handoff.scim ? 'a' : steps.made.outputs.id }}", planned)).toBe('a')
  })

  test('makes a condition and a list of instances unknown', () => {
    expect(evaluator.when(step({ when: 'steps.made.outputs.count > 1' }), planned)).toBe(UNKNOWN)
    expect(evaluator.instances(step({ for_each: '[steps.made.outputs.id]' }), planned)).toBe(UNKNOWN)
  })

  test('a step that has no entry yet is not known either', () => {
    expect(evaluator.when(step({ when: "steps.made.outputs.id == 'x'" }), scope())).toBe(UNKNOWN)
    expect(evaluator.when(step({ when: "phases.before.steps.signed.outputs.by == 'x'" }), scope())).toBe(UNKNOWN)
  })
})

describe('outputs', () => {
  const done = scope({ here: { made: { id: '7', count: 3 }, asked: null }, before: { signed: { by: 'Ines' } } })
  test('of steps are read by steps.<id>, of other phases by phases.<phase>', () => {
    expect(value('${{ steps.made.outputs.count + 1 }}', done)).toBe(4)
    expect(value('${{ phases.before.steps.signed.outputs.by }}', done)).toBe('Ines')
  })

  test('of a skipped or waived step are null', () => {
    expect(value('${{ steps.asked.outputs == null }}', done)).toBe(true)
    expect(value("${{ steps.asked.outputs.?by.orValue('nobody') }}", done)).toBe('nobody')
    expect(failure(() => value('${{ steps.asked.outputs.by }}', done)).code).toBe('expression')
  })

  test('that change are read anew', () => {
    expect(value('${{ steps.made.outputs.count }}', done)).toBe(3)
    expect(value('${{ steps.made.outputs.count }}', scope({ here: { made: { id: '7', count: 4 } } }))).toBe(4)
  })
})

describe('what fails is an error with its place, never a false condition', () => {
  const cases: [string, Partial<Step>][] = [
    ['a condition that is no truth value', { when: 'handoff.users' }],
    ['a condition that reads what is not there', { when: 'handoff.region == "eu"' }],
    ['a field of null', { when: 'discovery.users > 5' }],
    ['a text that is no expression', { when: 'handoff.scim &&' }],
    ['null inside text', { with: { a: 'x ${{ handoff.proxy }}' } }],
    ['a list inside text', { with: { a: 'x ${{ handoff.contacts }}' } }],
    ['a date that is none', { with: { a: "${{ add_days('2026-02-30', 1) }}" } }],
    ['an instant past the year 9999', { with: { a: "${{ timestamp('9999-12-31T23:00:00Z') + duration('2h') }}" } }],
    ['a duration that is none', { with: { a: '${{ duration(handoff.name) }}' } }],
    ['a time zone that is none', { with: { a: "${{ day_of(timestamp('2027-02-28T12:00:00Z'), handoff.name) }}" } }],
    ['a hundred years of days', { with: { a: "${{ add_business_days('2026-02-03', 100000000000, []) }}" } }],
  ]
  for (const [name, given] of cases) {
    test(name, () => {
      const one = step(given)
      const error = failure(() => (one.when === null ? evaluator.inputs(one, scope()) : evaluator.when(one, scope())))
      expect(error).toMatchObject({ kind: 'invalid', at: { file: 'phases/here.yaml', line: 9 } })
      expect(error.message).toMatch(/^phases\/here\.yaml:9: step new, (when|with\.a): /)
      expect(error.message).not.toContain('\n')
    })
  }
})

describe('inputs of a known action', () => {
  test('have the defaults of its schema', () => {
    expect(evaluator.inputs(step({ uses: 'thing.make', with: { name: 'x' } }), scope())).toEqual({ name: 'x', count: 1 })
  })

  test('are refused where they do not fit once they are known', () => {
    const error = failure(() => evaluator.inputs(step({ uses: 'thing.make', with: { name: 'x', size: '${{ handoff.name }}' } }), scope()))
    expect(error).toMatchObject({ code: 'step-input', message: expect.stringContaining('with.size: "Acme" is not one of small, large') })
  })
})

describe('a decision table', () => {
  const rows = (...given: JsonObject[]) => evaluator.inputs(step({ uses: 'decision', with: { rows: given } }), scope({ here: { made: UNKNOWN } }))
  const fails = "${{ business_days(handoff.name, '2027-01-04', []) > 1 }}"

  test('ends with the first row that holds: what a later one reads does not matter', () => {
    const found = rows({ when: '${{ handoff.users > 5000 }}', outcome: 'many' }, { when: '${{ handoff.scim }}', outcome: 'a ${{ handoff.name }}' }, { when: fails, outcome: 'never' })
    expect(found).toEqual({ rows: [{ when: false, outcome: 'many' }, { when: true, outcome: 'a Acme' }] })
  })

  test('nor does the outcome of one that does not hold', () => {
    expect(rows({ when: false, outcome: '${{ string(handoff.users / 0) }}' }, { outcome: 'rest' })).toEqual({
      rows: [{ when: false, outcome: '${{ string(handoff.users / 0) }}' }, { when: true, outcome: 'rest' }],
    })
  })

  test('fails on a row that fails before one that holds', () => {
    expect(failure(() => rows({ when: fails, outcome: 'a' }, { outcome: 'b' })).message).toContain('with.rows[0].when: ')
  })

  test('is known after apply where a row before the first that holds is', () => {
    expect(rows({ when: '${{ steps.made.outputs.count > 1 }}', outcome: 'a' }, { when: fails, outcome: 'b' })).toEqual({ rows: [UNKNOWN] })
    expect(rows({ when: true, outcome: 'a' }, { when: '${{ steps.made.outputs.count > 1 }}', outcome: 'b' })).toEqual({ rows: [{ when: true, outcome: 'a' }] })
  })
})

describe('instances', () => {
  const instances = (for_each: string) => evaluator.instances(step({ for_each }), scope())
  test('are the texts of the list', () => expect(instances("['day-1', slug('Day 3')]")).toEqual(['day-1', 'day-3']))
  test('of a step that does not repeat are one without a name', () => expect(evaluator.instances(step({}), scope())).toEqual(['']))
  for (const wrong of ["['a', 'a']", "['a/b']", "['']", '[1]', "'a'"]) {
    test(`${wrong} is refused`, () => expect(failure(() => instances(wrong)).kind).toBe('invalid'))
  }
  test('each names the one at hand', () => {
    expect(evaluator.inputs(step({ for_each: "['a']", with: { it: '${{ each }}!' } }), scope({}, { each: 'a' }))).toEqual({ it: 'a!' })
  })
})

test('what a word is bound to is the value at each path, null where there is none', () => {
  const bound = evaluator.bound(step({ binds: ['handoff.dates', 'handoff.region', 'phases.before.steps.signed.outputs.by', 'steps.made.outputs.id'] }),
    scope({ before: { signed: { by: 'Ines' } }, here: { made: UNKNOWN } }))
  expect(bound).toEqual<JsonObject>({
    'handoff.dates': { go_live: '2027-02-15' }, 'handoff.region': null, 'phases.before.steps.signed.outputs.by': 'Ines', 'steps.made.outputs.id': null,
  })
})

test('names that every JavaScript object has are no fields', () => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    expect(evaluator.when(step({ when: `has(handoff.${name})` }), scope())).toBe(false)
  }
})
