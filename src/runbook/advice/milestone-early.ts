import type { Draft, DraftPhase, DraftStep } from '../draft.ts'
import type { Advice } from './advice.ts'
import { earliest, momentOf, startOf } from './timing.ts'

export const milestoneEarly: Advice = {
  name: 'milestone-early',
  level: 'error',
  inOrder: true,
  finds:
    'A milestone that is due before its steps can be done: '
    + 'before their own days, or the shortest duration of their phase.',
  instead: 'It would be missed for every customer. Move its date, or shorten what comes before.',
  check({ draft, say }) {
    const steps = new Map(
      draft.phases.flatMap((phase) => phase.steps.map((one) => [`${phase.phase.id}.${one.step.id}`, one])),
    )
    for (const { milestone, path } of draft.milestones) {
      for (const name of milestone.holds) {
        const one = steps.get(name)
        const calendar = one?.phase.phase.days === 'calendar'
        const due = momentOf(milestone.by, 0, calendar)
        const end = one === undefined || due === undefined ? undefined : soonest(draft, one, due.base)
        if (due === undefined || end === undefined || due.days >= end.days) continue
        const said = (days: number): string => day(days, due.base, calendar)
        say(draft.document, [...path, 'by'], `due ${said(due.days)}, but ${end.what} before ${said(end.days)}`)
        break
      }
    }
  },
}

/** What cannot be before so many days after a date. */
interface Soonest {
  readonly days: number
  readonly what: string
}

/** When a step can be done at the soonest, in the days of its phase after `base`; undefined: nothing ties it to it. */
function soonest(draft: Draft, { step, phase }: DraftStep, base: string): Soonest | undefined {
  const begins = beginning(draft, phase, base)
  const own = startOf(phase, true, step.starts ?? null)
  const done = `step '${phase.phase.id}.${step.id}' cannot be done`
  const found: Soonest[] = []
  if (begins !== undefined) {
    const length = Math.max(phase.phase.duration?.min ?? 1, 1)
    const lastDay = Math.max(...(step.on ?? []).map((one) => one.day), 1)
    found.push({ days: begins + length - 1, what: `phase '${phase.phase.id}' cannot end` })
    found.push({ days: begins + lastDay - 1, what: done })
  }
  if (own?.base === base) found.push({ days: own.days, what: done })
  return found.reduce<Soonest | undefined>((a, b) => (a === undefined || b.days > a.days ? b : a), undefined)
}

function beginning(draft: Draft, phase: DraftPhase, base: string): number | undefined {
  if (phase.phase.days !== 'calendar') return earliest(draft, base)(phase.phase.id)
  const starts = startOf(phase, true)
  return starts?.base === base ? starts.days : undefined
}

function day(days: number, base: string, calendar: boolean): string {
  const count = Math.abs(days)
  const kind = calendar ? 'calendar day' : 'business day'
  if (count === 0) return `on ${base}`
  return `${count} ${kind}${count === 1 ? '' : 's'} ${days < 0 ? 'before' : 'after'} ${base}`
}
