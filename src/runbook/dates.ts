/** Days of the calendar, `YYYY-MM-DD`, and when what a phase or a step says of its beginning comes. Loads no expression library. */
import type { Json, JsonObject, Phase, Scope, Step } from '../model.ts'
import { daysIn } from './duration.ts'

/** The date that an instant (ISO 8601) falls on in a time zone. */
export function dateIn(instant: string, timeZone: string): string {
  // Offsets are whole quarters of an hour, so that a date holds for one; who goes through many journals meets few of them.
  const quarter = instant.endsWith('Z') ? `${timeZone} ${instant.slice(0, 14)}${Math.floor(Number(instant.slice(14, 16)) / 15)}` : undefined
  const known = quarter === undefined ? undefined : quarters.get(quarter)
  if (known !== undefined) return known
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' })
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

/** Saturday or Sunday. */
export function isWeekend(date: string): boolean {
  return (numberOf(date) + 3) % 7 >= 5 // 1970 began on a Thursday
}

/** Monday to Friday, and no holiday. */
export function isBusinessDay(date: string, holidays: readonly string[]): boolean {
  return !isWeekend(date) && !holidays.includes(date)
}

/** Calendar days from one date to another. */
export function daysBetween(from: string, to: string): number {
  return numberOf(to) - numberOf(from)
}

/** The day before which a step does not begin; where it counts from one that is not known yet, what that is called. */
export type Due = { readonly date: string } | { readonly date: null; readonly anchor: string }

/** What gives the date that `at` names; null: there is none yet. */
export type DateOf = (at: string, field: string) => string | null

/** When an instance of a step may begin: not before its phase, its own `starts`, and its day; null: at any time. */
export function dueOf(phase: Phase, step: Step, each: string | undefined, config: JsonObject, dateOf: DateOf): Due | null {
  const calendar = phase.days === 'calendar'
  const holidays = (Array.isArray(config['holidays']) ? config['holidays'] : []) as readonly string[]
  const found: (Due | null)[] = []
  const day = step.on?.find(({ key }) => key === each)?.day ?? 1
  if (phase.starts?.at !== undefined) {
    const begins = beginning(phase.starts, dateOf(phase.starts.at, 'starts.at'), calendar, holidays)
    found.push(begins.date === null ? begins : { date: later(begins.date, day - 1, calendar, holidays) })
  }
  if (step.starts !== undefined) found.push(beginning(step.starts, dateOf(step.starts.at, 'starts.at'), calendar, holidays))
  return found.reduce((a, b) => (a === null ? b : b === null || a.date === null ? a : b.date === null || b.date > a.date ? b : a), null)
}

type Start = { readonly at?: string; readonly offset?: string }

function beginning({ at = '', offset = '0d' }: Start, date: string | null, calendar: boolean, holidays: readonly string[]): Due {
  if (date === null) return { date: null, anchor: at === 'onboarding.live_on' ? 'go-live' : at }
  // Business days begin on the first one from that date on.
  const first = calendar ? date : later(addDays(date, -1), 1, false, holidays)
  return { date: later(first, daysIn(offset, calendar) ?? 0, calendar, holidays) }
}

function later(date: string, days: number, calendar: boolean, holidays: readonly string[]): string {
  if (calendar) return addDays(date, days)
  let at = date
  for (let left = Math.abs(days); left > 0; ) {
    at = addDays(at, Math.sign(days))
    if (isBusinessDay(at, holidays)) left--
  }
  return at
}

/** A day that there is: 2026-02-30 is none. */
export function isDateText(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

/** What an expression that is no more than a path names among the inputs; undefined: it is more than that. */
export function plainValue(source: string, scope: Pick<Scope, 'handoff' | 'config' | 'onboarding'>): Json | undefined {
  const [root, ...path] = source.trim().split('.')
  if (!/^(?:handoff|config|onboarding)(?:\.\w+)+$/.test(source.trim())) return undefined
  return path.reduce<Json | undefined>((at, key) => {
    if (typeof at !== 'object' || at === null || Array.isArray(at) || !Object.hasOwn(at, key)) return undefined
    return (at as JsonObject)[key]
  }, scope[root as 'handoff'])
}
