import type { Advice } from './advice.ts'
import { earliest, momentOf } from './timing.ts'

export const milestoneEarly: Advice = {
  name: 'milestone-early',
  level: 'error',
  finds: 'A milestone that is due before the phases of its steps can have ended, by their shortest durations.',
  instead: 'It would be missed for every customer. Move its date, or shorten what comes before.',
  check({ draft, say }) {
    for (const { milestone, path } of draft.milestones) {
      const due = momentOf(milestone.by)
      if (due === undefined) continue
      const start = earliest(draft, due.base)
      for (const name of milestone.holds) {
        const phase = draft.phases.find((one) => one.phase.id === name.split('.')[0])
        const begins = phase && start(phase.phase.id)
        if (phase === undefined || begins === undefined) continue
        const ends = begins + Math.max((phase.phase.duration?.min ?? 1) - 1, 0)
        if (due.days >= ends) continue
        const message = `due ${day(due.days, due.base)}, but phase '${phase.phase.id}' cannot end before ${day(ends, due.base)}`
        say(draft.document, [...path, 'by'], message)
        break
      }
    }
  },
}

function day(days: number, base: string): string {
  const count = Math.abs(days)
  return count === 0 ? `on ${base}` : `${count} business day${count === 1 ? '' : 's'} ${days < 0 ? 'before' : 'after'} ${base}`
}
