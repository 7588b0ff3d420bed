import { defineProbe } from '../../contract.ts'
import type { Json } from '../../model.ts'

type Row = {
  readonly number: number
  readonly title: string
  readonly severity: string
  readonly status: string
  readonly resolution: string | null
}

/** What went wrong in an onboarding, for documents: nobody copies it by hand. */
export default defineProbe({
  title: 'Lists all issues of the onboarding, open and resolved.',
  example: {},
  input: { type: 'object', additionalProperties: false, properties: {} },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['issues'],
    properties: {
      issues: {
        type: 'array',
        description: 'Open ones first, the worst before the others.',
        items: {
          type: 'object',
          additionalProperties: false,
          required: ['number', 'title', 'severity', 'status'],
          properties: {
            number: { type: 'integer' },
            title: { type: 'string' },
            severity: { type: 'string', enum: ['P0', 'P1', 'P2', 'P3'] },
            status: { type: 'string', enum: ['open', 'resolved'] },
            resolution: { type: 'string', description: 'Absent where it is open.' },
          },
        },
      },
    },
  },
  touches: 'nothing',
  max_age_ms: 60 * 60_000,
  async probe(read) {
    const rows = await read.many<Row>(
      `SELECT number, title, severity, status, resolution FROM onboard.issue
        WHERE onboarding = $1::uuid ORDER BY status, severity, number`,
      [read.onboarding.id],
    )
    const data = rows.map(({ resolution, ...row }) => ({ ...row, ...(resolution === null ? {} : { resolution }) }))
    return {
      result: 'pass', summary: rows.length === 1 ? '1 issue' : `${rows.length} issues`, data: data as unknown as Json,
    }
  },
  outputs: (_input, evidence) => ({ issues: (evidence.result === 'not_checked' ? [] : evidence.data) as never }),
})
