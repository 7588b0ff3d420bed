import type { Phase, Runbook } from '../model.ts'
import { addBusinessDays } from './calendar.ts'

export interface Feasibility {
  /** Business days that the phases before go-live need at least, one after another where they depend on each other. */
  readonly business_days: number
  /** `YYYY-MM-DD` */
  readonly earliest_go_live: string
  readonly go_live: string
  readonly fits: boolean
}

/**
 * Whether what comes before go-live can be done by its date, each phase at its shortest, starting today. Phases that are
 * anchored to a date (`starts.at`) and those that need them are not before it. null where no phase says how long it takes.
 */
export function feasibility(runbook: Runbook, goLive: string, today: string, holidays: readonly string[]): Feasibility | null {
  const phases = new Map(runbook.phases.map((phase) => [phase.id, phase]))
  const after = new Set<string>()
  // In the order of the runbook a phase comes after those it needs.
  for (const { id, starts, needs } of runbook.phases) if (starts?.at !== undefined || needs.some((need) => after.has(need))) after.add(id)
  const before = runbook.phases.filter(({ id }) => !after.has(id))
  if (!before.some(({ duration }) => duration !== null)) return null
  const known = new Map<string, number>()
  const days = Math.max(...before.map(({ id }) => endOf(id, phases, known)))
  const earliest = addBusinessDays(today, days, new Set(holidays))
  return { business_days: days, earliest_go_live: earliest, go_live: goLive, fits: earliest <= goLive }
}

/** Business days until a phase has ended: its own, after the latest of those it needs. The loader has refused cycles. */
function endOf(id: string, phases: ReadonlyMap<string, Phase>, known: Map<string, number>): number {
  const before = known.get(id)
  if (before !== undefined) return before
  const phase = phases.get(id)
  const start = Math.max(0, ...(phase?.needs ?? []).map((need) => endOf(need, phases, known)))
  const end = start + (phase?.duration?.min ?? 0)
  known.set(id, end)
  return end
}
