import type { Status } from './status.ts'

/** Of one onboarding in a word; docs/status.md says what makes it which. */
export type Health = 'green' | 'amber' | 'red'

/** Business days by which something may be late before it is red. */
export const LATE = 5

/** The worst that holds, and why: each reason that is not green, the worst first. */
export function healthOf({ phases, procedures, schedule, waiting }: Pick<Status, 'phases' | 'procedures' | 'schedule' | 'waiting'>): { readonly health: Health; readonly why: readonly string[] } {
  const steps = phases.flatMap((phase) => phase.steps)
  if (procedures.length === 0 && phases.every(({ state }) => state === 'done')) return { health: 'green', why: [] }
  const red: string[] = procedures.map(({ id }) => `${id} is under way`)
  const amber: string[] = []
  const failed = steps.filter(({ state }) => state === 'failed' || state === 'undone').length
  if (failed > 0) red.push(`${count(failed, 'step')} failed or undone`)
  if (schedule !== null) {
    const { late, live_on, go_live, today, held } = schedule
    if (live_on === null && today > go_live) red.push(`go-live was agreed for ${go_live}`)
    else if (live_on === null && late > 0) (late > LATE ? red : amber).push(`go-live is forecast ${count(late, 'business day')} late`)
    const overdue = Math.max(0, ...schedule.phases.map((phase) => phase.overdue))
    if (overdue > 0) (overdue > LATE ? red : amber).push(`a phase is ${count(overdue, 'business day')} overdue`)
    if (held !== null) amber.push('held')
  }
  const late = waiting.filter((one) => one.overdue).length
  if (late > 0) amber.push(`${count(late, 'step')} overdue`)
  const blocked = steps.filter(({ state, reason }) => state === 'blocked' && reason?.startsWith('needs ') !== true).length
  if (blocked > 0) amber.push(`${count(blocked, 'step')} blocked`)
  return { health: red.length > 0 ? 'red' : amber.length > 0 ? 'amber' : 'green', why: [...red, ...amber] }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
