/** Where each step stands by the journal, and the phases by their steps. */
import type { JournalEntry, Look, Work } from '../engine/ports.ts'
import { keyText } from '../engine/keys.ts'
import { recorded, recordedAtOnce, settleBy, type Recorded } from '../engine/recorded.ts'
import { foldRecords, type Records } from '../engine/records.ts'
import { EVERYTHING, Walk, type Turn } from '../engine/walk.ts'
import type { Phase, Runbook, StepKey } from '../model.ts'
import { behindOthers, lapsed, stood, type Stood } from './stood-before.ts'

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

/** A step's turn, and how that ends by the journal. */
export interface Seen {
  readonly turn: Turn
  readonly state: Recorded
  /** How it ended before something that it needs was open again, as far as that still holds. */
  readonly past?: Stood['as']
  /** Where it would stand, were what it needs settled again. */
  readonly behind?: Recorded
}

/** What a look at an onboarding has seen. */
export interface Known {
  readonly walk: Walk
  readonly records: Records
  readonly seen: readonly Seen[]
  readonly entries: readonly JournalEntry[]
  readonly now: string
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

/** Has only time gone by since it was settled? It stays done; `apply` looks again before anything follows from it. */
export function aged({ turn, state }: Seen): boolean {
  return state.state === 'ready' && state.outputs !== undefined && !turn.record?.overtaken
}

/** Names of the people of a role. */
export type People = (role: string) => readonly string[]

/** Where phases stand, and the procedures under way; `people` gives the names in a role. */
export function standing(
  runbook: Runbook, { records, seen }: Pick<Known, 'records' | 'seen'>, people: People,
): { readonly phases: readonly PhaseStatus[]; readonly procedures: readonly ProcedureStatus[] } {
  const steps = Map.groupBy(seen, ({ turn }) => turn.phase.id)
  return {
    phases: phasesOf(runbook.phases, steps, people),
    procedures: records.procedures.filter(({ closed }) => !closed).flatMap((one) => {
      const { procedure, number: occurrence, condition, issue, reason, began } = one
      return phasesOf(runbook.procedures.filter(({ id }) => id === procedure), steps, people)
        .map((phase): ProcedureStatus => ({ ...phase, state: 'current', occurrence, condition, issue, reason, began }))
    }),
  }
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
  if (state.state === 'settled') return state.as === 'skipped'
  return state.state === 'dated' || (state.state === 'blocked' && state.next === null)
}

function phasesOf(
  phases: readonly Phase[], steps: ReadonlyMap<string, readonly Seen[]>, people: People,
): readonly PhaseStatus[] {
  const settled = new Set<string>()
  return phases.map((phase, before) => {
    const seen = steps.get(phase.id) ?? []
    const own = seen.map((one): StepStatus => {
      const { turn: { key, step, record }, state } = one
      return {
        key, title: step.title, state: named(one), reason: one.past === undefined ? state.reason : null,
        owner: step.owner, at: record?.at ?? null, next: 'next' in state ? state.next : null,
      }
    })
    const wanted = own.filter((s) => s.state !== 'skipped')
    const done = wanted.filter((s) => SETTLED.includes(s.state)).length
    const finished = done === wanted.length
    // Phases that do not need each other are under way side by side; one that only waits for its day is next, or later.
    const begun = settled.size === before || seen.some(({ state }) => !rests(state))
    const isCurrent = begun && phase.needs.every((need) => settled.has(need))
    const state: PhaseState = finished ? 'done' : isCurrent ? 'current' : 'pending'
    if (finished) settled.add(phase.id)
    const { id, title, owner } = phase
    return { id, title, owner, people: owner.flatMap(people), state, done, total: wanted.length, steps: own }
  })
}

/**
 * The steps, by `keyText`, the first of which that waits for a person gives the next command; and what it is where none
 * does.
 */
export function nextOf(
  customer: string, phases: readonly PhaseStatus[],
): { readonly asks: ReadonlySet<string>; readonly otherwise: string | null } {
  const open = phases.flatMap((p) => p.steps).filter((s) => !SETTLED.includes(s.state))
  const [none, apply] = [new Set<string>(), `onboard apply ${customer}`]
  // What is under way and settled is closed by the next run.
  if (open.length === 0) return { asks: none, otherwise: phases.some((p) => 'occurrence' in p) ? apply : null }
  if (open.some((s) => s.state === 'ready' || s.state === 'failed' || s.state === 'undone')) {
    return { asks: none, otherwise: apply }
  }
  const asks = new Set(open.map((s) => keyText(s.key)))
  return { asks, otherwise: open.find((s) => s.next)?.next ?? `onboard plan ${customer}` }
}
