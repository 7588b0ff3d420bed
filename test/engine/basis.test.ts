import { expect, it } from 'vitest'
import { basisFor } from '../../src/engine/readiness.ts'
import type { Inputs, JsonObject, Scope, Step } from '../../src/model.ts'

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
