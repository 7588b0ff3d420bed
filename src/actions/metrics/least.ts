import { defineProbe } from '../../contract.ts'
import { measure } from '../../metrics/measure.ts'
import type { Evidence } from '../../model.ts'
import { FROM, groundOf, LAST_HOURS, MEASURES, metricsOf, TENANT, TO, windowOf, ZONE } from './_common.ts'

/** A count that must be reached. */
export default defineProbe({
  title:
    'Counts, over some time, and checks that there were enough of the users sold: those who were active, for instance.',
  example: {
    tenant: 'acme', metric: 'active_users', measures: null, seats: 100, least_percent: 20, from: '2027-02-15',
    to: '2027-02-17',
  },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['tenant', 'metric', 'seats'],
    properties: {
      tenant: TENANT,
      metric: { type: 'string', minLength: 1, description: 'Name of a metric of kind count.' },
      measures: MEASURES,
      seats: { type: 'integer', minimum: 1, description: 'Users sold.' },
      least_percent: {
        type: 'number', exclusiveMinimum: 0, maximum: 100,
        description: 'As many of them there must be, in per cent. Left out: not checked.',
      },
      from: FROM,
      to: TO,
      last_hours: LAST_HOURS,
      time_zone: ZONE,
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['count'],
    properties: { count: { type: 'integer', description: 'How many were counted.' } },
  },
  touches: 'nothing',
  // What was seen of a time stays so; another time is another input.
  max_age_ms: null,

  async probe(read, input): Promise<Evidence> {
    const metric = metricsOf(input.measures)?.[input.metric]
    if (metric === undefined) {
      return { result: 'not_checked', reason: `the config names no source: metrics.${input.metric}` }
    }
    if (input.least_percent === undefined) {
      return { result: 'not_checked', reason: 'the config does not say how many are enough (adoption)' }
    }
    const window = await windowOf(read, input)
    if (window === null) return { result: 'not_checked', reason: 'its time has not begun' }
    const reading = await measure(metric, { tenant: input.tenant, window }, groundOf(read))
    if (reading.kind === 'none') return { result: 'not_checked', reason: 'the source has nothing for this time' }
    if (reading.kind !== 'count') {
      return { result: 'not_checked', reason: `metrics.${input.metric} is a ${reading.kind}, no count` }
    }
    const least = Math.ceil((input.seats * input.least_percent) / 100)
    const summary = `${reading.count} of ${input.seats} users; at least ${least} are wanted`
    return {
      result: reading.count >= least ? 'pass' : 'fail', summary, data: { count: reading.count, window: { ...window } },
    }
  },

  outputs: (_input, evidence) => ({
    count: evidence.result === 'not_checked' ? 0 : Number((evidence.data as { count: number }).count),
  }),
})
