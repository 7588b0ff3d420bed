import { defineProbe } from '../contract.ts'

/** A condition over inputs and outputs of earlier steps. */
export default defineProbe({
  title: 'Checks that an expression holds, and fails or warns with a message where it does not.',
  example: {
    that: '${{ handoff.commercial.users <= 10000 }}',
    message: 'More than 10,000 users need a capacity review.',
    severity: 'warn',
  },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['that', 'message'],
    properties: {
      that: { type: 'boolean', description: 'Must be true.' },
      message: { type: 'string', minLength: 1, description: 'What is wrong where it is not.' },
      severity: {
        type: 'string',
        enum: ['fail', 'warn'],
        default: 'fail',
        description: 'warn lets the onboarding go on.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['holds'],
    properties: { holds: { type: 'boolean' } },
  },
  touches: 'nothing',
  pure: true,
  max_age_ms: null,
  probe: async (_read, { that, message, severity }) =>
    that
      ? { result: 'pass', summary: 'holds', data: null }
      : { result: severity ?? 'fail', summary: message, data: null },
  outputs: (_input, evidence) => ({ holds: evidence.result === 'pass' }),
})
