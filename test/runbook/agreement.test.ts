import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OnboardError } from '../../src/errors.ts'
import type { Json, JsonObject, Scope, Step } from '../../src/model.ts'
import { checkExpression } from '../../src/runbook/cel/check.ts'
import type { Readable } from '../../src/runbook/cel/walk.ts'
import { createEvaluator } from '../../src/runbook/evaluate.ts'
import { ACTIONS, load, scope } from './support.ts'

/** What a checked expression may still fail by: values that no type tells. */
const STATED = [
  'division by zero', 'modulo by zero', 'integer overflow: -?\\d+', 'int\\(\\) type error: integer overflow', '-?\\d+ is too large for an exact integer',
  '(?:-?Infinity|NaN) is not a number that can be passed on',
  '(?:int|double)\\(\\) cannot read this text as a number', "'.*' is not a date like 2026-02-03", '-?\\d+ days are more than a hundred years', 'the date is out of range',
  'invalid duration string: .*', 'the instant is out of range',
  'the list has no item -?\\d+', "string\\.substring\\((?:start|start, end)\\): start index out of range",
].map((one) => new RegExp(`^phases/here\\.yaml:1: step new, with\\.it: \`\` failed: ${one}$`))

const { runbook } = load({})
if (runbook === undefined) throw new Error('the runbook of this test has faults')
const evaluator = createEvaluator(runbook, ACTIONS)
const contexts = new Map<string, object>([
  ['handoff', runbook.inputs['handoff'] ?? {}],
  ['discovery', { anyOf: [runbook.inputs['discovery'] ?? {}, { type: 'null' }] }],
  ['onboarding', { type: 'object', additionalProperties: false, required: ['slug', 'today'], properties: { slug: { type: 'string' }, today: { type: 'string', format: 'date' } } }],
])
const readable = { contexts, phases: () => [], steps: () => [], step: () => ({ message: 'none here', rule: 'step-reference' }) } as unknown as Readable

type Kind = 'bool' | 'int' | 'double' | 'string' | 'date' | 'instant' | 'span' | 'list' | 'any'
const KINDS: readonly Kind[] = ['bool', 'int', 'double', 'string', 'date', 'instant', 'span', 'list', 'any']
const PATHS: Readonly<Record<Kind, readonly string[]>> = {
  bool: ['handoff.scim', 'discovery.mfa', 'discovery.?mfa.orValue(false)', 'has(handoff.region)', 'has(handoff.limits.calls)', 'discovery != null'],
  int: ['handoff.users', 'handoff.limits.storage', 'handoff.?limits.?storage.orValue(3)', 'discovery.users', '7', '0', '-1', '9223372036854775807', 'handoff.limits.calls'],
  double: ['handoff.share', '1.5', '0.0'],
  string: ['handoff.name', 'handoff.plan', 'handoff.region', 'handoff.proxy', "'x'", "''", "'custom'", 'handoff.contacts[0].email', 'handoff.contacts[0].phone', 'onboarding.slug'],
  date: ['handoff.dates.go_live', 'onboarding.today', "'2027-01-01'", "date('2027-02-28')"],
  instant: ["timestamp('2027-02-28T12:00:00Z')", "timestamp('9999-12-31T23:59:59.999+00:00')"],
  span: ["duration('36h')", "duration('-1h0.5s')", "duration('90m')"],
  list: ['handoff.contacts', '[]', "['a', 'b']", '[1, 2, 3]', "handoff.name.split('-')"],
  any: ['null', 'handoff', 'handoff.proxy', 'discovery', 'handoff.limits', 'handoff.?region', "{'a': 1}", 'handoff.nothing', 'handoff.contacts'],
}

const made = new Map<string, fc.Arbitrary<string>>()

/** Expressions of a kind, in which now and then a part is of any other. */
function expression(kind: Kind, depth: number): fc.Arbitrary<string> {
  const name = `${kind} ${depth}`
  const known = made.get(name) ?? build(kind, depth)
  made.set(name, known)
  return known
}

