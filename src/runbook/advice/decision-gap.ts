import type { Advice } from './advice.ts'
import { decisionsOf } from './decisions.ts'

export const decisionGap: Advice = {
  name: 'decision-gap',
  level: 'error',
  finds:
    'A decision table of which no row holds '
    + 'for some combination of the enums, booleans and ranges of numbers it reads.',
  instead: 'The step would fail for that customer. Add a row for it, or a last one without a condition.',
  check({ draft, say }) {
    for (const { draft: one, conditions } of decisionsOf(draft)) {
      if (!conditions.exact) continue
      const isGap = (truths: readonly boolean[]): boolean => !truths.includes(true)
      const gaps = conditions.rows.filter(({ truths }) => isGap(truths)).length
      if (gaps === 0) continue
      const { words, count } = conditions.words(conditions.rows.findIndex(({ truths }) => isGap(truths)), isGap)
      const more = gaps === count ? '' : `, and in ${gaps - count} more of ${conditions.rows.length} cases`
      const where = words === '' ? 'no row ever holds' : `no row holds where ${words}${more}`
      say(one.phase.document, [...one.path, 'with', 'rows'], where, 'key')
    }
  },
}
