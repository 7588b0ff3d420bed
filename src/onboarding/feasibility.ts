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
 * Whether a runbook can be through with what comes before go-live by its date, at its phases' shortest, starting today.
 * What comes before go-live are the phases that the steps of the milestones dated `handoff.dates.go_live` need; null
 * where the runbook has no such milestone, or its phases say nothing of how long they take.
 */
export function feasibility(runbook: Runbook, goLive: string, today: string, holidays: readonly string[]): Feasibility | null {
  const phases = new Map(runbook.phases.map((phase) => [phase.id, phase]))
  const dated = runbook.milestones.filter(({ by }) => by.trim() === 'handoff.dates.go_live')
  const live = dated.flatMap(({ holds }) => holds.map((step) => step.split('.')[0] ?? ''))
  const needs = live.flatMap((id) => phases.get(id)?.needs ?? [])
  const known = new Map<string, number>()
  if (needs.length === 0 || ![...phases.values()].some(({ duration }) => duration !== null)) return null
  const days = Math.max(...needs.map((id) => endOf(id, phases, known)))
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