function build(kind: Kind, depth: number): fc.Arbitrary<string> {
  const leaf = fc.constantFrom(...PATHS[kind])
  if (depth === 0) return leaf
  const of = (wanted: Kind) => fc.oneof({ weight: 14, arbitrary: expression(wanted, depth - 1) }, { weight: 1, arbitrary: anything(depth - 1) })
  const form = (text: string, ...kinds: Kind[]) => fc.tuple(...kinds.map(of)).map((parts) => text.replace(/\$(\d)/g, (_, i) => parts[Number(i)] ?? ''))
  const choice = form('($0 ? $1 : $2)', 'bool', kind, kind)
  const guarded = [
    form("(has(handoff.region) ? $0 : $1)", kind, kind),
    form('(discovery != null && $0 ? $1 : $2)', 'bool', kind, kind),
  ]
  const more: Record<Kind, fc.Arbitrary<string>[]> = {
    bool: [
      form('($0 && $1)', 'bool', 'bool'), form('($0 || $1)', 'bool', 'bool'), form('!($0)', 'bool'), form('($0 == $1)', 'int', 'int'), form('($0 != $1)', 'string', 'string'),
      form('($0 < $1)', 'int', 'double'), form('($0 >= $1)', 'date', 'date'), form('($0 in $1)', 'string', 'list'), form('$0.startsWith($1)', 'string', 'string'),
      form("$0.glob('a*?b')", 'string'), form('handoff.contacts.exists(c, c.email == $0)', 'string'), form('handoff.contacts.all(c, has(c.phone) && c.phone != $0)', 'string'),
      form('$0.exists(x, x == $1)', 'list', 'any'), form('($0 == $1)', 'any', 'any'), form('($0 < $1)', 'instant', 'instant'), form('($0 >= $1)', 'span', 'span'), form('($0 == $1)', 'span', 'span'), form('($0 != $1)', 'instant', 'instant'), form('has(handoff.limits) && $0', 'bool'),
    ],
    int: [form('($0 + $1)', 'int', 'int'), form('($0 - $1)', 'int', 'int'), form('($0 * $1)', 'int', 'int'), form('($0 / $1)', 'int', 'int'), form('($0 % $1)', 'int', 'int'), form('size($0)', 'list'),
      form('$0.size()', 'string'), form('int($0)', 'double'), form('int($0)', 'string'), form('days($0, $1)', 'date', 'date'), form('business_days($0, $1, [])', 'date', 'date'), form('min($0, $1)', 'int', 'int'), form('-($0)', 'int'), form('$0.indexOf($1)', 'string', 'string'), form('$0.getMinutes()', 'span')],
    double: [form('($0 + $1)', 'double', 'double'), form('($0 * $1)', 'double', 'double'), form('($0 / $1)', 'double', 'double'), form('double($0)', 'int'), form('-($0)', 'double')],
    string: [form('($0 + $1)', 'string', 'string'), form('slug($0)', 'string'), form('string($0)', 'int'), form('string($0)', 'bool'), form('string($0)', 'span'), form('string($0)', 'instant'), form('$0.lowerAscii()', 'string'), form('$0.trim()', 'string'), form('$0.substring($1)', 'string', 'int'), form("$0.join('-')", 'list'), form('handoff.?region.orValue($0)', 'string'), form('handoff.contacts.map(c, c.email)[0]')],
    date: [form('add_days($0, $1)', 'date', 'int'), form('add_business_days($0, $1, [])', 'date', 'int'), form('date($0)', 'string'), form("day_of($0, 'Europe/Berlin')", 'instant')],
    instant: [form('($0 + $1)', 'instant', 'span'), form('($0 - $1)', 'instant', 'span')],
    span: [form('($0 + $1)', 'span', 'span'), form('($0 - $1)', 'span', 'span'), form('($0 - $1)', 'instant', 'instant'), form('duration($0)', 'string')],
    list: [form('($0 + $1)', 'list', 'list'), form('[$0, $1]', 'string', 'string'), form('$0.filter(x, x == $1)', 'list', 'string'), form('handoff.contacts.map(c, c.email + $0)', 'string'), form('handoff.contacts.filter(c, has(c.phone)).map(c, c.phone)')],
    any: [form('$0', 'bool'), form('$0', 'list'), form("{'a': $0}", 'int'), form('handoff.?contacts'), form('$0[0]', 'list')],
  }
  return fc.oneof({ weight: 3, arbitrary: leaf }, { weight: 2, arbitrary: choice }, ...guarded, ...more[kind].map((arbitrary) => ({ weight: 1, arbitrary })))
}

