import { describe, expect, it } from 'vitest'
import { basisFor } from '../../src/engine/basis.ts'
import type { Inputs, Json, JsonObject, Scope, Step } from '../../src/model.ts'

const inputs = (more: { handoff?: JsonObject; config?: JsonObject; discovery?: JsonObject } = {}): Inputs => ({
  handoff: { dates: { go_live: '2027-02-15' }, plan: 'enterprise', ...more.handoff },
  discovery: more.discovery ?? null,
  config: { holidays: ['2026-12-25'], mail: { from: 'a' }, ...more.config },
  onboarding: { slug: 'acme', key: 'acme', name: '', company: 'Acme', today: '2026-12-01' },
})
const step = (expression: string): Step => ({ when: null, with: { that: `\${{ ${expression} }}` }, binds: [], for_each: null }) as unknown as Step
const basis = (expression: string, given: Inputs): string =>
  basisFor({ inputs: given, runbook: { digest: 'r' } }, step(expression), { ...given, outputs: new Map(), phase: 'p' } as unknown as Scope)

it.each([
  ['a part that it does not read', 'days(handoff.dates.go_live, config.holidays) > 1', { config: { mail: { from: 'b' } } }],
  ['a context that it does not read', 'handoff.plan == "x"', { config: { holidays: [] } }],
  ['an input that is only given now', 'handoff.plan == "x"', { discovery: { users: 3 } }],
  ['a part that is new', 'has(config.metrics)', { config: { capabilities: { sso: true } } }],
])('what was said of a step holds through a change of %s', (_what, expression, change) => {
  expect(basis(expression, inputs(change))).toBe(basis(expression, inputs()))
})

it.each([
  ['reads', 'days(handoff.dates.go_live, config.holidays) > 1', { config: { holidays: [] } }],
  ['reads where it is there', 'config.?mail.orValue({}) == {}', { config: { mail: {} } }],
  ['asks for', 'has(config.metrics)', { config: { metrics: {} } }],
  ['reads under another name', '[config].exists(c, c.mail.from == "a")', { config: { mail: { from: 'b' } } }],
  ['reads by a name that it reckons', 'config["ma" + "il"].from == "a"', { config: { mail: { from: 'b' } } }],
  ['reads over a line break', 'config\n  .mail\n  .from', { config: { mail: { from: 'b' } } }],
  ['reads of an input that is only given now', 'discovery.?users.orValue(0) > 2', { discovery: { users: 3 } }],
  ['reads of the handoff', 'handoff.plan == "enterprise"', { handoff: { plan: 'custom' } }],
])('and is looked at again when what it %s changes', (_what, expression, change) => {
  expect(basis(expression, inputs(change))).not.toBe(basis(expression, inputs()))
})

describe('of outputs', () => {
  const outputs = (more: JsonObject) => new Map([['p', new Map<string, Json>([['state', { live: false, limits: { users: 3 }, ...more }]])], ['q', new Map<string, Json>([['other', { a: 1 }]])]])
  const given = inputs()
  const reading = (expression: string, more: JsonObject = {}, phase = 'p'): string =>
    basisFor({ inputs: given, runbook: { digest: 'r' } }, step(expression), { ...given, outputs: outputs(more), phase } as unknown as Scope)

  it('only those count that the expressions name', () => {
    const expression = 'steps.state.outputs.limits.users >= handoff.commercial.users'
    expect(reading(expression, { live: true })).toBe(reading(expression))
    expect(reading(expression, { limits: { users: 4 } })).not.toBe(reading(expression))
    expect(reading('phases.p.steps.state.outputs.live', { limits: {} }, 'q')).toBe(reading('phases.p.steps.state.outputs.live', {}, 'q'))
    expect(reading('phases.p.steps.state.outputs.live', { live: true }, 'q')).not.toBe(reading('phases.p.steps.state.outputs.live', {}, 'q'))
  })
  it.each(['steps.state.outputs != null', 'steps["state"].outputs.live', 'steps.state.outputs["live"]', 'steps.state.outputs.?live.orValue(true)', 'has(steps.state.outputs.live)', 'phases.map(p, p.steps)', '{"a": {"b": 1}}.a.b == 1 && steps.state.outputs.live', '[steps].map(s, s.state.outputs.live)'])(
    'what is read by another way counts as a whole: %s', (expression) => {
      expect(reading(expression, { live: true })).not.toBe(reading(expression))
    })
  it('what the text around them says does not count', () => {
    const text = (today: string): string => basisFor({ inputs: given, runbook: { digest: 'r' } }, { ...step('handoff.plan == "x"'), with: { that: '${{ handoff.plan == "x" }}', message: 'This onboarding has steps.' } } as Step, { ...given, onboarding: { ...given.onboarding, today }, outputs: outputs({}), phase: 'p' } as unknown as Scope)
    expect(text('2026-12-02')).toBe(text('2026-12-01'))
  })
})
