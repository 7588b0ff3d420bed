/** Looks at an onboarding for what no day changes, until when that holds, and what will stand then. */
import { readsDay } from '../engine/basis.ts'
import { isDeepStrictEqual } from 'node:util'
import { cancellationOf } from '../engine/cancelled.ts'
import { keyText } from '../engine/keys.ts'
import type { Look, Work } from '../engine/ports.ts'
import type { Records } from '../engine/records.ts'
import { told } from '../engine/walk.ts'
import { OnboardError } from '../errors.ts'
import { accessOf } from '../engine/times.ts'
import { actualsOf } from './actual.ts'
import { instantOf } from '../metrics/zone.ts'
import { addDays, dateIn } from './calendar.ts'
import { signsOf } from './health.ts'
import { namesGoLive, type Holds, type Lasting, type LastingDates, type LastingLook, type LastingOpen } from './kept.ts'
import { datedOf, type Dated } from './schedule.ts'
import { beginning, knownDates, nextOf, standing, walked, type Known, type StepState, type StepStatus } from './status.ts'

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
    const stretches: Stretch[] = [{ since: look.now, ...(await lookAt(work, look)) }]
    for (let left = ahead; left > 0; left--) {
      const last = stretches.at(-1)
      const since = last === undefined ? null : endOf(last.holds, time_zone)
      if (last === undefined || since === null) break
      const next = await lookAt(at(work, since, time_zone), { ...look, now: since })
      if (isDeepStrictEqual(next.lasting, last.lasting)) stretches.splice(-1, 1, { ...last, holds: next.holds })
      else stretches.push({ since, ...next })
    }
    return stretches
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
  const steps = phases.flatMap((phase) => phase.steps)
  const [done, total] = [phases.reduce((sum, phase) => sum + phase.done, 0), phases.reduce((sum, phase) => sum + phase.total, 0)]
  const cancelled = cancellationOf(entries)
  const has = (state: StepState): boolean => (procedure?.steps ?? steps).some((step) => step.state === state)
  const open = has('failed') ? 'failed' : has('ready') || has('undone') ? 'ready' : has('waiting') ? 'waiting' : 'blocked'
  const known_dates = knownDates(work, { records, phases, seen, entries, actual: actualsOf(entries) })
  const dates = known_dates === null ? null : datedOf(known_dates)
  const { asks, otherwise } = nextOf(key, procedure === undefined ? phases : procedures)
  const resume = procedure === undefined && dates !== null && dates.held !== null ? `onboard resume ${key}` : null
  const last = cancelled?.purged_at === null ? `onboard cancel ${key} --undo` : `onboard audit log ${key}`
  return {
    onboarding: key, company, runbook: `${runbook.name} ${runbook.version}`,
    phase: procedure?.id ?? phases.find((phase) => phase.state === 'current')?.id ?? null,
    done, total,
    state: cancelled !== null ? 'cancelled' : done === total && procedure === undefined ? 'done' : open,
    signs: cancelled === null ? signsOf({ phases, procedures }) : null,
    ...(cancelled !== null ? { waiting: [], open: [], waived: [] } : {
      waiting: seen.flatMap(({ turn, state }) => (state.state !== 'waiting' ? [] : [{
        step: keyText(turn.key), for: state.from, own: turn.step.on !== undefined,
        due: turn.step.on === undefined ? null : beginning(work, turn),
        next: state.next, asks: resume === null && asks.has(keyText(turn.key)),
      }])),
      ...openOf([...phases, ...procedures].flatMap((phase) => phase.steps), records),
    }),
    assigned: entries.some(({ kind }) => kind === 'assigned'),
    dated: cancelled !== null ? null : (seen.flatMap(({ state }) => (state.state === 'dated' ? [state.until] : [])).toSorted((a, b) => ((a ?? '9') < (b ?? '9') ? -1 : 1))[0] ?? null),
    next: cancelled === null ? (resume ?? otherwise) : last,
    dates: dates === null ? null : kept(dates, named),
  }
}

/** Of the steps what somebody could do something about, but for those that wait for a person. */
function openOf(steps: readonly StepStatus[], records: Records): Pick<Lasting, 'open' | 'waived'> {
  return {
    open: steps.flatMap(({ key, state, reason, next }): LastingOpen[] => {
      const is_open = state === 'ready' || state === 'undone' || state === 'failed' || (state === 'blocked' && next !== null)
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

/** The date that each expression of `starts.at` gives, but for go-live; null where one fails, or reads what changes with the day. */
function namedDates({ runbook, inputs, evaluator }: Work): Readonly<Record<string, string>> | null {
  const named: Record<string, string> = {}
  for (const phase of runbook.phases) {
    for (const { at } of [phase, ...phase.steps].flatMap(({ starts }) => (starts?.at === undefined ? [] : [{ at: starts.at }]))) {
      if (namesGoLive(at) || Object.hasOwn(named, at)) continue
      if (/\bonboarding\b/.test(at)) return null
      const [step] = phase.steps
      if (step === undefined) continue
      const { on: _on, starts: _starts, ...bare } = step
      const date = told(() => evaluator.due?.({ ...phase, days: 'calendar', starts: { at } }, bare, { ...inputs, outputs: new Map(), phase: phase.id })?.date)
      if (date instanceof OnboardError) return null
      if (date) named[at] = date
    }
  }
  return named
}

// ── until when ───────────────────────────────────────────────────────────────────────────────────────────────────────

function holdsOf(work: Work, { records, seen, now }: Known, moving: boolean): Holds {
  const today = String(work.inputs.onboarding['today'])
  const dated = seen.flatMap(({ state, behind }) => [state, behind].filter((one) => one?.state === 'dated'))
  const instants = [
    // A step may wait for an instant. Evidence that grows too old at one stays told as it is, but where a later look failed.
    ...[...records.values()].map(({ probed, failed }) => (failed === null ? null : probed?.facts['holds_until'])),
    ...dated.map(({ reason }) => /\d{4}-\d\d-\d\dT\S+/.exec(reason)?.[0]),
  ]
  const until = instants.flatMap((one) => (typeof one === 'string' ? [new Date(one).toISOString()] : []))
    .filter((one) => Date.parse(one) > Date.parse(now))
  const waived = [...records.values()].flatMap(({ waived: one }) => (one ? [addDays(String(one.facts['until']), 1)] : []))
  const days = [...waived, ...dated.flatMap(({ until: one }) => one ?? [])].filter((one) => one > today)
  // What expressions read of the day, or access of which nobody knows the day, is another tomorrow.
  const daily = moving || seen.some(({ turn, state, behind }) => {
    if (turn.readiness.state === 'blocked' && turn.readiness.why === 'needs' && behind === undefined) return false
    return readsDay(turn.step) || (!turn.record?.done && state.state === 'settled' && accessOf(turn.step.uses, state.outputs) !== null)
  })
  const midnight = `${addDays(now.slice(0, 10), 1)}T00:00:00.000Z`
  return {
    until: least(daily ? [...until, midnight] : until), before: least(daily ? [...days, addDays(today, 1)] : days),
  }
}

function least(values: readonly string[]): string | null {
  return values.reduce<string | null>((a, b) => (a === null || b < a ? b : a), null)
}
