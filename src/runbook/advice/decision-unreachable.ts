import type { Advice } from './advice.ts'
import { decisionsOf } from './decisions.ts'

export const decisionUnreachable: Advice = {
  name: 'decision-unreachable',
  level: 'error',
  finds: 'A row of a decision table that never counts, because it never holds or rows before it hold whenever it does.',
  instead: 'Its outcome would never come. Move it up, correct its condition, or take it out.',
  check({ draft, say }) {
    for (const { draft: one, outcomes, conditions } of decisionsOf(draft)) {
      outcomes.forEach((_, row) => {
        const counts = conditions.rows.some(({ truths }) => truths.indexOf(true) === row)
        if (counts) return
        const holds = conditions.rows.some(({ truths }) => truths[row] === true)
        const why = holds ? 'a row before it holds whenever it does' : 'its condition is never true'
        say(one.phase.document, [...one.path, 'with', 'rows', row], `this row never counts: ${why}`)
      })
    }
  },
}
