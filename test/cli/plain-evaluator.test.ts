import { expect, test } from 'vitest'
import { plainEvaluatorOf } from '../../src/cli/evaluator.ts'
import type { Runbook, Scope, Step } from '../../src/model.ts'
import { SchemaNeeded } from '../../src/runbook/interpreter.ts'

const step = (id: string, when: string): Step => ({ id, when, uses: 'assert', with: {}, at: { file: 'phases/one.yaml', line: 1, col: 1 } }) as unknown as Step
const first = step('first', 'true')
const runbook = { phases: [{ id: 'one', steps: [first] }], procedures: [], inputs: {} } as unknown as Runbook
const scope = (outputs: unknown): Scope => ({
  handoff: { plan: 'enterprise' }, discovery: null, config: { roles: {} }, onboarding: {}, phase: 'one', each: 'day-3', outputs: new Map([['one', new Map([['first', outputs]])]]),
}) as unknown as Scope

test('what reads inputs alone, or the outputs of a step that was passed over, needs no action', () => {
  const evaluator = plainEvaluatorOf(runbook)
  expect(evaluator.when(step('a', `handoff.plan != 'professional' || each in ['day-8']`), scope(null))).toBe(true)
  expect(evaluator.when(step('b', 'has(config.metrics)'), scope(null))).toBe(false)
  expect(evaluator.when(step('c', 'steps.first.outputs != null'), scope(null))).toBe(false)
})

test('what reads the outputs of a step asks for its schema, as it is', () => {
  expect(() => plainEvaluatorOf(runbook).when(step('d', 'steps.first.outputs.ok'), scope({ ok: true }))).toThrow(SchemaNeeded)
})
