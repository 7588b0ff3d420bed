/** The dates of an onboarding: as first planned, as planned now, as they were, as they will be; and why they moved. */
import { heldBy, type Hold, type Times } from '../engine/times.ts'
import type { Phase } from '../model.ts'
import { lastSettling, type PhaseActual } from './actual.ts'
import { addDays, businessDaysBetween, dateIn } from './calendar.ts'
import { forecast, type Actual } from './forecast.ts'
import { shiftsOf, type Shift } from './shifts.ts'
import { idle, planned, spansOf, type DueAt, type Span, type Window } from './windows.ts'

export interface PhaseSchedule {
  readonly id: string
  /** As when the handoff was accepted. */
  readonly baseline: Window
  /** With go-live as it was moved since, and without the days on which it was held. */
  readonly planned: Window
  readonly actual: { readonly start: string | null; readonly end: string | null }
  readonly forecast: Window
  /** Business days by which it ends, or ended, later than planned. */
  readonly late: number
  /** Business days since it was to have ended; 0 where it has, or is not to have yet. */
  readonly overdue: number
}

export interface Schedule {
  /** The day on which the handoff was accepted. */
  readonly accepted: string
  readonly today: string
  readonly baseline_go_live: string
  readonly go_live: string
  readonly forecast_go_live: string
  readonly live_on: string | null
  /** Business days from the go-live agreed to that foreseen. */
  readonly late: number
  /** When all will be done. */
  readonly ends: string
  readonly held: Hold | null
  /** Of those in which there is something to do. */
  readonly phases: readonly PhaseSchedule[]
  readonly shifts: readonly Shift[]
}

/** What the dates are reckoned from. */
export interface Known {
  readonly phases: readonly Phase[]
  /** Ids of those whose every step is settled. */
  readonly done: ReadonlySet<string>
  /** Of these the ones in which there is nothing to do. */
  readonly idle: ReadonlySet<string>
  readonly actual: ReadonlyMap<string, PhaseActual>
  /** By phase: the step that holds it up, and what it waits for. */
  readonly open: ReadonlyMap<string, string>
  readonly times: Times
  readonly due: DueAt
  /** The go-live that holds. */
  readonly go_live: string
  /** Instant of acceptance. */
  readonly accepted_at: string
  readonly today: string
  readonly time_zone: string
  readonly holidays: readonly string[]
}

/** What the dates are reckoned from, as far as it lasts: days alone, and nothing that tomorrow changes by itself. */
export interface Dated {
  /** Of each phase, in their order. */
  readonly spans: readonly Span[]
  readonly actual: ReadonlyMap<string, Actual>
  readonly accepted: string
  readonly baseline_go_live: string
  readonly go_live: string
  readonly live_on: string | null
  /** From a day up to another; null: it lasts. */
  readonly holds: readonly (readonly [since: string, until: string | null])[]
  readonly held: Hold | null
}

export type Dates = Omit<Schedule, 'shifts'>

export function scheduleOf(known: Known): Schedule {
  const dated = datedOf(known)
  const dates = datesOf(dated, known.today, known.holidays)
  const on = (instant: string): string => dateIn(instant, known.time_zone)
  const shifts = shiftsOf(dates, dated.spans, known, { on, working: new Set(known.holidays) })
  return { ...dates, phases: dates.phases.filter(({ id }) => !known.idle.has(id)), shifts }
}

export function datedOf(known: Known): Dated {
  const { times, go_live, time_zone } = known
  const on = (instant: string): string => dateIn(instant, time_zone)
  return {
    spans: spansOf(known.phases, known.due),
    actual: new Map(known.phases.map(({ id }) => {
      const found = known.actual.get(id)
      const last = lastSettling(found)
      return [id, {
        first: found?.began ? on(found.began) : null, last: last === undefined ? null : on(last.at),
        done: known.done.has(id), ...(known.idle.has(id) ? { idle: true as const } : {}),
      }] as const
    })),
    accepted: on(known.accepted_at), baseline_go_live: times.moves[0]?.from ?? go_live, go_live,
    live_on: times.live_at === null ? null : on(times.live_at),
    holds: times.holds.map(({ since, until }) => [on(since), until === null ? null : on(until)] as const),
    held: heldBy(times),
  }
}

/** The dates as they stand on a day. */
export function datesOf(dated: Dated, today: string, holidays: readonly string[]): Dates {
  const { actual, accepted, baseline_go_live, go_live, live_on, held } = dated
  const spans = dated.spans.map((span) => (actual.get(span.id)?.idle ? idle(span) : span))
  const working = new Set(holidays)
  const paused = dated.holds.flatMap(([since, until]) => daysOf(since, until ?? addDays(today, 1)))
  const off = new Set([...holidays, ...paused])
  const baseline = planned(spans, accepted, baseline_go_live, working)
  const isAsFirst = go_live === baseline_go_live && off.size === working.size
  const plan = isAsFirst ? baseline : planned(spans, accepted, go_live, off)
  const none = { first: null, last: null, done: false }
  const foreseen = forecast(spans, (id) => actual.get(id) ?? none, { today, go_live, live_on, off })
  const phases = spans.map(({ id }): PhaseSchedule => {
    const [before, now, then] = [baseline, plan, foreseen.windows]
      .map((windows) => windows.get(id) as Window) as [Window, Window, Window]
    const { first, last, done } = actual.get(id) ?? none
    return {
      id, baseline: before, planned: now, forecast: then,
      actual: { start: first, end: done ? last : null },
      late: Math.max(0, businessDaysBetween(now.end, then.end, off)),
      overdue: done ? 0 : Math.max(0, businessDaysBetween(now.end, today, off)),
    }
  })
  return {
    accepted, today, baseline_go_live, go_live, live_on,
    forecast_go_live: foreseen.go_live,
    late: Math.max(0, businessDaysBetween(go_live, foreseen.go_live, off)),
    ends: phases.reduce((a, { forecast: { end } }) => (end > a ? end : a), foreseen.go_live),
    held,
    phases,
  }
}

function daysOf(from: string, to: string): string[] {
  const days: string[] = []
  for (let at = from; at < to; at = addDays(at, 1)) days.push(at)
  return days
}
