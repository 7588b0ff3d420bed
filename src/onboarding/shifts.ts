/** Why dates are not those that were planned first: one sentence for each cause. */
import type { EntryKind } from '../engine/ports.ts'
import { lastSettling } from './actual.ts'
import { businessDaysBetween, daysBetween } from './calendar.ts'
import type { Dates, Known } from './schedule.ts'
import type { Span } from './windows.ts'

export interface Shift {
  /** The phase that moved; null: the onboarding. */
  readonly phase: string | null
  /** Later: more than 0. Calendar days of a go-live that was moved, else business days. */
  readonly days: number
  readonly text: string
}

interface Calendar {
  on(instant: string): string
  readonly working: ReadonlySet<string>
}

const SETTLED: Readonly<Partial<Record<EntryKind, string>>> = {
  signed: 'was signed', done: 'was done', probed: 'passed', waived: 'was waived', skipped: 'was skipped',
}

/** Each move, each hold, and each phase that is later than those before it account for. */
export function shiftsOf(dates: Dates, spans: readonly Span[], known: Known, calendar: Calendar): readonly Shift[] {
  return [...moves(known), ...holds(dates, known, calendar), ...latePhases(dates, spans, known), ...lateGoLive(dates)]
}

function moves({ times }: Known): Shift[] {
  return times.moves.filter(({ from, to }) => from !== to).map(({ from, to, by, reason }) => {
    const days = daysBetween(from, to)
    const far = `${counted(Math.abs(days))} ${days > 0 ? 'later' : 'earlier'}`
    return { phase: null, days, text: `go-live moved ${far}, to ${to}, by ${by ?? '(erased)'}${because(reason)}` }
  })
}

function holds({ today }: Pick<Dates, 'today'>, { times }: Known, { on, working }: Calendar): Shift[] {
  return times.holds.flatMap(({ since, until, by, reason }) => {
    const [from, to] = [on(since), until === null ? today : on(until)]
    const days = businessDaysBetween(from, to, working)
    const by_ = `by ${by ?? '(erased)'}${because(reason)}`
    if (until === null) return [{ phase: null, days, text: `held since ${from} ${by_}` }]
    if (days === 0) return []
    return [{ phase: null, days, text: `held for ${counted(days, 'business day')}, ${from} to ${to}, ${by_}` }]
  })
}

function latePhases(dates: Dates, spans: readonly Span[], known: Known): Shift[] {
  const late = new Map(dates.phases.map((phase) => [phase.id, phase.late]))
  return dates.phases.flatMap((phase): Shift[] => {
    const span = spans.find(({ id }) => id === phase.id)
    const inherited = Math.max(
      0, ...(span?.needs ?? []).map((need) => late.get(need) ?? 0), span?.after ? dates.late : 0,
    )
    const days = phase.late - inherited
    if (days <= 0) return []
    const by = `planned by ${phase.planned.end}`
    const last = phase.actual.end === null ? undefined : lastSettling(known.actual.get(phase.id))
    if (last !== undefined) {
      const how = `${last.step} ${SETTLED[last.how] ?? 'was done'} on ${phase.actual.end}`
      return [{ phase: phase.id, days, text: `${phase.id} moved ${counted(days)}: ${how}, ${by}` }]
    }
    const open = known.open.get(phase.id) ?? 'not done yet'
    return [{ phase: phase.id, days, text: `${phase.id} moves ${counted(days)}: ${open}, ${by}` }]
  })
}

function lateGoLive({ late, go_live, forecast_go_live, live_on }: Dates): Shift[] {
  if (late === 0) return []
  if (live_on !== null) {
    const text = `live on ${live_on}, ${counted(late, 'business day')} after ${go_live}`
    return [{ phase: null, days: late, text }]
  }
  const text = `go-live on ${go_live} does not leave time for what is left; the earliest is ${forecast_go_live}`
  return [{ phase: null, days: late, text }]
}

function because(reason: string | null): string {
  return reason === null ? '' : `: ${reason}`
}

function counted(days: number, what = 'day'): string {
  return `${days} ${what}${days === 1 ? '' : 's'}`
}
