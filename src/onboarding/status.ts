import type { JournalEntry, Look, Work } from '../engine/ports.ts'
import { cancellationOf, type Cancellation } from '../engine/cancelled.ts'
import { keyText } from '../engine/keys.ts'
import { recorded, recordedAtOnce, settleBy } from '../engine/recorded.ts'
import type { Recorded } from '../engine/recorded.ts'
import { foldRecords, type Records } from '../engine/records.ts'
import { goLiveOf } from '../engine/times.ts'
import { EVERYTHING, Walk, type Turn } from '../engine/walk.ts'
import type { JsonObject, Phase, Runbook, StepKey } from '../model.ts'
import { actualsOf, type PhaseActual } from './actual.ts'
import { dateIn } from './calendar.ts'
import { healthOf, signsOf, type Health } from './health.ts'
import { milestonesOf, type MilestoneStatus } from './milestones.ts'
import { behindOthers, lapsed, stood, type Stood } from './stood-before.ts'
import { contactsOf } from './people.ts'
import { scheduleOf, type Known as KnownDates, type Schedule } from './schedule.ts'
import type { DueAt } from './windows.ts'

export type StepState = 'done' | 'ready' | 'waiting' | 'blocked' | 'skipped' | 'waived' | 'failed' | 'undone'
export type PhaseState = 'done' | 'current' | 'pending'

export interface StepStatus {
  readonly key: StepKey
  readonly title: string
  readonly state: StepState
  readonly reason: string | null
  readonly owner: readonly string[]
  /** Instant of its latest journal entry, or null. */
  readonly at: string | null
  readonly next: string | null
}

export interface PhaseStatus {
  readonly id: string
  readonly title: string
  readonly owner: readonly string[]
  /** Names of the people in those roles. */
  readonly people: readonly string[]
  readonly state: PhaseState
  /** Steps that are settled, of those that this customer has: what is skipped counts in neither. */
  readonly done: number
  /** 0: there is nothing to do in it. */
  readonly total: number
  readonly steps: readonly StepStatus[]
}

/** A procedure that is under way. */
export interface ProcedureStatus extends PhaseStatus {
  /** 1 for the first time that it is carried out. */
  readonly occurrence: number
  readonly condition: string | null
  readonly issue: string | null
  /** null: erased on request. */
  readonly reason: string | null
  /** Day on which it began. */
  readonly began: string
}

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
  /** What waits for a day, the next one first; `until` is null where nobody knows it yet. */
  readonly dated: readonly { readonly step: StepKey; readonly title: string; readonly until: string | null; readonly reason: string }[]
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

export interface Seen {
  readonly turn: Turn
  readonly state: Recorded
  /** How it ended before something that it needs was open again, as far as that still holds. */
  readonly past?: Stood['as']
  /** Where it would stand, were what it needs settled again. */
  readonly behind?: Recorded
}

/** Reads where an onboarding stands; looks at the journal, not at the world. */
export async function status(work: Work): Promise<Status> {
  return work.reading(async (_read, look) => statusOf(work, await walked(work, look)))
}

/** Goes through the steps, by the journal. */
export async function walked(work: Work, { entries, now }: Look): Promise<Known> {
  const records = foldRecords(entries)
  const walk = new Walk(work, records, now, EVERYTHING, 'journal')
  const seen: Seen[] = []
  /** What was undone, and what followed from it: that does not stand any more, whatever was said or seen of it. */
  const gone = new Set<string>()
  for (const turn of walk.turns()) {
    const state = recordedAtOnce(work, turn, now) ?? (await recorded(work, turn, now))
    const isGone = gone.size > 0 && walk.needsOf(turn.phase, turn.step).some((need) => gone.has(need))
    if (isGone || state.state === 'undone') gone.add(`${turn.key.phase}.${turn.key.step}`)
    const behind = isGone ? null : await behindOthers(work, walk, turn, now)
    const before = stood(behind, turn)
    if (before !== null) walk.settle(turn, false, before.outputs)
    // What was passed over had no outputs: what followed from that is told by it.
    else if (lapsed(turn, work) && state.state !== 'settled') walk.settle(turn, false, null)
    else settleBy(walk, turn, state)
    seen.push({ turn, state, ...(behind === null ? {} : { behind }), ...(before === null ? {} : { past: before.as }) })
  }
  return { walk, records, seen, entries, now }
}

/** What a look at an onboarding has seen. */
export interface Known {
  readonly walk: Walk
  readonly records: Records
  readonly seen: readonly Seen[]
  readonly entries: readonly JournalEntry[]
  readonly now: string
}

