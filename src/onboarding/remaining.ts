import type { Work } from '../engine/ports.ts'
import { feasibility, type Feasibility } from './feasibility.ts'
import { status } from './status.ts'

/**
 * Whether what is left before go-live can be done by its date: phases that are done take no time any more. null where
 * it is live, the day has come, or no phase says how long it takes.
 */
export async function remaining(work: Work, today: string, holidays: readonly string[]): Promise<Feasibility | null> {
  const { phases: standing, schedule } = await status(work)
  if (schedule === null || schedule.live_on !== null || schedule.go_live <= today) return null
  const done = new Set(standing.filter(({ state }) => state === 'done').map(({ id }) => id))
  return feasibility(work.runbook, schedule.go_live, today, holidays, work.inputs.handoff, done)
}
