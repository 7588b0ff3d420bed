import type { Advice } from './advice.ts'
import { decisionsOf } from './decisions.ts'

export const decisionOverlap: Advice = {
  name: 'decision-overlap',
  level: 'warning',
  finds: 'Two rows of a decision table, with conditions and different outcomes, that hold for the same combination.',
  instead: 'The first one counts, which a reader may not see. Make the conditions exclude one another.',
  check({ draft, say }) {
    for (const { draft: one, outcomes, conditions } of decisionsOf(draft)) {
      // Limits that fall from row to row are how a table of numbers is read.
      if (!conditions.exact || conditions.ranges) continue
      for (const [later, outcome] of outcomes.entries()) {
        if (conditions.rows.every(({ truths }) => truths[later] === true)) continue
        for (let earlier = 0; earlier < later; earlier++) {
          if (outcomes[earlier] === outcome) continue
          const hold = (truths: readonly boolean[]): boolean => truths[earlier] === true && truths[later] === true
          const both = conditions.rows.findIndex(({ truths }) => hold(truths))
          const covered = conditions.rows.every(({ truths }) => truths[later] !== true || truths.indexOf(true) < later)
          if (both === -1 || covered) continue
          const { words } = conditions.words(both, hold)
          const message = `row ${earlier + 1} holds as well where ${words}, and counts there`
          say(one.phase.document, [...one.path, 'with', 'rows', later], message)
          break
        }
      }
    }
  },
}
