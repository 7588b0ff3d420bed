/** The check-ins of an onboarding: when each is, and how it stands. The runbook's dated steps are the schedule. */
import { recorded, settleBy } from '../engine/recorded.ts'
import type { Look, Work } from '../engine/ports.ts'
import { foldRecords } from '../engine/records.ts'
import { EVERYTHING, Walk } from '../engine/walk.ts'
import { OnboardError } from '../errors.ts'
import type { StepKey } from '../model.ts'
import { addDays, dateIn } from './calendar.ts'

/** The action of steps that are check-ins. */
export const CHECK_IN = 'hypercare.check_in'

export interface CheckIn {
  readonly step: StepKey
  /** Calendar day after go-live. */
  readonly day: number
  /** `YYYY-MM-DD`. */
  readonly date: string
  /** missed: its day has gone by, and it was not held. */
  readonly state: 'held' | 'open' | 'missed' | 'later' | 'waived'
}

export interface Hypercare {
  readonly onboarding: string
  readonly company: string
  readonly today: string
  readonly live_on: string
  /** Instant from which metrics count. */
  readonly live_at: string
  /** Calendar days since go-live. */
  readonly day: number
  /** By day. */
  readonly check_ins: readonly CheckIn[]
}

/** How hypercare stands by the journal. Throws waiting before it is live, usage where the runbook has no check-ins. */
export async function hypercareOf(work: Work): Promise<Hypercare> {
  return work.reading((_read, look) => hypercareAt(work, look))
}

export async function hypercareAt(work: Work, look: Look): Promise<Hypercare> {
  const { key, company } = work.onboarding
  const records = foldRecords(look.entries)
  const live_at = records.times.live_at
  if (live_at === null) {
    throw new OnboardError(
      'waiting', 'not-live', `${key} is not live yet: hypercare begins on the day after production access was given`,
      { suggestions: [`onboard status ${key}`] },
    )
  }
  const zone = String(work.inputs.config['time_zone'] ?? 'UTC')
  const [live_on, today] = [dateIn(live_at, zone), dateIn(look.now, zone)]
  const walk = new Walk(work, records, look.now, EVERYTHING, 'journal')
  const found: CheckIn[] = []
  for (const turn of walk.turns()) {
    const state = await recorded(work, turn, look.now)
    settleBy(walk, turn, state)
    const day = Number(/^day-(\d+)$/.exec(turn.key.instance)?.[1] ?? Number.NaN)
    if (turn.step.uses !== CHECK_IN || Number.isNaN(day)) continue
    if (state.state === 'settled' && state.as === 'skipped') continue
    const date = addDays(live_on, day)
    const held = state.state === 'settled' && (state.as === 'waived' ? ('waived' as const) : ('held' as const))
    found.push({
      step: turn.key, day, date, state: held || (date > today ? 'later' : date < today ? 'missed' : 'open'),
    })
  }
  if (found.length === 0) {
    throw new OnboardError(
      'usage', 'no-check-ins', `the runbook of ${key} has no check-ins: no step of it uses ${CHECK_IN}`,
      { suggestions: [`onboard status ${key}`] },
    )
  }
  const day = Math.round((Date.parse(today) - Date.parse(live_on)) / 86_400_000)
  return { onboarding: key, company, today, live_on, live_at, day, check_ins: found.toSorted((a, b) => a.day - b.day) }
}

/** The check-in that is meant: of the day named, else the latest whose day has come. */
export function meantBy({ check_ins, onboarding }: Hypercare, day: number | undefined): CheckIn {
  const days = check_ins.map((one) => one.day).join(', ')
  const schedule = { suggestions: [`onboard hypercare schedule ${onboarding}`] }
  if (day !== undefined) {
    const named = check_ins.find((one) => one.day === day)
    if (named === undefined) {
      throw new OnboardError(
        'usage', 'no-such-check-in', `${onboarding} has no check-in on day ${day}: they are on days ${days}`, schedule,
      )
    }
    if (named.state === 'later') {
      throw new OnboardError('waiting', 'not-yet', `the check-in of day ${day} is on ${named.date}`, schedule)
    }
    return named
  }
  const come = check_ins.findLast(({ state }) => state !== 'later' && state !== 'waived')
  if (come !== undefined) return come
  const next = check_ins.find(({ state }) => state === 'later')
  throw new OnboardError(
    'waiting', 'not-yet', `${onboarding} has no check-in today: the first is on ${next?.date ?? 'no day'}`, schedule,
  )
}

/** The next one after a day; null where that was the last. */
export function nextAfter({ check_ins }: Hypercare, day: number): CheckIn | null {
  return check_ins.find((one) => one.day > day && one.state !== 'waived') ?? null
}
