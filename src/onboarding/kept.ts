/** What is kept of a look at an onboarding, and when its steps are due by that. Loads nothing that looks. */
import type { Phase, Runbook, Step } from '../model.ts'
import { dueOf } from '../runbook/dates.ts'
import type { Actual } from './forecast.ts'
import type { Signs } from './health.ts'
import type { Dated } from './schedule.ts'
import type { DueAt } from './windows.ts'

/** Where an onboarding stands, whatever the day; small, and JSON. */
export interface Lasting {
  readonly onboarding: string
  readonly company: string
  readonly runbook: string
  readonly phase: string | null
  readonly done: number
  readonly total: number
  readonly state: 'done' | 'cancelled' | 'failed' | 'waiting' | 'ready' | 'blocked'
  /** null: it was given up, and nothing is late. */
  readonly signs: Signs | null
  /** In the order of the runbook. */
  readonly waiting: readonly LastingWait[]
  /** Steps that a machine could go on with, that failed, or are blocked by what a person could mend; in their order. */
  readonly open: readonly LastingOpen[]
  /** Steps that are passed over, and the last day of that. */
  readonly waived: readonly (readonly [step: string, until: string])[]
  /** Whether a step was ever given to somebody. */
  readonly assigned: boolean
  /** The next day that a step waits for. */
  readonly dated: string | null
  /** The next command, where no waiting step gives one. */
  readonly next: string | null
  /** null where the handoff names no go-live. */
  readonly dates: LastingDates | null
}

/** A step that waits for a person; `step` as `keyText` writes it. */
export interface LastingWait {
  readonly step: string
  /** Roles. */
  readonly for: readonly string[]
  /** Its own day, where it has one; else the planned end of its phase counts. */
  readonly due: string | null
  readonly own: boolean
  readonly next: string
  /** Whether `next` may be the next command of the onboarding. */
  readonly asks: boolean
}

export interface LastingOpen {
  readonly step: string
  readonly state: 'ready' | 'undone' | 'failed' | 'blocked'
  readonly reason: string | null
  /** With which a person gets it on; null: a machine does. */
  readonly next: string | null
}

/** As `Dated`, with the dates that the runbook's expressions name in place of its spans. */
export interface LastingDates extends Omit<Dated, 'spans' | 'actual' | 'held'> {
  readonly actual: readonly (readonly [id: string, actual: Actual])[]
  readonly named: Readonly<Record<string, string>>
}

/** How long a look holds, the journal and the inputs staying the same; null: for ever. */
export interface Holds {
  /** ISO 8601 instant. */
  readonly until: string | null
  /** A day where the vendor is. */
  readonly before: string | null
}

export interface LastingLook {
  readonly lasting: Lasting
  readonly holds: Holds
}

/** Does an expression say nothing but the day of go-live? */
export const namesGoLive = (at: string): boolean => /^\s*onboarding\.(?:go_live|live_on)\s*$/.test(at)

/** A phase as far as its dates go: the same for all that pin its runbook. */
export type DatedPhase = Pick<Phase, 'id' | 'needs' | 'duration' | 'starts' | 'days'> & {
  readonly steps: readonly Pick<Step, 'id' | 'on' | 'starts'>[]
}

/** What a runbook says of a step to whoever lists tasks. */
export interface ListedStep {
  readonly title: string
  /** Roles: its own, or those of its phase. */
  readonly owner: readonly string[]
  readonly waivable_by: readonly string[]
}

/** What is the same for all that pin a runbook. */
export interface KeptRunbook {
  readonly phases: readonly DatedPhase[]
  /** By `phase.step`. */
  readonly steps: Readonly<Record<string, ListedStep>>
}

export function keptRunbook({ phases, procedures }: Pick<Runbook, 'phases' | 'procedures'>): KeptRunbook {
  const steps = [...phases, ...procedures].flatMap((phase) => phase.steps.map(({ id, title, owner, waivable_by }) => (
    [`${phase.id}.${id}`, { title, owner: owner.length > 0 ? owner : phase.owner, waivable_by }] as const
  )))
  return { phases: datedPhases(phases), steps: Object.fromEntries(steps) }
}

export function datedPhases(phases: readonly Phase[]): readonly DatedPhase[] {
  return phases.map(({ id, needs, duration, starts, days, steps }) => ({
    id, needs, duration, starts, ...(days === undefined ? {} : { days }),
    steps: steps.filter(({ on, starts: own }, at) => at === 0 || on !== undefined || own !== undefined)
      .map(({ id: step, on, starts: own }) => (
        { id: step, ...(on === undefined ? {} : { on }), ...(own === undefined ? {} : { starts: own }) }
      )),
  }))
}

/** When a step is due by the dates that were named at an earlier look. */
export function dueByNames(named: Readonly<Record<string, string>>, holidays: readonly string[]): DueAt {
  return (phase, step, each, goLive) => dueOf(
    phase, step, each, { holidays }, (at) => (namesGoLive(at) ? goLive : (named[at] ?? null)),
  )
}
