/** Dates are `YYYY-MM-DD`, days of the calendar without a time. */
import { addDays, isWeekend } from '../runbook/dates.ts'

export { addDays, dateIn, daysBetween } from '../runbook/dates.ts'

/** Monday to Friday, and no holiday. */
export function isBusinessDay(date: string, holidays: ReadonlySet<string>): boolean {
  return !isWeekend(date) && !holidays.has(date)
}

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

/** Business days from a date up to another, which is left out; negative where that is earlier. */
export function businessDaysBetween(from: string, to: string, holidays: ReadonlySet<string>): number {
  if (to < from) return -businessDaysBetween(to, from, holidays)
  let days = 0
  for (let at = from; at < to; at = addDays(at, 1)) if (isBusinessDay(at, holidays)) days++
  return days
}

/** The later of dates; null counts for nothing. */
export function latest(first: string, ...more: readonly (string | null)[]): string {
  return more.reduce<string>((a, b) => (b !== null && b > a ? b : a), first)
}
