import type { Advice } from './advice.ts'
import { decisionsOf } from './decisions.ts'

export const decisionGap: Advice = {
  name: 'decision-gap',
  level: 'error',
  finds: 'A decision table of which no row holds for some combination of the enums, booleans and ranges of numbers it reads.',
  instead: 'The step would fail for that customer. Add a row for it, or a last one without a condition.',
  check({ draft, say }) {
    for (const { draft: one, conditions } of decisionsOf(draft)) {
      if (!conditions.exact) continue
      const gaps = conditions.rows.filter(({ truths }) => !truths.includes(true))
      const [first] = gaps
      if (first === undefined) continue
      const more = gaps.length === 1 ? '' : `, and in ${gaps.length - 1} more of ${conditions.rows.length} cases`
      const where = first.words === '' ? 'no row ever holds' : `no row holds where ${first.words}${more}`
      say(one.phase.document, [...one.path, 'with', 'rows'], where, 'key')
    }
  },
}
