import type { Advice } from './advice.ts'

export const thresholdOrder: Advice = {
  name: 'threshold-order',
  level: 'error',
  finds: 'A threshold whose alert lies on the good side of its target.',
  instead: 'It would alert while all is well. Good high: alert at or below target; good low: at or above it.',
  check({ draft, say }) {
    for (const { written, path } of draft.thresholds) {
      const { good, target, alert } = written
      if (typeof target !== 'number' || typeof alert !== 'number') continue
      if (good === 'high' && alert > target) {
        say(
          draft.document, [...path, 'alert'],
          `more is better, yet the alert at ${alert} is above the target of ${target}`,
        )
      }
      if (good === 'low' && alert < target) {
        say(
          draft.document, [...path, 'alert'],
          `less is better, yet the alert at ${alert} is below the target of ${target}`,
        )
      }
    }
  },
}
