/** Days by which a forecast reckons. */
import { addDays, isBusinessDay } from '../dates.ts'

export { addDays, businessDaysBetween, dateIn, daysBetween, isBusinessDay } from '../dates.ts'

/** The date so many business days later: 0 = the date itself, or the next business day. */
export function addBusinessDays(date: string, days: number, holidays: ReadonlySet<string>): string {
  return walked(date, days, 1, holidays)
}

/** The date so many business days earlier: 0 = the date itself, or the business day before. */
export function takeBusinessDays(date: string, days: number, holidays: ReadonlySet<string>): string {
  return walked(date, days, -1, holidays)
}

function walked(date: string, days: number, direction: 1 | -1, holidays: ReadonlySet<string>): string {
  let at = date
  while (!isBusinessDay(at, holidays)) at = addDays(at, direction)
  for (let left = days; left > 0; left--) {
    at = addDays(at, direction)
    while (!isBusinessDay(at, holidays)) at = addDays(at, direction)
  }
  return at
}

/** The latest of dates; null counts for nothing, and is what there is of none. */
export function latestOf(dates: readonly (string | null)[]): string | null {
  return dates.reduce((a, b) => (a === null || (b !== null && b > a) ? b : a), null)
}

/** The later of dates; null counts for nothing. */
export function latest(first: string, ...more: readonly (string | null)[]): string {
  return more.reduce<string>((a, b) => (b !== null && b > a ? b : a), first)
}
