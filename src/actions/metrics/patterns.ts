import { defineProbe } from '../../contract.ts'
import { measure } from '../../metrics/measure.ts'
import type { Reading } from '../../metrics/metric.ts'
import type { Evidence } from '../../model.ts'
import { groundOf, MEASURES, metricsOf, TENANT, windowOf } from './_common.ts'

/** Errors by their signature: which are new. */
export default defineProbe({
  title: 'Groups errors by signature and names those that were not there before.',
  example: { tenant: 'acme', metric: 'errors', measures: null, last_hours: 24, before_hours: 168 },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant', 'metric', 'last_hours', 'before_hours'],
    properties: {
      tenant: TENANT,
      metric: { type: 'string', minLength: 1, description: 'Name of a metric of kind groups.' },
      measures: MEASURES,
      last_hours: { type: 'number', exclusiveMinimum: 0, description: 'What is looked at: the hours up to now.' },
      before_hours: {
        type: 'number', exclusiveMinimum: 0, description: 'What it is compared with: so many hours before those.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['new', 'known'],
    properties: { new: { type: 'array', items: { type: 'string' } }, known: { type: 'integer' } },
  },
  touches: 'nothing',
  // What was seen of a time stays so; another time is another input.
  max_age_ms: null,

  async probe(read, input): Promise<Evidence> {
    const metric = metricsOf(input.measures)?.[input.metric]
    if (metric === undefined) {
      return { result: 'not_checked', reason: `the config names no source: metrics.${input.metric}` }
    }
    const window = await windowOf(read, input)
    if (window === null) return { result: 'not_checked', reason: 'its time has not begun' }
    const from = new Date(Date.parse(window.from) - input.before_hours * 3_600_000).toISOString()
    const asked = { tenant: input.tenant, window }
    const now = signatures(await measure(metric, asked, groundOf(read)))
    const before = signatures(await measure(metric, { ...asked, window: { from, to: window.from } }, groundOf(read)))
    if (now === null || before === null) {
      return { result: 'not_checked', reason: `metrics.${input.metric} is not of kind groups` }
    }
    const fresh = [...now].filter(([signature]) => !before.has(signature))
    const data = { new: fresh.map(([signature]) => signature), known: now.size - fresh.length }
    if (fresh.length === 0) {
      const summary = now.size === 0 ? 'no errors' : `${now.size} kinds of error, all known from before`
      return { result: 'pass', summary, data }
    }
    const named = fresh.slice(0, 5).map(([signature, count]) => `${signature} (${count})`).join(', ')
    return { result: 'warn', summary: `new: ${named}${fresh.length > 5 ? ` and ${fresh.length - 5} more` : ''}`, data }
  },

  outputs: (_input, evidence) =>
    evidence.result === 'not_checked' ? { new: [], known: 0 } : (evidence.data as { new: string[]; known: number }),
})

function signatures(reading: Reading): ReadonlyMap<string, number> | null {
  if (reading.kind === 'none') return new Map()
  return reading.kind === 'groups' ? new Map(reading.groups.map(({ signature, count }) => [signature, count])) : null
}
