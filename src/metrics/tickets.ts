/** Support tickets by the day: is today a spike, do they rise, is one of them always an alert? */
import type { Event, State } from './metric.ts'
import { chanceOfAtLeast } from './statistics.ts'

/** Fewer in a day are no spike, whatever was expected. */
const LEAST = 3
const ALERT = 0.001
const WARN = 0.01
/** These want somebody at once. */
const SEVERE = /^p[01]$/i

export interface TicketView {
  readonly state: State
  readonly today: number
  readonly notes: readonly string[]
}

/**
 * @param days calendar days of the window in order, the last being today; events fall on `dayOf` their instant
 * @param mean tickets that are to be expected on a day: seats × rate seen before
 */
export function judgeTickets(
  events: readonly Event[], days: readonly string[], mean: number, dayOf: (instant: string) => string,
): TicketView {
  const counts = days.map((day) => events.filter(({ at }) => dayOf(at) === day).length)
  const today = counts.at(-1) ?? 0
  const before = sum(counts.slice(0, -1))
  const chance = chanceOfAtLeast(today, 1, before, counts.length - 1, mean)
  const severe = events.filter(({ severity }) => severity !== null && SEVERE.test(severity.trim()))
  const alike = repeated(events, days, dayOf)
  const notes: string[] = []
  if (severe.length > 0) notes.push(`${severe.length} of P0 or P1`)
  for (const { category, day, count } of alike) notes.push(`${count} about ${category} on ${day}`)
  const many = today >= LEAST
  if (many && chance < WARN) notes.push(`${today} today: the chance of so many is ${percent(chance)}`)
  const rising = isRising(counts, mean)
  if (rising) notes.push('rising over the last three days')
  const alert = severe.length > 0 || alike.length > 0 || (many && chance < ALERT)
  const warn = rising || (many && chance < WARN)
  return { state: alert ? 'alert' : warn ? 'warn' : 'ok', today, notes }
}

/** Are the last three days more than the days before them, and what was expected, let one think? */
export function isRising(counts: readonly number[], mean: number): boolean {
  if (counts.length < 4) return false
  const last = sum(counts.slice(-3))
  return last >= LEAST && chanceOfAtLeast(last, 3, sum(counts.slice(0, -3)), counts.length - 3, mean) < WARN
}

/** Two tickets of one category on one day. */
function repeated(events: readonly Event[], days: readonly string[], dayOf: (instant: string) => string) {
  const counts = new Map<string, { category: string; day: string; count: number }>()
  for (const { at, category } of events) {
    const day = dayOf(at)
    if (category === null || category === '' || !days.includes(day)) continue
    const one = counts.get(`${day} ${category}`) ?? { category, day, count: 0 }
    counts.set(`${day} ${category}`, { ...one, count: one.count + 1 })
  }
  return [...counts.values()].filter(({ count }) => count >= 2)
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, one) => all + one, 0)
}

function percent(chance: number): string {
  return chance < 0.0001 ? 'under 0.01 %' : `${(chance * 100).toFixed(2)} %`
}
