import { recorded } from '../engine/recorded.ts'
import type { Recorded } from '../engine/recorded.ts'
import type { Work } from '../engine/ports.ts'
import { foldRecords } from '../engine/records.ts'
import { EVERYTHING, Walk } from '../engine/walk.ts'
import { UNKNOWN } from '../model.ts'
import type { StepKey } from '../model.ts'

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
  readonly state: PhaseState
  readonly done: number
  readonly total: number
  readonly steps: readonly StepStatus[]
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
  /** What waits for whom. */
  readonly waiting: readonly { readonly step: StepKey; readonly title: string; readonly for: readonly string[]; readonly next: string | null }[]
  /** The command to type next; null when all is done. */
  readonly next: string | null
  readonly entries: number
}

/** Reads where an onboarding stands; looks at the journal, not at the world. */
export async function status(work: Work): Promise<Status> {
  return work.reading(async (_read, look) => {
    const records = foldRecords(look.entries)
    const walk = new Walk(work, records, look.now, EVERYTHING, 'journal')
    const steps = new Map<string, StepStatus[]>(work.runbook.phases.map((p) => [p.id, []]))
    const waiting: Status['waiting'][number][] = []
    for (const turn of walk.turns()) {
      const state = await recorded(work, turn, look.now)
      walk.settle(turn, state.state === 'settled', state.state === 'settled' ? state.outputs : UNKNOWN)
      const next = 'next' in state ? state.next : null
      steps.get(turn.phase.id)?.push({
        key: turn.key, title: turn.step.title, state: named(state), reason: state.reason, owner: turn.step.owner, at: turn.record?.at ?? null, next,
      })
      if (state.state === 'waiting') waiting.push({ step: turn.key, title: turn.step.title, for: state.from, next })
    }
    const phases = phasesOf(work, steps)
    const { key, company, runbook, opened_at } = work.onboarding
    return { onboarding: key, company, runbook, opened_at, now: look.now, phases, waiting, next: nextCommand(key, phases, waiting), entries: look.entries.length }
  })
}

function named(state: Recorded): StepState {
  if (state.state === 'dated') return 'waiting'
  if (state.state !== 'settled') return state.state
  return state.as === 'unchanged' ? 'done' : state.as
}

const SETTLED: readonly StepState[] = ['done', 'skipped', 'waived']

function phasesOf(work: Work, steps: ReadonlyMap<string, readonly StepStatus[]>): readonly PhaseStatus[] {
  let current = false
  return work.runbook.phases.map((phase) => {
    const own = steps.get(phase.id) ?? []
    const done = own.filter((s) => SETTLED.includes(s.state)).length
    const finished = done === own.length
    const state: PhaseState = finished ? 'done' : current ? 'pending' : 'current'
    if (!finished) current = true
    return { id: phase.id, title: phase.title, owner: phase.owner, state, done, total: own.length, steps: own }
  })
}

/** What a machine can do comes first; then what a person is asked; then what a person may waive. */
function nextCommand(customer: string, phases: readonly PhaseStatus[], waiting: Status['waiting']): string | null {
  const open = phases.flatMap((p) => p.steps).filter((s) => !SETTLED.includes(s.state))
  if (open.length === 0) return null
  if (open.some((s) => s.state === 'ready' || s.state === 'failed' || s.state === 'undone')) return `onboard apply ${customer}`
  return waiting[0]?.next ?? open.find((s) => s.next)?.next ?? `onboard plan ${customer}`
}
