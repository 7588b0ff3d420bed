import type { JsonObject, Runbook } from '../model.ts'
import { addBusinessDays, businessDaysBetween } from './calendar.ts'
import { forecast } from './forecast.ts'
import { idle, plainDue, spansOf } from './windows.ts'

export interface Feasibility {
  /** Business days that the phases before go-live need at least, one after another where they depend on each other. */
  readonly business_days: number
  /** `YYYY-MM-DD` */
  readonly earliest_go_live: string
  readonly go_live: string
  readonly fits: boolean
}

/**
 * Whether what comes before go-live can be done by its date, each phase at its shortest, starting today; what has to be
 * done the day before go-live leaves that day. `without`: phases that take no time, as what is done, or is not wanted.
 * null where no phase says how long it takes.
 */
export function feasibility(
  runbook: Pick<Runbook, 'phases'>, goLive: string, today: string, holidays: readonly string[],
  handoff: JsonObject = {}, without: ReadonlySet<string> = new Set(),
): Feasibility | null {
  const all = spansOf(runbook.phases, plainDue(handoff, { holidays }))
  const spans = all.map((span) => (without.has(span.id) ? idle(span) : span))
  if (!runbook.phases.some(({ duration }, i) => duration !== null && spans[i]?.after === false)) return null
  const off = new Set(holidays)
  // Agreed for today, it is put off to the first date that leaves room.
  const start = addBusinessDays(today, 0, off)
  const nothing = { first: null, last: null, done: false }
  const earliest = forecast(spans, () => nothing, { today, go_live: start, live_on: null, off }).go_live
  return {
    business_days: businessDaysBetween(start, earliest, off), earliest_go_live: earliest, go_live: goLive,
    fits: earliest <= goLive,
  }
}
