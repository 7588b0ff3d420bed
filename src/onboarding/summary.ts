/** One line of the list of onboardings, as it stands on a day. Pure. */
import { healthOf, type Health } from './health.ts'
import { dueByNames, type DatedPhase, type Lasting, type LastingDates, type LastingWait } from './kept.ts'
import { datesOf, type Dates } from './schedule.ts'
import { spansOf, type Span } from './windows.ts'
import type { Phase } from '../model.ts'

export interface Summary {
  readonly onboarding: string
  readonly company: string
  readonly runbook: string
  /** The phase that it is in; null when all is done. */
  readonly phase: string | null
  readonly done: number
  readonly total: number
  /** What keeps it where it is: the first step that failed, else that is ready, else that waits for a person. */
  readonly state: Lasting['state']
  /** Dates, `YYYY-MM-DD`; null where the handoff names no go-live. */
  readonly go_live: string | null
  /** When it went live, or can. */
  readonly forecast: string | null
  readonly health: Health
  readonly why: readonly string[]
  /** Whom or what it waits for; null: for nobody. */
  readonly waits: string | null
  readonly next: string | null
}

/**
 * Dates of a day, by what lasts of each onboarding and the phases of the runbook that it pins; null where no go-live is
 * named.
 */
export function datesOn(
  today: string, holidays: readonly string[],
): (lasting: Lasting, phases: readonly DatedPhase[]) => Dates | null {
  const spans = new Map<readonly DatedPhase[], Map<string, readonly Span[]>>()
  const spansFor = (phases: readonly DatedPhase[], { named }: LastingDates): readonly Span[] => {
    const known = spans.get(phases) ?? new Map<string, readonly Span[]>()
    spans.set(phases, known)
    const id = JSON.stringify(named)
    const found = known.get(id) ?? spansOf(phases as readonly Phase[], dueByNames(named, holidays)).map(remembered)
    known.set(id, found)
    return found
  }
  return ({ dates }, phases) => (dates === null ? null : datesFor(dates, spansFor(phases, dates), today, holidays))
}

/** By when a step that waits is planned to be done: its own day, or the end of its phase; null where nobody says. */
export function dueDate({ step, own, due }: LastingWait, dates: Dates | null): string | null {
  return own ? due : plannedEnd(step, dates)
}

/** When the phase of a step is planned to end. */
export function plannedEnd(step: string, dates: Dates | null): string | null {
  const phase = step.slice(0, step.indexOf('.'))
  return dates?.phases.find(({ id }) => id === phase)?.planned.end ?? null
}

/** Summaries of a day, by what lasts of each onboarding and the phases of the runbook that it pins. */
export function summariesOn(
  today: string, holidays: readonly string[],
): (lasting: Lasting, phases: readonly DatedPhase[]) => Summary {
  const datesFrom = datesOn(today, holidays)
  return (lasting, phases) => {
    const { onboarding, company, runbook, phase, done, total, state, signs } = lasting
    const schedule = datesFrom(lasting, phases)
    const waiting = lasting.waiting.map((one) => {
      const due = dueDate(one, schedule)
      return { ...one, overdue: due !== null && due < today }
    })
    const overdue = waiting.filter((one) => one.overdue)
    const inTurn = [...overdue, ...waiting.filter((one) => !one.overdue)]
    return {
      onboarding, company, runbook, phase, done, total, state,
      go_live: schedule?.go_live ?? null,
      forecast: schedule === null ? null : (schedule.live_on ?? schedule.forecast_go_live),
      ...(signs === null ? { health: 'green', why: [] } : healthOf(signs, schedule, overdue.length)),
      waits: inTurn[0]?.for.join(' or ') ?? lasting.dated, next: inTurn.find(({ asks }) => asks)?.next ?? lasting.next,
    }
  }
}

function datesFor(
  { actual, ...days }: LastingDates, spans: readonly Span[], today: string, holidays: readonly string[],
): Dates {
  const [since, until] = days.holds.at(-1) ?? []
  const held = since !== undefined && until === null ? { since, until, by: null, reason: null } : null
  return datesOf({ ...days, spans, held, actual: new Map(actual) }, today, holidays)
}

/** The same span, which reckons for each go-live once. */
function remembered(span: Span): Span {
  return { ...span, begins: once(span.begins), lasts: once(span.lasts) }
}

function once(reckon: (goLive: string) => string | null): (goLive: string) => string | null {
  const known = new Map<string, string | null>()
  return (goLive) => {
    const before = known.get(goLive)
    if (before !== undefined) return before
    const made = reckon(goLive)
    known.set(goLive, made)
    return made
  }
}
