/** When phases are planned: how long each takes, what it needs, and what go-live leaves. Pure. */
import { isDateText } from '../dates.ts'
import { dueOf, plainValue, type Due } from '../runbook/dates.ts'
import type { JsonObject, Phase, Step } from '../model.ts'
import { addBusinessDays, addDays, latest, latestOf, takeBusinessDays } from './calendar.ts'

/** From a date up to another, both days of the phase. */
export interface Window {
  readonly start: string
  readonly end: string
}

export type Windows = ReadonlyMap<string, Window>

/** A phase as far as it takes time. */
export interface Span {
  readonly id: string
  readonly needs: readonly string[]
  readonly min: number
  readonly max: number
  readonly calendar: boolean
  /** It counts from go-live, or needs one that does: it is not among what must be done before. */
  readonly after: boolean
  /** Nothing is done in it: it takes no time, and what needs it goes by what it needs. */
  readonly idle?: true
  /** The date that it says it begins on, for a go-live; null: none, or it is not known. */
  begins(goLive: string): string | null
  /** The last date of its dated steps. */
  lasts(goLive: string): string | null
}

/** When a step may begin, were this the go-live. */
export type DueAt = (phase: Phase, step: Step, each: string | undefined, goLive: string) => Due | null

/** From the dates of the inputs that are named plainly; another expression is taken for no date. */
export function plainDue(handoff: JsonObject, config: JsonObject): DueAt {
  return (phase, step, each, goLive) => dueOf(phase, step, each, config, (at) => {
    const found = COUNTS.test(at) ? goLive : plainValue(at, { handoff, config, onboarding: {} })
    return typeof found === 'string' && isDateText(found) ? found : null
  })
}

const COUNTS = /\b(?:go_live|live_on)\b/

/** Spans in the order of the runbook, in which a phase comes after those it needs. */
export function spansOf(phases: readonly Phase[], due: DueAt): readonly Span[] {
  const after = new Set<string>()
  return phases.map((phase) => {
    const { id, needs, duration, starts, steps, days } = phase
    const counts = starts?.at !== undefined && COUNTS.test(starts.at)
    if (counts || needs.some((need) => after.has(need))) after.add(id)
    const dated = steps.filter(({ on, starts: own }) => on !== undefined || own !== undefined)
    const bare: Phase['steps'][number] | undefined = starts?.at === undefined ? undefined : undatedStep(steps[0])
    return {
      id, needs, min: duration?.min ?? 0, max: duration?.max ?? 0, calendar: days === 'calendar', after: after.has(id),
      begins: (goLive) => (bare === undefined ? null : (due(phase, bare, undefined, goLive)?.date ?? null)),
      lasts: (goLive) => latestOf(dated.flatMap((step) => (
        (step.on ?? [undefined]).map((one) => due(phase, step, one?.key, goLive)?.date ?? null)
      ))),
    }
  })
}

/** The same phase where there is nothing to do in it. */
export function idle(span: Span): Span {
  return { ...span, idle: true, min: 0, max: 0, begins: () => null, lasts: () => null }
}

/** A step without a day of its own. */
export function undatedStep(step: Step | undefined): Step | undefined {
  if (step === undefined) return undefined
  const { on: _on, starts: _starts, ...bare } = step
  return bare
}

/** So many days of a phase later. */
export function lengthened(
  date: string, days: number, { calendar }: Pick<Span, 'calendar'>, off: ReadonlySet<string>,
): string {
  return calendar ? addDays(date, days) : addBusinessDays(date, days, off)
}

function shortened(date: string, days: number, { calendar }: Pick<Span, 'calendar'>, off: ReadonlySet<string>): string {
  return calendar ? addDays(date, -days) : takeBusinessDays(date, days, off)
}

/** By when each phase before go-live has to have ended, so that those after it can still be done at their shortest. */
export function latestEnds(
  spans: readonly Span[], goLive: string, off: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const ends = new Map<string, string>()
  for (const span of spans.toReversed()) {
    if (span.after) continue
    const limits = spans.filter(({ needs }) => needs.includes(span.id)).map((next) => {
      if (next.after) return next.begins(goLive) ?? goLive
      return shortened(ends.get(next.id) ?? goLive, next.min, next, off)
    })
    ends.set(span.id, [goLive, ...limits].reduce((a, b) => (b < a ? b : a)))
  }
  return ends
}

/**
 * The plan: each phase begins when those it needs have ended, and not before its date; it takes its longest, as far as
 * go-live leaves room for that, and its shortest at least. `off`: days on which nothing is done.
 */
export function planned(spans: readonly Span[], from: string, goLive: string, off: ReadonlySet<string>): Windows {
  const limits = latestEnds(spans, goLive, off)
  const windows = new Map<string, Window>()
  for (const span of spans) {
    const before = latest(from, ...span.needs.map((need) => windows.get(need)?.end ?? null))
    const start = lengthened(latest(before, span.begins(goLive)), 0, span, off)
    const [shortest, longest] = [lengthened(start, span.min, span, off), lengthened(start, span.max, span, off)]
    const limit = limits.get(span.id) ?? longest
    const end = longest <= limit ? longest : latest(shortest, limit)
    windows.set(span.id, { start, end: latest(end, span.lasts(goLive)) })
  }
  return windows
}
