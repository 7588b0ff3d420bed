/** Looks at an onboarding for what no day changes, until when that holds, and what will stand then. */
import { isDeepStrictEqual } from 'node:util'
import { readsDay } from '../engine/basis.ts'
import { cancellationOf } from '../engine/cancelled.ts'
import { keyText } from '../engine/keys.ts'
import type { Look, Work } from '../engine/ports.ts'
import type { Records } from '../engine/records.ts'
import { accessOf } from '../engine/times.ts'
import { told } from '../engine/walk.ts'
import { OnboardError } from '../errors.ts'
import { instantOf } from '../metrics/zone.ts'
import { actualsOf } from './actual.ts'
import { addDays, dateIn } from './calendar.ts'
import { signsOf } from './health.ts'
import {
  namesGoLive, type Holds, type Lasting, type LastingDates, type LastingLook, type LastingOpen, type LastingWait,
} from './kept.ts'
import { beginning, knownDates } from './known-dates.ts'
import { datedOf, type Dated } from './schedule.ts'
import {
  nextOf, standing, walked, type Known, type Seen, type StepState, type StepStatus,
} from './standing.ts'
import { undatedStep } from './windows.ts'

/** A look, and from when on it holds. */
export interface Stretch extends LastingLook {
  /** ISO 8601 instant. */
  readonly since: string
}

/** Reads the journal of one onboarding. */
export async function lastingLook(work: Work): Promise<LastingLook> {
  return work.reading(async (_read, look) => lookAt(work, look))
}

/** What stands now, and, nothing else happening, what will stand at the next moments: so many at most are looked at. */
export async function lastingLooks(work: Work, ahead: number): Promise<readonly Stretch[]> {
  return work.reading(async (_read, look) => {
    const { config } = work.inputs
    const time_zone = typeof config['time_zone'] === 'string' ? config['time_zone'] : 'UTC'
    const stretches: Stretch[] = []
    let last: Stretch = { since: look.now, ...(await lookAt(work, look)) }
    for (let left = ahead; left > 0; left--) {
      const since = endOf(last.holds, time_zone)
      if (since === null) break
      const next = await lookAt(at(work, since, time_zone), { ...look, now: since })
      if (isDeepStrictEqual(next.lasting, last.lasting)) {
        last = { ...last, holds: next.holds }
      } else {
        stretches.push(last)
        last = { since, ...next }
      }
    }
    return [...stretches, last]
  })
}

async function lookAt(work: Work, look: Look): Promise<LastingLook> {
  const known = await walked(work, look)
  const named = namedDates(work)
  return { lasting: lastingOf(work, known, named ?? {}), holds: holdsOf(work, known, named === null) }
}

/** The same onboarding on the day of an instant. */
function at(work: Work, instant: string, timeZone: string): Work {
  const { inputs } = work
  return { ...work, inputs: { ...inputs, onboarding: { ...inputs.onboarding, today: dateIn(instant, timeZone) } } }
}

/** The first instant at which a look holds no more. */
function endOf({ until, before }: Holds, timeZone: string): string | null {
  return least([until, before === null ? undefined : instantOf(before, timeZone)].flatMap((one) => one ?? []))
}

function lastingOf(work: Work, known: Known, named: Readonly<Record<string, string>>): Lasting {
  const { records, seen, entries } = known
  const { key, company, runbook } = work.onboarding
  const { phases, procedures } = standing(work.runbook, known, () => [])
  const [procedure] = procedures
  const done = phases.reduce((sum, phase) => sum + phase.done, 0)
  const total = phases.reduce((sum, phase) => sum + phase.total, 0)
  const known_dates = knownDates(work, { records, phases, seen, entries, actual: actualsOf(entries) })
  const dates = known_dates === null ? null : datedOf(known_dates)
  const about = {
    onboarding: key, company, runbook: `${runbook.name} ${runbook.version}`,
    phase: procedure?.id ?? phases.find(({ state }) => state === 'current')?.id ?? null,
    done, total,
    assigned: entries.some(({ kind }) => kind === 'assigned'),
    dates: dates === null ? null : kept(dates, named),
  }
  const cancelled = cancellationOf(entries)
  if (cancelled !== null) {
    const next = cancelled.purged_at === null ? `onboard cancel ${key} --undo` : `onboard audit log ${key}`
    return { ...about, state: 'cancelled', signs: null, waiting: [], open: [], waived: [], dated: null, next }
  }
  const { asks, otherwise } = nextOf(key, procedure === undefined ? phases : procedures)
  const resume = procedure === undefined && dates !== null && dates.held !== null ? `onboard resume ${key}` : null
  const steps = phases.flatMap((phase) => phase.steps)
  return {
    ...about,
    state: procedure === undefined && done === total ? 'done' : stateOf(procedure?.steps ?? steps),
    signs: signsOf({ phases, procedures }),
    waiting: waitsOf(work, seen, resume === null ? asks : new Set()),
    ...openOf([...steps, ...procedures.flatMap((one) => one.steps)], records),
    dated: least(seen.flatMap(({ state }) => (state.state === 'dated' ? (state.until ?? []) : []))),
    next: resume ?? otherwise,
  }
}

