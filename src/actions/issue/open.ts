import { defineProbe } from '../../contract.ts'

const SEVERITIES = ['P0', 'P1', 'P2', 'P3'] as const

interface Row {
  readonly number: number
  readonly title: string
  readonly severity: string
}

/** Whether issues are open in the way of going on. */
export default defineProbe({
  title: 'Passes where no issue of a severity, or of a worse one, is open.',
  example: { severity: 'P1' },
  input: {
    type: 'object',
    additionalProperties: false,
    properties: {
      severity: {
        type: 'string',
        enum: SEVERITIES,
        default: 'P3',
        description: 'The mildest that stands in the way; P3: any open issue does.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['count', 'issues'],
    properties: {
      count: { type: 'integer', description: 'Issues that are open, of whatever severity.' },
      issues: {
        type: 'array',
        description: 'All that are open.',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['number', 'title', 'severity'],
          properties: {
            number: { type: 'integer' },
            title: { type: 'string' },
            severity: { type: 'string', enum: SEVERITIES },
          },
        },
      },
    },
  },
  touches: 'nothing',
  max_age_ms: 60 * 60_000,

  async probe(read, { severity = 'P3' }) {
    const open = await read.many<Row>(
      `SELECT number, title, severity FROM onboard.issue
        WHERE onboarding = $1 AND status = 'open' ORDER BY severity, number`,
      [read.onboarding.id],
    )
    const inTheWay = open.filter((one) => one.severity <= severity)
    const data = open.map(({ number, title, severity: own }) => ({ number, title, severity: own }))
    const named = inTheWay.map((one) => `${one.number} (${one.severity}) ${one.title}`).join('; ')
    if (inTheWay.length > 0) return { result: 'fail', summary: `open: ${named}`, data }
    return {
      result: 'pass', summary: open.length === 0 ? 'no issue is open' : `none of ${severity} or worse is open`, data,
    }
  },

  outputs(_input, evidence) {
    const issues = evidence.result === 'not_checked' ? [] : (evidence.data as never as readonly Row[])
    return { count: issues.length, issues: issues as never }
  },
})
