import type { Draft, DraftPhase, DraftStep } from '../draft.ts'
import type { Advice } from './advice.ts'
import { earliest, momentOf, startOf } from './timing.ts'

export const milestoneEarly: Advice = {
  name: 'milestone-early',
  level: 'error',
  inOrder: true,
  finds: 'A milestone that is due before its steps can be done: before their own days, or the shortest duration of their phase.',
  instead: 'It would be missed for every customer. Move its date, or shorten what comes before.',
  check({ draft, say }) {
    const steps = new Map(draft.phases.flatMap((phase) => phase.steps.map((one) => [`${phase.phase.id}.${one.step.id}`, one])))
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

/** When a step can be done at the soonest, in the days of its phase after `base`; undefined: nothing ties it to that date. */
function soonest(draft: Draft, { step, phase }: DraftStep, base: string): { days: number; what: string } | undefined {
  const begins = beginning(draft, phase, base)
  const own = startOf(phase, true, step.starts ?? null)
  const done = `step '${phase.phase.id}.${step.id}' cannot be done`
  const found = [
    ...(begins === undefined ? [] : [
      { days: begins + Math.max((phase.phase.duration?.min ?? 1) - 1, 0), what: `phase '${phase.phase.id}' cannot end` },
      { days: begins + Math.max(...(step.on ?? []).map((one) => one.day), 1) - 1, what: done },
    ]),
    ...(own?.base === base ? [{ days: own.days, what: done }] : []),
  ]
  return found.reduce<(typeof found)[number] | undefined>((a, b) => (a === undefined || b.days > a.days ? b : a), undefined)
}

function beginning(draft: Draft, phase: DraftPhase, base: string): number | undefined {
  if (phase.phase.days !== 'calendar') return earliest(draft, base)(phase.phase.id)
  const starts = startOf(phase, true)
  return starts?.base === base ? starts.days : undefined
}

function day(days: number, base: string, calendar: boolean): string {
  const count = Math.abs(days)
  const kind = calendar ? 'calendar day' : 'business day'
  return count === 0 ? `on ${base}` : `${count} ${kind}${count === 1 ? '' : 's'} ${days < 0 ? 'before' : 'after'} ${base}`
}
