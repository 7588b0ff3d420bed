/** What the dates of an onboarding are reckoned from, by where its steps stand. */
import type { Work } from '../engine/ports.ts'
import { keyText } from '../engine/keys.ts'
import type { Recorded } from '../engine/recorded.ts'
import { goLiveOf } from '../engine/times.ts'
import type { Turn } from '../engine/walk.ts'
import type { PhaseActual } from './actual.ts'
import type { Known as KnownDates } from './schedule.ts'
import { aged, type Known, type PhaseStatus } from './standing.ts'
import type { DueAt } from './windows.ts'

/** What the dates are reckoned from; null where no go-live is named. */
export function knownDates(
  work: Work,
  { records, phases, seen, actual, entries }: Pick<Known, 'records' | 'seen' | 'entries'> & {
    readonly phases: readonly PhaseStatus[]
    readonly actual: ReadonlyMap<string, PhaseActual>
  },
): KnownDates | null {
  const { handoff, config, onboarding } = work.inputs
  const go_live = goLiveOf(handoff, records.times)
  if (go_live === null) return null
  const open = new Map<string, string>()
  for (const one of seen) {
    const { turn: { key }, state } = one
    if (state.state === 'settled' || aged(one) || one.past !== undefined || open.has(key.phase)) continue
    open.set(key.phase, holdsUp(keyText(key), state))
  }
  const time_zone = typeof config['time_zone'] === 'string' ? config['time_zone'] : 'UTC'
  return {
    phases: work.runbook.phases, done: new Set(phases.filter(({ state }) => state === 'done').map(({ id }) => id)),
    idle: new Set(phases.filter(({ total }) => total === 0).map(({ id }) => id)),
    actual, open, times: records.times, due: dueAt(work), go_live,
    accepted_at: entries.find(({ kind }) => kind === 'accepted')?.at ?? work.onboarding.opened_at,
    today: String(onboarding['today']), time_zone, holidays: (config['holidays'] ?? []) as readonly string[],
  }
}

function holdsUp(step: string, state: Recorded): string {
  if (state.state === 'waiting') return `${step} waits for ${state.from.join(' or ')}`
  return state.state === 'dated' ? `${step} ${state.reason}` : `${step} is ${state.state}`
}

/** When a step would be due, were this the go-live, and the day on which it happens. */
function dueAt(work: Work): DueAt {
  const known = new Map<string, ReturnType<DueAt>>()
  return (phase, step, each, go_live) => {
    const id = [phase.id, step.id, step.on === undefined && step.starts === undefined, each, go_live].join(' ')
    const before = known.get(id)
    if (before !== undefined) return before
    const onboarding = { ...work.inputs.onboarding, go_live, live_on: go_live, day: 0 }
    const bound = each === undefined ? {} : { each }
    const scope = { ...work.inputs, onboarding, outputs: new Map(), phase: phase.id, ...bound }
    const due = work.evaluator.due?.(phase, step, scope) ?? null
    known.set(id, due)
    return due
  }
}

/** The day before which a step could not begin. */
export function beginning(work: Work, { phase, step, scope }: Turn): string | null {
  return work.evaluator.due?.(phase, step, scope)?.date ?? null
}
