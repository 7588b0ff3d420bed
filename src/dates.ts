/** Days of the calendar, `YYYY-MM-DD`: as texts they compare as they follow one another. */

/** A day that there is: 2026-02-30 is none. */
export function isDateText(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  return !Number.isNaN(numberOf(text)) && addDays(text, 0) === text
}

/** The date that an instant (ISO 8601) falls on in a time zone. */
export function dateIn(instant: string, timeZone: string): string {
  // Offsets are whole quarters of an hour, so that a date holds for one; who goes through many journals meets few.
  const quarter = instant.endsWith('Z')
    ? `${timeZone} ${instant.slice(0, 14)}${Math.floor(Number(instant.slice(14, 16)) / 15)}`
    : undefined
  const known = quarter === undefined ? undefined : quarters.get(quarter)
  if (known !== undefined) return known
  const format = formats.get(timeZone)
    ?? new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
  formats.set(timeZone, format)
  const date = format.format(new Date(instant))
  if (quarters.size > 5000) quarters.clear()
  if (quarter !== undefined) quarters.set(quarter, date)
  return date
}

const quarters = new Map<string, string>()

/** By time zone: making one takes a quarter of a millisecond. The Swedish form is year-month-day. */
const formats = new Map<string, Intl.DateTimeFormat>()

const DAY = 86_400_000
/** Days since 1970 by date and back: whoever reckons with dates meets the same few years again and again. */
const numbers = new Map<string, number>()
const dates = new Map<number, string>()

/** Days since 1970. */
function numberOf(date: string): number {
  const known = numbers.get(date)
  if (known !== undefined) return known
  const number = Math.round(Date.parse(`${date}T00:00:00Z`) / DAY)
  if (numbers.size > 20_000) numbers.clear()
  numbers.set(date, number)
  return number
}

/** So many calendar days later, or earlier. */
export function addDays(date: string, days: number): string {
  const number = numberOf(date) + days
  const known = dates.get(number)
  if (known !== undefined) return known
  const made = new Date(number * DAY).toISOString().slice(0, 10)
  if (dates.size > 20_000) dates.clear()
  dates.set(number, made)
  return made
}

/** Dates from the first to the last, both among them; none where the last is earlier. */
export function datesBetween(first: string, last: string): string[] {
  const days = daysBetween(first, last)
  return Array.from({ length: Math.max(0, days + 1) }, (_, day) => addDays(first, day))
}

/** Of any date, also one before 1970, which began on a Thursday. */
function isWeekend(date: string): boolean {
  return (((numberOf(date) + 3) % 7) + 7) % 7 >= 5
}

/** Calendar days from one date to another. */
export function daysBetween(from: string, to: string): number {
  return numberOf(to) - numberOf(from)
}

/** Monday to Friday, and no holiday. */
export function isBusinessDay(date: string, holidays: ReadonlySet<string>): boolean {
  return !isWeekend(date) && !holidays.has(date)
}

/** The date so many business days later, or earlier; 0 = the date itself, whatever day it is. */
export function moveBusinessDays(date: string, days: number, holidays: ReadonlySet<string>): string {
  let at = date
  for (let left = Math.abs(days); left > 0; ) {
    at = addDays(at, Math.sign(days))
    if (isBusinessDay(at, holidays)) left--
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
