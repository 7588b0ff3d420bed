/** Dates are `YYYY-MM-DD`, days of the calendar without a time. */

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

/** The date that an instant falls on in a time zone. */
export function dateIn(instant: string, timeZone: string): string {
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  formats.set(timeZone, format)
  return format.format(new Date(instant))
}

/** By time zone: making one takes a quarter of a millisecond. The Swedish form is year-month-day. */
const formats = new Map<string, Intl.DateTimeFormat>()
