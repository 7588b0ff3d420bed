import type { Advice } from './advice.ts'
import { conditionOf } from './when.ts'

export const whenNever: Advice = {
  name: 'when-never',
  level: 'error',
  finds:
    'A when: that is false for every combination of the enums, booleans and ranges of numbers it reads (up to 4,096).',
  instead: 'The step would be skipped for every customer. Correct the condition, or take the step out.',
  check({ draft, say }) {
    for (const one of draft.phases.flatMap(({ steps }) => steps)) {
      const condition = conditionOf(draft, one)
      if (condition === undefined || condition.rows.some(({ truths }) => truths[0] === true)) continue
      const { variables, rows: { length } } = condition
      const tried =
        variables === 0 ? '' : length === 1 ? ', whatever it reads' : ` (all ${length} combinations of what it reads)`
      say(one.phase.document, [...one.path, 'when'], `this is never true${tried}: the step would always be skipped`)
    }
  },
}
