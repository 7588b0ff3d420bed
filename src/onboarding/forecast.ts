/** When what is left will be done, at the shortest, from today. Pure. */
import { addBusinessDays, addDays, latest, latestOf } from './calendar.ts'
import { lengthened, type Span, type Window, type Windows } from './windows.ts'

/** What has happened of a phase: dates of its first and its last entry; null: nothing yet. */
export interface Actual {
  readonly first: string | null
  readonly last: string | null
  readonly done: boolean
  /** There is nothing to do in it. */
  readonly idle?: true
}

export interface Moment {
  readonly today: string
  /** The date that holds. */
  readonly go_live: string
  /** Since when it is live; null: it is not. */
  readonly live_on: string | null
  /** Days on which nothing is done: holidays, and those on which it is held. */
  readonly off: ReadonlySet<string>
}

export interface Forecast {
  readonly windows: Windows
  /** The first date on which everything before it can be done, not before the one agreed; or that on which it was. */
  readonly go_live: string
}

/** Ten years of business days: past that nothing is foreseen. */
const FAR = 2600

export function forecast(spans: readonly Span[], actual: (id: string) => Actual, moment: Moment): Forecast {
  const { today, live_on, off } = moment
  const first = addBusinessDays(today, 0, off)
  const windows = new Map<string, Window>()
  const ends = (needs: readonly string[]): readonly (string | null)[] => (
    needs.map((need) => windows.get(need)?.end ?? null)
  )
  const place = (span: Span, goLive: string): void => {
    const { first: begun, last, done } = actual(span.id)
    if (span.idle) {
      const at = latestOf(ends(span.needs)) ?? first
      return void windows.set(span.id, { start: at, end: at })
    }
    if (done) return void windows.set(span.id, { start: begun ?? today, end: last ?? today })
    const start = begun ?? lengthened(latest(first, span.begins(goLive), ...ends(span.needs)), 0, span, off)
    const end = latest(lengthened(start, span.min, span, off), first, span.lasts(goLive), ...ends(span.needs))
    windows.set(span.id, { start, end })
  }
  const before = spans.filter(({ after }) => !after)
  for (const span of before) place(span, live_on ?? moment.go_live)
  const go_live = live_on ?? earliest(moment.go_live)
  for (const span of spans) place(span, go_live)
  return { windows, go_live }

  /** From the date agreed on, the first that leaves room for what comes before. */
  function earliest(agreed: string): string {
    const open = before.filter(({ id }) => !actual(id).done)
    const ready = (span: Span): string => {
      const needed = span.needs.filter((need) => before.some(({ id }) => id === need))
      return latest(today, ...needed.map((need) => freeEnd(need)))
    }
    const freeEnd = (id: string): string | null => {
      const span = before.find((one) => one.id === id)
      if (span?.idle) return latestOf(span.needs.map(freeEnd))
      if (actual(id).done) return actual(id).last
      const window = windows.get(id)
      return window && span ? latest(lengthened(window.start, span.min, span, off), first) : null
    }
    const counting = spans.filter(({ id, after }) => after && actual(id).first === null)
    let at = latest(agreed, ...(agreed < today ? [first] : []), ...open.map(({ id }) => freeEnd(id)))
    for (let tries = 0; tries < FAR; tries++) {
      if (counting.every((span) => (span.begins(at) ?? at) >= ready(span))) return at
      at = addBusinessDays(addDays(at, 1), 0, off)
    }
    return at
  }
}
