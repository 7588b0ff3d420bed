/** When what a phase or a step says of its beginning comes. Loads no expression library. */
import { addDays, isDateText, moveBusinessDays } from '../dates.ts'
import type { Json, JsonObject, Phase, Scope, Step } from '../model.ts'
import { daysIn } from './duration.ts'

/** The day before which a step does not begin; where it counts from one that is not known yet, what that is called. */
export type Due = { readonly date: string } | { readonly date: null; readonly anchor: string }

/** What gives the date that `at` names; null: there is none yet. */
export type DateOf = (at: string, field: string) => string | null

/** When an instance of a step may begin: not before its phase, its own `starts`, and its day; null: at any time. */
export function dueOf(
  phase: Phase, step: Step, each: string | undefined, config: JsonObject, dateOf: DateOf,
): Due | null {
  if (phase.starts?.at === undefined && step.starts === undefined) return null
  const calendar = phase.days === 'calendar'
  const holidays = new Set((Array.isArray(config['holidays']) ? config['holidays'] : []) as readonly string[])
  const found: (Due | null)[] = []
  const day = step.on?.find(({ key }) => key === each)?.day ?? 1
  if (phase.starts?.at !== undefined) {
    const begins = beginning(phase.starts, dateOf(phase.starts.at, 'starts.at'), calendar, holidays)
    found.push(begins.date === null ? begins : { date: later(begins.date, day - 1, calendar, holidays) })
  }
  if (step.starts !== undefined) {
    found.push(beginning(step.starts, dateOf(step.starts.at, 'starts.at'), calendar, holidays))
  }
  // The latest counts, and before all others one that nobody knows yet.
  return found.reduce((a, b) => {
    if (a === null || b === null) return a ?? b
    if (a.date === null) return a
    return b.date === null || b.date > a.date ? b : a
  }, null)
}

type Start = { readonly at?: string; readonly offset?: string }

function beginning(
  { at = '', offset = '0d' }: Start, date: string | null, calendar: boolean, holidays: ReadonlySet<string>,
): Due {
  if (date === null) return { date: null, anchor: at === 'onboarding.live_on' ? 'go-live' : at }
  // Business days begin on the first one from that date on.
  const first = calendar ? date : later(addDays(date, -1), 1, false, holidays)
  return { date: later(first, daysIn(offset, calendar) ?? 0, calendar, holidays) }
}

function later(date: string, days: number, calendar: boolean, holidays: ReadonlySet<string>): string {
  return calendar ? addDays(date, days) : moveBusinessDays(date, days, holidays)
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

/** The same, or that date moved by some days: `add_business_days(handoff.dates.go_live, -4, config.holidays)`. */
export function plainDate(source: string, scope: Pick<Scope, 'handoff' | 'config' | 'onboarding'>): Json | undefined {
  const moved = movedDate(source)
  if (moved === undefined) return plainValue(source, scope)
  const { path, days, business } = moved
  const date = plainValue(path, scope)
  if (typeof date !== 'string' || !isDateText(date)) return undefined
  const holidays = business ? ((scope.config['holidays'] ?? []) as readonly string[]) : []
  return later(date, days, !business, new Set(holidays))
}

/** Which date an expression moves, and by how many days; undefined: it is another one. */
export function movedDate(
  source: string,
): { readonly path: string; readonly days: number; readonly business: boolean } | undefined {
  const [, kind, path = '', days, holidays] = MOVED.exec(source) ?? []
  const business = kind === 'add_business_days'
  return kind === undefined || business !== (holidays !== undefined)
    ? undefined
    : { path, days: Number(days), business }
}

const MOVED = /^\s*(add_days|add_business_days)\(\s*([\w.]+)\s*,\s*(-?\d{1,4})\s*(?:,\s*(config\.holidays)\s*)?\)\s*$/
