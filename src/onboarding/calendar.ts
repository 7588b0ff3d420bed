/** Dates are `YYYY-MM-DD`, days of the calendar without a time. */
export { addDays, dateIn, daysBetween } from '../runbook/dates.ts'

/** Monday to Friday, and no holiday. */
export function isBusinessDay(date: string, holidays: ReadonlySet<string>): boolean {
  const day = new Date(`${date}T00:00:00Z`).getUTCDay()
  return day !== 0 && day !== 6 && !holidays.has(date)
}

/** The date so many business days later: 0 = the date itself, or the next business day. */
export function addBusinessDays(date: string, days: number, holidays: ReadonlySet<string>): string {
  let at = date
  while (!isBusinessDay(at, holidays)) at = nextDay(at)
  for (let left = days; left > 0; left--) {
    at = nextDay(at)
    while (!isBusinessDay(at, holidays)) at = nextDay(at)
  }
  return at
}

function nextDay(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}

