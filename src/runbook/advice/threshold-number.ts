import type { Advice } from './advice.ts'

export const thresholdNumber: Advice = {
  name: 'threshold-number',
  level: 'error',
  finds: 'A threshold whose target or alert is missing or is not a number.',
  instead: 'Nobody can be alerted by "high" or "a spike". Write the number, and the unit beside it.',
  check({ draft, say }) {
    for (const { written, path } of draft.thresholds) {
      for (const key of ['target', 'alert']) {
        const value = written[key]
        if (typeof value === 'number') continue
        const name = typeof written['id'] === 'string' ? ` of '${written['id']}'` : ''
        if (value === undefined) {
          say(draft.document, path, `the ${key}${name} is missing: a number is needed to compare with`, 'key')
        } else if (typeof value === 'string') {
          say(draft.document, [...path, key], `'${value}' is not a number to compare with`)
        }
      }
    }
  },
}
