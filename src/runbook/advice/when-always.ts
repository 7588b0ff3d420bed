import type { Advice } from './advice.ts'
import { conditionOf } from './when.ts'

export const whenAlways: Advice = {
  name: 'when-always',
  level: 'warning',
  finds: 'A when: that is constant: it reads nothing, or is true whatever it reads.',
  instead: 'A condition that decides nothing hides what was meant. Leave it out, or correct it.',
  check({ draft, say }) {
    for (const one of draft.phases.flatMap(({ steps }) => steps)) {
      const condition = conditionOf(draft, one)
      if (condition === undefined || condition.rows.some(({ truths }) => truths[0] !== true)) continue
      const why = condition.variables === 0 ? 'it reads nothing that could change' : 'whatever it reads'
      say(one.phase.document, [...one.path, 'when'], `this is always true, ${why}: leave when out`)
    }
  },
}
