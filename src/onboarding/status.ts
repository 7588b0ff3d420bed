/** What `onboard status` says of an onboarding. */
import type { Work } from '../engine/ports.ts'
import { cancellationOf, type Cancellation } from '../engine/cancelled.ts'
import { keyText } from '../engine/keys.ts'
import type { Turn, Walk } from '../engine/walk.ts'
import type { JsonObject, StepKey } from '../model.ts'
import { actualsOf, type PhaseActual } from './actual.ts'
import { dateIn } from './calendar.ts'
import { healthOf, signsOf, type Health } from './health.ts'
import { beginning, knownDates } from './known-dates.ts'
import { milestonesOf, type MilestoneStatus } from './milestones.ts'
import { contactsOf } from './people.ts'
import { scheduleOf, type Schedule } from './schedule.ts'
import {
  nextOf, standing, walked, type Known, type People, type PhaseStatus, type ProcedureStatus,
} from './standing.ts'

/** A step whose turn has come, and that a person or a day keeps waiting. */
export interface WaitingStep {
  readonly step: StepKey
  readonly title: string
  /** Roles; none where it waits for a day. */
  readonly for: readonly string[]
  readonly people: readonly string[]
  /** Since when it could go on, `YYYY-MM-DD`. */
  readonly since: string
  /** By when it is planned to be done: its own day, or the end of its phase; null where nobody says. */
  readonly due: string | null
  readonly overdue: boolean
  readonly next: string | null
}

/** A step that waits for a day; `until` is null where nobody knows it yet. */
export interface DatedStep {
  readonly step: StepKey
  readonly title: string
  readonly until: string | null
  readonly reason: string
}

/** Where an onboarding stands, by its journal. */
export interface Status {
  readonly onboarding: string
  readonly company: string
  readonly runbook: { readonly name: string; readonly version: string; readonly digest: string }
  readonly opened_at: string
  /** The database's clock. */
  readonly now: string
  readonly phases: readonly PhaseStatus[]
  /** Those under way. */
  readonly procedures: readonly ProcedureStatus[]
  /** What waits for whom, what is overdue first. */
  readonly waiting: readonly WaitingStep[]
  /** What waits for a day, the next one first. */
  readonly dated: readonly DatedStep[]
  /** null: it was not given up. */
  readonly cancelled: Cancellation | null
  /** null where the handoff names no go-live. */
  readonly schedule: Schedule | null
  /** In the order of the runbook; none of one that was given up. */
  readonly milestones: readonly MilestoneStatus[]
  readonly health: Health
  /** What makes it amber or red. */
  readonly why: readonly string[]
  /** The command to type next; null when all is done. */
  readonly next: string | null
  readonly entries: number
}

/** Reads where an onboarding stands; looks at the journal, not at the world. */
export async function status(work: Work): Promise<Status> {
  return work.reading(async (_read, look) => statusOf(work, await walked(work, look)))
}

function statusOf(work: Work, { walk, records, seen, entries, now }: Known): Status {
  const { runbook, inputs, onboarding } = work
  const people = namesOf(inputs.handoff, inputs.config)
  const { phases, procedures } = standing(runbook, { records, seen }, people)
  const actual = actualsOf(entries)
  const dates = knownDates(work, { records, phases, seen, actual, entries })
  const schedule = dates === null ? null : scheduleOf(dates)
  const today = String(inputs.onboarding['today'])
  const waiting = seen.flatMap(({ turn, state }): WaitingStep[] => {
    if (state.state !== 'waiting') return []
    const { key, step, phase } = turn
    const begins = beginning(work, turn)
    const planned = schedule?.phases.find(({ id }) => id === phase.id)?.planned.end ?? null
    const due = step.on !== undefined ? begins : planned
    return [{
      step: key, title: step.title, for: state.from, people: state.from.flatMap(people),
      since: since(work, walk, turn, actual, begins), due, overdue: due !== null && due < today, next: state.next,
    }]
  }).toSorted((a, b) => (a.overdue === b.overdue ? 0 : a.overdue ? -1 : 1))
  const dated = seen.flatMap(({ turn: { key, step }, state }): DatedStep[] => (
    state.state === 'dated' ? [{ step: key, title: step.title, until: state.until, reason: state.reason }] : []
  )).toSorted((a, b) => ((a.until ?? '9') < (b.until ?? '9') ? -1 : 1))
  const { key, company, runbook: pinned, opened_at } = onboarding
  const cancelled = cancellationOf(entries)
  if (cancelled !== null) {
    // Nobody is waited for, and nothing is late.
    const next = cancelled.purged_at === null ? `onboard cancel ${key} --undo` : `onboard audit log ${key}`
    const about = { onboarding: key, company, runbook: pinned, opened_at, now, cancelled }
    return {
      ...about, phases, procedures, waiting: [], dated: [], schedule, milestones: [], health: 'green', why: [], next,
      entries: entries.length,
    }
  }
  const held = schedule?.held ? `onboard resume ${key}` : null
  return {
    onboarding: key, company, runbook: pinned, opened_at, now, phases, procedures, waiting, dated, cancelled, schedule,
    milestones: milestonesOf(work, { phases, entries, dates, schedule, times: records.times }),
    ...healthOf(signsOf({ phases, procedures }), schedule, waiting.filter(({ overdue }) => overdue).length),
    next: (procedures.length === 0 ? held : null)
      ?? nextCommand(key, procedures.length > 0 ? procedures : phases, waiting),
    entries: entries.length,
  }
}

/** Names of the people of a role: the vendor's by the config, the customer's by the handoff. */
function namesOf(handoff: JsonObject, config: JsonObject): People {
  const roles = (config['roles'] ?? {}) as Readonly<Record<string, readonly { readonly name: string }[]>>
  return (role) => {
    const named = (roles[role] ?? []).map(({ name }) => name)
    if (named.length > 0 || role !== 'customer') return named
    return contactsOf(handoff).slice(0, 1).map(({ person }) => person.name)
  }
}

/** The day on which the last of what a step needs was settled, or its own has come. */
function since(
  work: Work, walk: Walk, turn: Turn, actual: ReadonlyMap<string, PhaseActual>, begins: string | null,
): string {
  const { config } = work.inputs
  const needs = new Set(walk.needsOf(turn.phase, turn.step))
  const settled = [...actual.values()].flatMap(({ settled }) => [...settled.values()])
    .filter(({ step }) => needs.has(step.split('/')[0] ?? ''))
  const at = settled.reduce((a, b) => (b.at > a ? b.at : a), work.onboarding.opened_at)
  const day = dateIn(at, typeof config['time_zone'] === 'string' ? config['time_zone'] : 'UTC')
  const began = turn.scope.procedure?.['began']
  const first = typeof began === 'string' && began > day ? began : day
  return begins !== null && begins > first ? begins : first
}

/** What a machine can do comes first; then what a person is asked; then what a person may waive. */
function nextCommand(customer: string, phases: readonly PhaseStatus[], waiting: Status['waiting']): string | null {
  const { asks, otherwise } = nextOf(customer, phases)
  return waiting.find((one) => asks.has(keyText(one.step)))?.next ?? otherwise
}

