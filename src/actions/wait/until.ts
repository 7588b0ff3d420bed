import { defineProbe } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'

/** A day, or an instant, that has to come first. */
export default defineProbe({
  title: 'Waits for a day, or for an instant.',
  example: { date: '${{ handoff.dates.contract_start }}', reason: 'The contract begins on that day.' },
  input: {
    type: 'object',
    additionalProperties: false,
    required: ['reason'],
    properties: {
      date: { type: 'string', format: 'date', description: "The day, where the vendor is: the config's time zone." },
      instant: { type: 'string', format: 'date-time', description: 'Or the instant, such as 2027-03-01T08:00:00Z.' },
      reason: { type: 'string', minLength: 1, description: 'What it is waited for.' },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['until'],
    properties: { until: { type: 'string', description: 'The day or the instant that has come.' } },
  },
  touches: 'nothing',
  max_age_ms: null,
  due: until,
  // The engine asks only once that has come.
  probe: async (_read, input) => ({
    result: 'pass', summary: `${until(input)} has come`, data: { until: until(input) },
  }),
  outputs: (input) => ({ until: until(input) }),
})

interface Given {
  readonly date?: string
  readonly instant?: string
}

/** The one of the two that is given; throws invalid where that is neither or both, or no real day or instant. */
function until({ date, instant }: Given): string {
  if ((date === undefined) === (instant === undefined)) throw unfit('either date or instant is needed')
  if (date !== undefined) {
    const time = Date.parse(`${date}T00:00:00Z`)
    const isDay = !Number.isNaN(time) && new Date(time).toISOString().slice(0, 10) === date
    if (!isDay) throw unfit(`${date} is no day of the calendar`)
    return date
  }
  const given = String(instant)
  if (!/T.+(?:Z|[+-]\d\d:\d\d)$/.test(given) || Number.isNaN(Date.parse(given))) {
    throw unfit(`${given} is no instant such as 2027-03-01T08:00:00Z`)
  }
  return given
}

function unfit(message: string): OnboardError {
  return new OnboardError(
    'invalid', 'step-input', `wait.until: ${message}`, { suggestions: ['onboard action show wait.until'] },
  )
}
