import { describe, expect, test } from 'vitest'
import { createEvaluator } from '../../src/runbook/evaluate.ts'
import { lintRunbook } from '../../src/runbook/lint.ts'
import type { ActionSchema, Schema } from '../../src/model.ts'
import { ACTIONS, files, phase, said, scope } from './support.ts'

/** An ask whose answers are the fields that its step names. */
const form: ActionSchema = {
  kind: 'ask',
  title: 'For tests',
  example: {},
  input: { type: 'object', required: ['fields'], properties: { fields: { type: 'object', additionalProperties: { type: 'object' } } } },
  output: { type: 'object' },
  outputFor: ({ fields }: { fields: Record<string, Schema> }) => ({
    type: 'object', additionalProperties: false, required: Object.keys(fields),
    properties: Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, { type: field['type'] }])),
  }),
}
const actions = new Map([...ACTIONS, ['form', form]])
const FORM = '  - { id: asked, title: Asked, uses: form, with: { fields: { seats: { type: integer }, name: { type: string } } } }\n'
const lint = (steps: string) => lintRunbook(files({ here: phase(steps) }), actions)

describe('outputs that depend on inputs', () => {
  test('are checked by what the step says', () => {
    const found = said(lint(`${FORM}  - id: used
    title: Used
    uses: thing.make
    with: { name: '\${{ steps.asked.outputs.nme }}', count: '\${{ steps.asked.outputs.name }}' }
`))
    expect(found).toBe(`phases/here.yaml:10:44: there is no field 'nme'; did you mean 'name'? [unknown-field]
phases/here.yaml:10:60: count: an integer is needed here, not text [input-type]
`)
  })

  test('are read as what they are: an integer is one', () => {
    const { runbook } = lint(`${FORM}  - { id: used, title: Used, uses: thing.make, with: { name: x, count: '\${{ steps.asked.outputs.seats + 1 }}' } }\n`)
    const step = runbook?.phases[1]?.steps[1]
    if (runbook === undefined || step === undefined) throw new Error('the runbook of this test has faults')
    const given = scope({ here: { asked: { seats: 3, name: 'x' } } })
    expect(createEvaluator(runbook, actions).inputs(step, given)).toEqual({ name: 'x', count: 4 })
  })

  test('are any where the inputs do not fit: that is a finding of its own', () => {
    const found = said(lint(`  - { id: asked, title: Asked, uses: form, with: {} }
  - { id: used, title: Used, uses: ask, with: { text: '\${{ steps.asked.outputs.anything }}' } }
`))
    expect(found).toBe("phases/here.yaml:6:32: form: 'fields' is missing in with [input-missing]\n")
  })
})
