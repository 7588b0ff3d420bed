import { defineProbe } from '../contract.ts'

const OUTPUT = {
  type: 'object',
  additionalProperties: false,
  required: ['outcome', 'row'],
  properties: {
    outcome: { type: 'string', description: 'Of the first row that holds.' },
    row: { type: 'integer', description: 'Which row that is, counted from 1.' },
  },
} as const

/** A decision table: the first row that holds gives the outcome. */
export default defineProbe({
  title: 'Decides by a table: the outcome of the first row whose condition holds; fails where none does.',
  example: {
    rows: [
      { when: '${{ handoff.commercial.users > 5000 }}', outcome: 'workshop' },
      { when: '${{ handoff.commercial.sla == "gold" }}', outcome: 'guided' },
      { outcome: 'self-service' },
    ],
  },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['rows'],
    properties: {
      rows: {
        type: 'array',
        'x-first': 'when',
        minItems: 1,
        maxItems: 100,
        description: 'Rows from top to bottom; the last may leave out its condition and so catches all that is left.',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['outcome'],
          properties: {
            when: { type: 'boolean', default: true, description: 'Whether this row holds.' },
            outcome: { type: 'string', minLength: 1, description: 'What follows then.' },
          },
        },
      },
    },
  },
  output: OUTPUT,
  outputFor: ({ rows }) => {
    const outcomes = rows.map((row) => row.outcome)
    const known = outcomes.every((one) => typeof one === 'string' && !one.includes('${{'))
    if (!known) return OUTPUT
    const outcome = { ...OUTPUT.properties.outcome, enum: [...new Set(outcomes)] }
    return { ...OUTPUT, properties: { ...OUTPUT.properties, outcome } }
  },
  touches: 'nothing',
  pure: true,
  max_age_ms: null,
  probe: async (_read, { rows }) => {
    const at = rows.findIndex(({ when }) => when)
    const outcome = rows[at]?.outcome
    return outcome === undefined
      ? { result: 'fail', summary: `none of the ${rows.length} rows holds`, data: null }
      : { result: 'pass', summary: `row ${at + 1}: ${outcome}`, data: { outcome, row: at + 1 } }
  },
  outputs: ({ rows }, _evidence) => {
    const at = rows.findIndex(({ when }) => when)
    return { outcome: rows[at]?.outcome ?? '', row: at + 1 }
  },
})
