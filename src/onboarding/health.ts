import type { Dates } from './schedule.ts'
import type { Status } from './status.ts'

/** Of one onboarding in a word; docs/status.md says what makes it which. */
export type Health = 'green' | 'amber' | 'red'

/** Business days by which something may be late before it is red. */
export const LATE = 5

/** What of the steps makes health; the day has no part in it. */
export interface Signs {
  /** Every phase is done, and no procedure is under way. */
  readonly finished: boolean
  /** Procedures under way. */
  readonly procedures: readonly string[]
  /** So many steps of phases failed, or were undone and not done again. */
  readonly failed: number
  /** So many are blocked by something other than the steps before them. */
  readonly blocked: number
}

export function signsOf({ phases, procedures }: Pick<Status, 'phases' | 'procedures'>): Signs {
  const steps = phases.flatMap((phase) => phase.steps)
  return {
    finished: procedures.length === 0 && phases.every(({ state }) => state === 'done'),
    procedures: procedures.map(({ id }) => id),
    failed: steps.filter(({ state }) => state === 'failed' || state === 'undone').length,
    blocked: steps.filter(({ state, reason }) => state === 'blocked' && reason?.startsWith('needs ') !== true).length,
  }
}

/** The worst that holds, and why: each reason that is not green, the worst first. `overdue`: so many steps are. */
export function healthOf(
  signs: Signs, schedule: Dates | null, overdue: number,
): { readonly health: Health; readonly why: readonly string[] } {
  const { finished, procedures, failed, blocked } = signs
  if (finished) return { health: 'green', why: [] }
  const red: string[] = procedures.map((id) => `${id} is under way`)
  const amber: string[] = []
  if (failed > 0) red.push(`${count(failed, 'step')} failed or undone`)
  if (schedule !== null) {
    const { late, live_on, go_live, today, held } = schedule
    if (live_on === null && today > go_live) red.push(`go-live was agreed for ${go_live}`)
    else if (live_on === null && late > 0) {
      (late > LATE ? red : amber).push(`go-live is forecast ${count(late, 'business day')} late`)
    }
    const days = Math.max(0, ...schedule.phases.map((phase) => phase.overdue))
    if (days > 0) (days > LATE ? red : amber).push(`a phase is ${count(days, 'business day')} overdue`)
    if (held !== null) amber.push('held')
  }
  if (overdue > 0) amber.push(`${count(overdue, 'step')} overdue`)
  if (blocked > 0) amber.push(`${count(blocked, 'step')} blocked`)
  return { health: red.length > 0 ? 'red' : amber.length > 0 ? 'amber' : 'green', why: [...red, ...amber] }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
