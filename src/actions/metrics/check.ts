import { defineProbe } from '../../contract.ts'
import { judgeAll } from '../../metrics/measure.ts'
import { worst } from '../../metrics/judge.ts'
import type { Judgement } from '../../metrics/metric.ts'
import type { Evidence, Json } from '../../model.ts'
import { FROM, groundOf, LAST_HOURS, MEASURES, metricsOf, TENANT, TO, windowOf, ZONE } from './_common.ts'

/** Metrics against their targets and alert lines, or only whether there is an answer for each. */
export default defineProbe({
  title: "Measures a tenant's metrics and holds them against the thresholds of the runbook.",
  example: { tenant: 'acme', metrics: ['login_success', 'error_rate'], measures: null, last_hours: 24 },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant', 'metrics'],
    properties: {
      tenant: TENANT,
      metrics: {
        type: 'array', minItems: 1, items: { type: 'string', 'x-names': 'metric' },
        description: 'Names of metrics, as under thresholds of the runbook.',
      },
      measures: MEASURES,
      from: FROM,
      to: TO,
      last_hours: LAST_HOURS,
      time_zone: ZONE,
      seats: { type: 'integer', minimum: 1, description: 'Users sold: how many tickets are to be expected.' },
      tickets_per_seat_per_day: {
        type: 'number', exclusiveMinimum: 0,
        description: 'As seen in past onboardings: config.?hypercare.?tickets_per_seat_per_day.',
      },
      expect: {
        type: 'string', enum: ['on_target', 'an_answer'], default: 'on_target',
        description: 'an_answer: whatever it is, each source must give one.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['state', 'shown'],
    properties: {
      state: { type: 'string', description: 'ok, warn, few or alert: the worst of them.' },
      shown: { type: 'array', items: { type: 'string' }, description: 'A line for each metric.' },
    },
  },
  touches: 'nothing',
  // What was seen of a time stays so; another time is another input.
  max_age_ms: null,

  async probe(read, input): Promise<Evidence> {
    const metrics = metricsOf(input.measures)
    const unnamed = input.metrics.filter((id) => metrics?.[id] === undefined)
    if (unnamed.length > 0) {
      const reason = `the config names no source of ${unnamed.join(', ')} (metrics.${unnamed[0]})`
      return { result: 'not_checked', reason }
    }
    const window = await windowOf(read, input)
    if (window === null) return { result: 'not_checked', reason: 'its time has not begun' }
    const { seats, tickets_per_seat_per_day: each } = input
    const expected = seats === undefined || each === undefined ? null : seats * each
    const question = {
      ids: input.metrics, metrics, thresholds: read.thresholds, tenant: input.tenant, window,
      zone: input.time_zone ?? 'UTC', expected,
    }
    return verdict(await judgeAll(question, groundOf(read)), input.expect ?? 'on_target', window)
  },

  outputs: (_input, evidence) => {
    const { state, judgements } = (evidence.result === 'not_checked' ? {} : evidence.data) as {
      state?: string
      judgements?: readonly Judgement[]
    }
    return { state: state ?? 'few', shown: (judgements ?? []).map(line) }
  },
})

/** Where a source gave no answer, nothing is said to pass; an alert is one whatever else was not seen. */
function verdict(
  judgements: readonly Judgement[], expect: 'on_target' | 'an_answer',
  window: { readonly from: string; readonly to: string },
): Evidence {
  const state = worst(judgements.map((one) => one.state))
  const data = { state, window, judgements } as unknown as Json
  const missing = judgements.filter((one) => one.state === 'unmeasured')
  if (expect === 'an_answer') {
    return missing.length > 0
      ? { result: 'fail', summary: missing.map(line).join('; '), data }
      : { result: 'pass', summary: judgements.map(line).join('; '), data }
  }
  if (state === 'unmeasured') return { result: 'not_checked', reason: missing.map(line).join('; ') }
  const summary = judgements.filter((one) => state === 'ok' || one.state !== 'ok').map(line).join('; ')
  return { result: state === 'ok' ? 'pass' : state === 'alert' ? 'fail' : 'warn', summary, data }
}

function line({ title, state, shown, notes }: Judgement): string {
  return `${title}: ${shown}${state === 'ok' ? '' : ` [${state}]`}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`
}
