/** The milestones of a runbook, as an onboarding stands by its journal and its forecast. */
import { keyText } from '../engine/keys.ts'
import { onboardingAt } from '../engine/times.ts'
import type { JournalEntry, Work } from '../engine/ports.ts'
import { OnboardError } from '../errors.ts'
import type { Milestone, Phase, StepKey } from '../model.ts'
import { businessDaysBetween, latest, latestOf } from './calendar.ts'
import { historyOf, type SettledSince } from './history.ts'
import type { Known as KnownDates, Schedule } from './schedule.ts'
import { lengthened, undatedStep } from './windows.ts'

/**
 * `met`: all that it holds is settled, and was on its date where that has passed. `missed`: the date has passed, and it
 * was not. `at risk`: by the forecast it will be missed. `open`: none of these.
 */
export type MilestoneState = 'met' | 'at risk' | 'missed' | 'open'

export interface HeldStep {
  /** `phase.step`. */
  readonly step: string
  /** Whether all of its instances are settled. */
  readonly settled: boolean
  /** Dates, `YYYY-MM-DD`. When the last of it was settled; null: it is not, or nobody had to do anything. */
  readonly on: string | null
  /** When it will be at the earliest; null where it is settled, or no date is known. */
  readonly forecast: string | null
}

export interface MilestoneStatus {
  readonly id: string
  /** Its date; null: not known. What counts from go-live counts from the day foreseen, until there is one. */
  readonly by: string | null
  /** Why `by` is not known. */
  readonly unknown: string | null
  readonly state: MilestoneState
  readonly holds: readonly HeldStep[]
  /** The day on which the last step that it holds was settled; null: one is open. */
  readonly on: string | null
  /** The day on which the last one that is open can be settled; null: none is, or no date is known. */
  readonly forecast: string | null
  /** Business days after its date that it was settled on, is to be settled on, or that have passed without it. */
  readonly late: number
}

/** One look, as far as milestones need it. */
export interface MilestoneLook {
  readonly phases: readonly {
    readonly id: string
    readonly steps: readonly { readonly key: StepKey; readonly state: string }[]
  }[]
  readonly entries: readonly JournalEntry[]
  /** null where the handoff names no go-live: nothing is foreseen. */
  readonly dates: KnownDates | null
  readonly schedule: Schedule | null
  readonly times: KnownDates['times']
}

/** Where each milestone stands, in the order of the runbook. */
export function milestonesOf(work: Work, look: MilestoneLook): MilestoneStatus[] {
  const { time_zone } = work.inputs.config
  const since = historyOf(look.entries, typeof time_zone === 'string' ? time_zone : 'UTC')
  return work.runbook.milestones.map((one) => statusOf(work, one, look, since))
}

function statusOf(
  work: Work, { id, by: source, holds: names }: Milestone, look: MilestoneLook, since: SettledSince,
): MilestoneStatus {
  const { by, unknown } = dateOf(work, source, look)
  const today = String(work.inputs.onboarding['today'])
  // What held on its date was met, whatever became of it.
  const then = by === null || today <= by ? null : names.map((name) => heldStep(work, name, look, since, by))
  const met = then?.every((one) => one.settled) ?? false
  const holds = met && then !== null ? then : names.map((name) => heldStep(work, name, look, since, null))
  const settled = holds.every((one) => one.settled)
  const on = settled ? latestOf(holds.map((one) => one.on)) : null
  const forecast = settled ? null : latestOf(holds.map((one) => one.forecast))
  const off = new Set((work.inputs.config['holidays'] ?? []) as readonly string[])
  const reached = settled ? on : latest(today, forecast)
  const late = by === null || reached === null || reached <= by ? 0 : businessDaysBetween(by, reached, off)
  const past = by !== null && (settled ? on !== null && on > by : today > by)
  const ahead = by !== null && forecast !== null && forecast > by ? 'at risk' : 'open'
  const state = past ? 'missed' : settled ? 'met' : ahead
  return { id, by, unknown, state, holds, on, forecast, late }
}

/** The date of an expression over the inputs. */
function dateOf(
  { runbook, inputs, evaluator }: Work, by: string, { schedule, times }: MilestoneLook,
): Pick<MilestoneStatus, 'by' | 'unknown'> {
  const [phase] = runbook.phases
  const step = undatedStep(phase?.steps[0])
  if (phase === undefined || step === undefined) return { by: null, unknown: null }
  const known = onboardingAt(inputs, times)
  const onboarding = { ...known, live_on: known['live_on'] ?? schedule?.forecast_go_live ?? null }
  try {
    const scope = { ...inputs, onboarding, outputs: new Map(), phase: phase.id }
    const due = evaluator.due?.({ ...phase, days: 'calendar', starts: { at: by } }, step, scope)
    return { by: due?.date ?? null, unknown: due && due.date === null ? `it counts from ${due.anchor}` : null }
  } catch (error) {
    // The step that lends its name is not at fault.
    if (!(error instanceof OnboardError)) throw error
    return { by: null, unknown: `\`${by}\` gives no date` }
  }
}

const SETTLED: readonly string[] = ['done', 'skipped', 'waived']

/** As it is, or as it was on a date that has passed. */
function heldStep(
  work: Work, name: string, { phases, dates, schedule }: MilestoneLook, since: SettledSince, then: string | null,
): HeldStep {
  const [phaseId = '', stepId = ''] = name.split('.')
  const within = phases.find(({ id }) => id === phaseId)
  const own = within?.steps.filter(({ key }) => key.step === stepId) ?? []
  const day = then ?? String(work.inputs.onboarding['today'])
  const on = own.map(({ key, state }) => (state === 'skipped' ? '' : since(keyText(key), day)))
  const open = own.filter(({ state }, at) => (
    then === null || state === 'skipped' ? !SETTLED.includes(state) : on[at] === null
  ))
  // Of a step that repeats over nothing there is no instance: nothing to do is done.
  const settled = within !== undefined && open.length === 0
  if (settled) return { step: name, settled, on: latestOf(on) || null, forecast: null }
  const phase = work.runbook.phases.find(({ id }) => id === phaseId)
  if (phase === undefined || dates === null || schedule === null) {
    return { step: name, settled, on: null, forecast: null }
  }
  const instances = open.map(({ key }) => key.instance)
  return { step: name, settled, on: null, forecast: foreseen(phase, stepId, instances, dates, schedule) }
}

/** When open instances of a step can be settled: on their days, or after the shortest work of their phase. */
function foreseen(
  phase: Phase, id: string, open: readonly string[], { due, today, holidays }: KnownDates, schedule: Schedule,
): string | null {
  const windows = new Map(schedule.phases.map((one) => [one.id, one.forecast]))
  const start = windows.get(phase.id)?.start
  const step = phase.steps.find((one) => one.id === id)
  if (start === undefined || step === undefined) return null
  const dated = step.on !== undefined || step.starts !== undefined
  const days = dated ? open.map((each) => due(phase, step, each, schedule.forecast_go_live)?.date ?? null) : []
  // A phase of one day can be done on the day on which it begins.
  const length = dated ? 0 : Math.max((phase.duration?.min ?? 1) - 1, 0)
  const [counting, off] = [{ calendar: phase.days === 'calendar' }, new Set(holidays)]
  const before = phase.needs.map((need) => windows.get(need)?.end ?? null)
  return latest(lengthened(start, length, counting, off), lengthened(today, 0, counting, off), ...before, ...days)
}
