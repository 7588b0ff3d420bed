import { defineProbe } from '../../contract.ts'
import { judge, written } from '../../metrics/judge.ts'
import { quantile } from '../../metrics/statistics.ts'
import type { Evidence } from '../../model.ts'
import { NO_PAGE } from '../_findings.ts'

/** The response time that 95 of 100 requests stay within. */
export default defineProbe({
  title:
    'Asks a page several times, one after the other, '
    + 'and holds the 95th percentile of its response time against the threshold.',
  example: { url: 'https://app.vendor.example', samples: 40, threshold: 'response_p95' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['threshold'],
    properties: {
      url: { type: 'string', minLength: 1, description: 'What is asked. Left out: not checked.' },
      samples: {
        type: 'integer', minimum: 20, maximum: 1000, default: 40,
        description: 'How often; fewer than 20 say nothing of a 95th percentile.',
      },
      threshold: {
        type: 'string',
        minLength: 1,
        'x-names': 'threshold',
        description: 'Name of a threshold of the runbook, in milliseconds.',
      },
    },
  },
  output: {
    type: 'object', additionalProperties: false, required: ['p95_ms'], properties: { p95_ms: { type: 'number' } },
  },
  touches: 'nothing',
  max_age_ms: 24 * 3_600_000,

  async probe(read, { url, samples = 40, threshold }): Promise<Evidence> {
    if (url === undefined) return NO_PAGE
    const ask = () => read.http({ url, method: 'GET', timeout_ms: 10_000, redirects: 0 })
    await ask() // opens the connection, which is no part of a response
    const line = read.thresholds.find(({ id }) => id === threshold)
    if (line === undefined) return { result: 'not_checked', reason: `the runbook has no threshold '${threshold}'` }
    const times: number[] = []
    for (let i = 0; i < samples; i++) {
      const { status, ms } = await ask()
      if (status >= 500) {
        return { result: 'fail', summary: `request ${i + 1} of ${samples} was answered by ${status}`, data: null }
      }
      times.push(ms)
    }
    const p95 = quantile(times, 0.95)
    const within = times.filter((ms) => ms < line.target).length
    const { state, shown, notes } = judge(line, { kind: 'quantile', value: p95, samples, within })
    if (state === 'few') return { result: 'not_checked', reason: `${shown}: ${notes.join(', ')}` }
    const data = { p95_ms: p95, median_ms: quantile(times, 0.5), slowest_ms: Math.max(...times), samples }
    return {
      result: state === 'ok' ? 'pass' : state === 'alert' ? 'fail' : 'warn',
      summary: `95 % of ${samples} within ${written(p95)} ${line.unit}`, data,
    }
  },

  outputs: (_input, evidence) => ({
    p95_ms: evidence.result === 'not_checked' ? 0 : Number((evidence.data as { p95_ms?: number } | null)?.p95_ms ?? 0),
  }),
})