/** Where phases stand, and the procedures under way; `people` gives the names in a role. */
export function standing(runbook: Runbook, { records, seen }: Pick<Known, 'records' | 'seen'>, people: People): Pick<Status, 'phases' | 'procedures'> {
  const steps = Map.groupBy(seen, ({ turn }) => turn.phase.id)
  return {
    phases: phasesOf(runbook.phases, steps, people),
    procedures: records.procedures.filter(({ closed }) => !closed).flatMap(({ procedure, number, condition, issue, reason, began }) =>
      phasesOf(runbook.procedures.filter(({ id }) => id === procedure), steps, people)
        .map((phase): ProcedureStatus => ({ ...phase, state: 'current', occurrence: number, condition, issue, reason, began }))),
  }
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
    const due = step.on !== undefined ? begins : (schedule?.phases.find(({ id }) => id === phase.id)?.planned.end ?? null)
    return [{
      step: key, title: step.title, for: state.from, people: state.from.flatMap(people), since: since(work, walk, turn, actual, begins),
      due, overdue: due !== null && due < today, next: state.next,
    }]
  }).toSorted((a, b) => (a.overdue === b.overdue ? 0 : a.overdue ? -1 : 1))
  const dated = seen.flatMap(({ turn, state }) => (state.state === 'dated' ? [{ step: turn.key, title: turn.step.title, until: state.until, reason: state.reason }] : []))
    .toSorted((a, b) => ((a.until ?? '9') < (b.until ?? '9') ? -1 : 1))
  const { key, company, runbook: pinned, opened_at } = onboarding
  const cancelled = cancellationOf(entries)
  if (cancelled !== null) {
    // Nobody is waited for, and nothing is late.
    const next = cancelled.purged_at === null ? `onboard cancel ${key} --undo` : `onboard audit log ${key}`
    const about = { onboarding: key, company, runbook: pinned, opened_at, now, cancelled }
    return { ...about, phases, procedures, waiting: [], dated: [], schedule, milestones: [], health: 'green', why: [], next, entries: entries.length }
  }
  const held = schedule?.held ? `onboard resume ${key}` : null
  return {
    onboarding: key, company, runbook: pinned, opened_at, now, phases, procedures, waiting, dated, cancelled, schedule,
    milestones: milestonesOf(work, { phases, entries, dates, schedule, times: records.times }),
    ...healthOf(signsOf({ phases, procedures }), schedule, waiting.filter(({ overdue }) => overdue).length),
    next: (procedures.length === 0 ? held : null) ?? nextCommand(key, procedures.length > 0 ? procedures : phases, waiting), entries: entries.length,
  }
}

type People = (role: string) => readonly string[]

/** Names of the people of a role: the vendor's by the config, the customer's by the handoff. */
function namesOf(handoff: JsonObject, config: JsonObject): People {
  const roles = (config['roles'] ?? {}) as Readonly<Record<string, readonly { readonly name: string }[]>>
  return (role) => {
    const named = (roles[role] ?? []).map(({ name }) => name)
    return named.length > 0 || role !== 'customer' ? named : contactsOf(handoff).slice(0, 1).map(({ person }) => person.name)
  }
}