/** What keeps steps where they are, of which one is open. */
function stateOf(steps: readonly StepStatus[]): Lasting['state'] {
  const has = (...states: readonly StepState[]): boolean => steps.some(({ state }) => states.includes(state))
  if (has('failed')) return 'failed'
  if (has('ready', 'undone')) return 'ready'
  return has('waiting') ? 'waiting' : 'blocked'
}

/** The steps that wait for a person; `asks`: those of which one may give the next command. */
function waitsOf(work: Work, seen: readonly Seen[], asks: ReadonlySet<string>): LastingWait[] {
  return seen.flatMap(({ turn, state }) => {
    if (state.state !== 'waiting') return []
    const [step, own] = [keyText(turn.key), turn.step.on !== undefined]
    const due = own ? beginning(work, turn) : null
    return [{ step, for: state.from, own, due, next: state.next, asks: asks.has(step) }]
  })
}

/** Of the steps what somebody could do something about, but for those that wait for a person. */
function openOf(steps: readonly StepStatus[], records: Records): Pick<Lasting, 'open' | 'waived'> {
  return {
    open: steps.flatMap(({ key, state, reason, next }): LastingOpen[] => {
      const is_open = state === 'ready' || state === 'undone' || state === 'failed'
        || (state === 'blocked' && next !== null)
      return is_open ? [{ step: keyText(key), state, reason, next }] : []
    }),
    waived: steps.flatMap(({ key, state }) => {
      const until = state === 'waived' ? records.get(keyText(key))?.waived?.facts['until'] : undefined
      return typeof until === 'string' ? [[keyText(key), until] as const] : []
    }),
  }
}

function kept(
  { spans: _spans, held: _held, actual, ...days }: Dated, named: Readonly<Record<string, string>>,
): LastingDates {
  return { ...days, actual: [...actual], named }
}

// ── the dates that a runbook names ───────────────────────────────────────────────────────────────────────────────────

/**
 * The date that each expression of `starts.at` gives, but for go-live; null where one fails, or reads what changes with
 * the day.
 */
function namedDates({ runbook, inputs, evaluator }: Work): Readonly<Record<string, string>> | null {
  const named: Record<string, string> = {}
  for (const phase of runbook.phases) {
    const step = undatedStep(phase.steps[0])
    if (step === undefined) continue
    for (const { starts } of [phase, ...phase.steps]) {
      const at = starts?.at
      if (at === undefined || namesGoLive(at) || Object.hasOwn(named, at)) continue
      if (/\bonboarding\b/.test(at)) return null
      const scope = { ...inputs, outputs: new Map(), phase: phase.id }
      const due = told(() => evaluator.due?.({ ...phase, days: 'calendar', starts: { at } }, step, scope))
      if (due instanceof OnboardError) return null
      if (due?.date) named[at] = due.date
    }
  }
  return named
}

// ── until when ───────────────────────────────────────────────────────────────────────────────────────────────────────

function holdsOf(work: Work, { records, seen, now }: Known, moving: boolean): Holds {
  const today = String(work.inputs.onboarding['today'])
  const words = [...records.values()]
  const dated = seen.flatMap(({ state, behind }) => (behind === undefined ? [state] : [state, behind]))
    .filter((one) => one.state === 'dated')
  const instants = [
    // Evidence that grows too old stays told as it is, but where a later look failed.
    ...words.map(({ probed, failed }) => (failed === null ? null : probed?.facts['holds_until'])),
    ...dated.map(({ instant }) => instant),
  ].flatMap((one) => (typeof one === 'string' ? [new Date(one).toISOString()] : []))
  const until = instants.filter((one) => Date.parse(one) > Date.parse(now))
  const waived = words.flatMap(({ waived: one }) => (one ? [addDays(String(one.facts['until']), 1)] : []))
  const days = [...waived, ...dated.flatMap((one) => one.until ?? [])].filter((one) => one > today)
  if (!moving && !seen.some(isDaily)) return { until: least(until), before: least(days) }
  const midnight = `${addDays(now.slice(0, 10), 1)}T00:00:00.000Z`
  return { until: least([...until, midnight]), before: least([...days, addDays(today, 1)]) }
}

/** Does its expression read the day, or does it give access of which nobody knows the day? Each day is another then. */
function isDaily({ turn, state, behind }: Seen): boolean {
  if (turn.readiness.state === 'blocked' && turn.readiness.why === 'needs' && behind === undefined) return false
  if (readsDay(turn.step)) return true
  return !turn.record?.done && state.state === 'settled' && accessOf(turn.step.uses, state.outputs) !== null
}

function least(values: readonly string[]): string | null {
  return values.reduce<string | null>((a, b) => (a === null || b < a ? b : a), null)
}
