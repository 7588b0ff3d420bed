import type { Advice } from './advice.ts'

export const thresholdWindow: Advice = {
  name: 'threshold-window',
  level: 'warning',
  finds: 'A threshold that does not say over how long it is measured (window), or in what unit.',
  instead: 'One failed login in a minute and one in a week are not the same rate. Add window: 24h and a unit.',
  check({ draft, say }) {
    for (const { written, path } of draft.thresholds) {
      const missing = ['window', 'unit'].filter((key) => written[key] === undefined)
      if (missing.length === 0) continue
      const target = String(written['target'] ?? 'the target')
      const message = `${missing.join(' and ')} missing: what is ${target} measured in, and over how long?`
      say(draft.document, path, message, 'key')
    }
  },
}