/** What the dates are reckoned from; null where no go-live is named. */
export function knownDates(
  work: Work, { records, phases, seen, actual, entries }: Pick<Known, 'records' | 'seen' | 'entries'> & { phases: readonly PhaseStatus[]; actual: ReadonlyMap<string, PhaseActual> },
): KnownDates | null {
  const { handoff, config, onboarding } = work.inputs
  const go_live = goLiveOf(handoff, records.times)
  if (go_live === null) return null
  const open = new Map<string, string>()
  for (const one of seen) {
    const { turn: { key }, state } = one
    if (state.state === 'settled' || aged(one) || one.past !== undefined || open.has(key.phase)) continue
    const name = keyText(key)
    open.set(key.phase, state.state === 'waiting' ? `${name} waits for ${state.from.join(' or ')}` : state.state === 'dated' ? `${name} ${state.reason}` : `${name} is ${state.state}`)
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

/** When a step would be due, were this the go-live, and the day on which it happens. */
function dueAt(work: Work): DueAt {
  const known = new Map<string, ReturnType<DueAt>>()
  return (phase, step, each, go_live) => {
    const id = [phase.id, step.id, step.on === undefined && step.starts === undefined, each, go_live].join(' ')
    const before = known.get(id)
    if (before !== undefined) return before
    const onboarding = { ...work.inputs.onboarding, go_live, live_on: go_live, day: 0 }
    const due = work.evaluator.due?.(phase, step, { ...work.inputs, onboarding, outputs: new Map(), phase: phase.id, ...(each === undefined ? {} : { each }) }) ?? null
    known.set(id, due)
    return due
  }
}

/** The day before which a step could not begin. */
export function beginning(work: Work, { phase, step, scope }: Turn): string | null {
  return work.evaluator.due?.(phase, step, scope)?.date ?? null
}

/** The day on which the last of what a step needs was settled, or its own has come. */
function since(work: Work, walk: Walk, turn: Turn, actual: ReadonlyMap<string, PhaseActual>, begins: string | null): string {
  const { config } = work.inputs
  const needs = new Set(walk.needsOf(turn.phase, turn.step))
  const settled = [...actual.values()].flatMap(({ settled }) => [...settled.values()]).filter(({ step }) => needs.has(step.split('/')[0] ?? ''))
  const at = settled.reduce((a, b) => (b.at > a ? b.at : a), work.onboarding.opened_at)
  const day = dateIn(at, typeof config['time_zone'] === 'string' ? config['time_zone'] : 'UTC')
  const began = turn.scope.procedure?.['began']
  const first = typeof began === 'string' && began > day ? began : day
  return begins !== null && begins > first ? begins : first
}

/** Has only time gone by since it was settled? It stays done; `apply` looks again before anything follows from it. */
function aged({ turn, state }: Seen): boolean {
  return state.state === 'ready' && state.outputs !== undefined && !turn.record?.overtaken
}

function named(seen: Seen): StepState {
  const { state } = seen
  if (seen.past !== undefined) return seen.past
  if (aged(seen)) return 'done'
  if (state.state === 'dated') return 'waiting'
  if (state.state !== 'settled') return state.state
  return state.as === 'unchanged' ? 'done' : state.as
}

const SETTLED: readonly StepState[] = ['done', 'skipped', 'waived']

/** Has nobody done anything about the step, and can nobody today? */
function rests(state: Recorded): boolean {
  return state.state === 'dated' || (state.state === 'settled' && state.as === 'skipped') || (state.state === 'blocked' && state.next === null)
}

function phasesOf(phases: readonly Phase[], steps: ReadonlyMap<string, readonly Seen[]>, people: People): readonly PhaseStatus[] {
  const settled = new Set<string>()
  return phases.map((phase, before) => {
    const seen = steps.get(phase.id) ?? []
    const own = seen.map((one): StepStatus => {
      const { turn: { key, step, record }, state } = one
      return { key, title: step.title, state: named(one), reason: one.past === undefined ? state.reason : null, owner: step.owner, at: record?.at ?? null, next: 'next' in state ? state.next : null }
    })
    const wanted = own.filter((s) => s.state !== 'skipped')
    const done = wanted.filter((s) => SETTLED.includes(s.state)).length
    const finished = done === wanted.length
    // Phases that do not need each other are under way side by side; one that only waits for its day is next, or later.
    const begun = settled.size === before || seen.some(({ state }) => !rests(state))
    const state: PhaseState = finished ? 'done' : begun && phase.needs.every((need) => settled.has(need)) ? 'current' : 'pending'
    if (finished) settled.add(phase.id)
    return { id: phase.id, title: phase.title, owner: phase.owner, people: phase.owner.flatMap(people), state, done, total: wanted.length, steps: own }
  })
}

/** What a machine can do comes first; then what a person is asked; then what a person may waive. */
function nextCommand(customer: string, phases: readonly PhaseStatus[], waiting: Status['waiting']): string | null {
  const { asks, otherwise } = nextOf(customer, phases)
  return waiting.find((one) => asks.has(keyText(one.step)))?.next ?? otherwise
}

/** The steps, by `keyText`, the first of which that waits for a person gives the next command; and what it is where none does. */
export function nextOf(customer: string, phases: readonly PhaseStatus[]): { readonly asks: ReadonlySet<string>; readonly otherwise: string | null } {
  const open = phases.flatMap((p) => p.steps).filter((s) => !SETTLED.includes(s.state))
  const none = new Set<string>()
  // What is under way and settled is closed by the next run.
  if (open.length === 0) return { asks: none, otherwise: phases.some((p) => 'occurrence' in p) ? `onboard apply ${customer}` : null }
  if (open.some((s) => s.state === 'ready' || s.state === 'failed' || s.state === 'undone')) return { asks: none, otherwise: `onboard apply ${customer}` }
  return { asks: new Set(open.map((s) => keyText(s.key))), otherwise: open.find((s) => s.next)?.next ?? `onboard plan ${customer}` }
}