const anything = (depth: number) => fc.oneof(...KINDS.map((kind) => expression(kind, depth)))

const maybe = (name: string, value: fc.Arbitrary<Json>) => fc.option(value.map((one) => ({ [name]: one })), { nil: {} })
const word = fc.constantFrom('', 'x', 'Acme GmbH', 'a-b-c', '2027-02-15', '12', 'true', 'ÄÖ😀')
const date = fc.constantFrom('2027-02-15', '2026-02-28', '2028-02-29', '1999-12-31')
const int = fc.oneof(fc.constantFrom(0, 1, -1, 1000, Number.MAX_SAFE_INTEGER), fc.integer())
const contact = fc.tuple(word, maybe('phone', word)).map(([email, phone]) => ({ email, ...phone }))
const handoff: fc.Arbitrary<JsonObject> = fc.tuple(
  fc.record({ name: word, plan: fc.constantFrom('professional', 'enterprise', 'custom'), users: int, scim: fc.boolean(), proxy: fc.option(word), share: fc.constantFrom(0, 2, 0.5, -3.25), contacts: fc.array(contact, { maxLength: 3 }), dates: date.map((go_live) => ({ go_live })) }),
  maybe('region', word),
  maybe('limits', fc.tuple(int, maybe('calls', int)).map(([storage, calls]) => ({ storage, ...calls }))),
).map(([all, region, limits]) => ({ ...all, ...region, ...limits }))
const discovery = fc.option(fc.tuple(int, maybe('mfa', fc.boolean())).map(([users, mfa]) => ({ users, ...mfa })))

const base = { id: 'new', title: 'New', uses: 'nothing.known', when: null, owner: [], needs: [], for_each: null, retry: null, timeout_ms: null, waivable_by: [], binds: [], capability: null, at: { file: 'phases/here.yaml', line: 1, col: 1 } }

test('lists of different things are not added: the sum would fail on the items of one of them', () => {
  expect(checkExpression(`['a', 'b'] + handoff.contacts`, readable).findings).toMatchObject([{ rule: 'expression-type' }])
  expect(checkExpression(`['a'] + ['b']`, readable).findings).toEqual([])
  expect(checkExpression(`[] + ['b']`, readable).findings).toEqual([])
})

test('what type-checks fails only by what no type tells', () => {
  let accepted = 0
  let refused = 0
  fc.assert(fc.property(anything(2), fc.array(fc.tuple(handoff, discovery), { minLength: 3, maxLength: 3 }), (source, given) => {
    const { findings } = checkExpression(source, readable)
    if (findings.length > 0) {
      refused++
      return
    }
    accepted++
    for (const [one, other] of given) {
      const step = { ...base, with: { it: `\${{ ${source} }}` } } satisfies Step
      const within: Scope = scope({}, { handoff: one, discovery: other })
      try {
        evaluator.inputs(step, within)
      } catch (error) {
        if (!(error instanceof OnboardError)) throw error
        const message = error.message.replace(source, '')
        if (!STATED.some((one) => one.test(message))) expect.unreachable(`${source} failed by ${message}`)
      }
    }
  }), { numRuns: Number(process.env['AGREEMENT_RUNS'] ?? 1500), endOnFailure: true })
  // A checker that refuses all, or nothing, would agree with anything.
  expect(accepted).toBeGreaterThan(refused / 20)
  expect(refused).toBeGreaterThan(accepted / 20)
}, 600_000)
