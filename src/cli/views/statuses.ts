import type { Health } from '../../onboarding/health.ts'
import type { Status, StepState } from '../../onboarding/status.ts'
import { dim, bold, cyan, green, red, yellow, type Piece } from '../style.ts'
import type { Output } from '../output.ts'
import { HEALTH } from './status-marks.ts'

/** One line of the list of onboardings. */
export interface Summary {
  readonly onboarding: string
  readonly company: string
  readonly runbook: string
  /** The phase that it is in; null when all is done. */
  readonly phase: string | null
  readonly done: number
  readonly total: number
  /** What keeps it where it is: the first step that failed, else that is ready, else that waits for a person. */
  readonly state: 'done' | 'cancelled' | 'failed' | 'waiting' | 'ready' | 'blocked'
  /** Dates, `YYYY-MM-DD`; null where the handoff names no go-live. */
  readonly go_live: string | null
  /** When it went live, or can. */
  readonly forecast: string | null
  readonly health: Health
  readonly why: readonly string[]
  /** Whom or what it waits for; null: for nobody. */
  readonly waits: string | null
  readonly next: string | null
}

export function summaryOf(status: Status): Summary {
  const { procedures: [procedure], phases, schedule, waiting, dated, health, why } = status
  const steps = phases.flatMap((phase) => phase.steps)
  const has = (state: StepState) => (procedure?.steps ?? steps).some((step) => step.state === state)
  const done = phases.reduce((sum, phase) => sum + phase.done, 0)
  const state = status.cancelled !== null ? 'cancelled' : done === steps.length && !procedure ? 'done' : has('failed') ? 'failed' : has('ready') || has('undone') ? 'ready' : has('waiting') ? 'waiting' : 'blocked'
  const current = phases.find((phase) => phase.state === 'current')
  const [first] = waiting
  return {
    onboarding: status.onboarding, company: status.company, runbook: `${status.runbook.name} ${status.runbook.version}`,
    phase: procedure?.id ?? current?.id ?? null, done, total: steps.length, state,
    go_live: schedule?.go_live ?? null, forecast: schedule === null ? null : (schedule.live_on ?? schedule.forecast_go_live), health, why,
    waits: first?.for.join(' or ') ?? dated[0]?.until ?? null, next: status.next,
  }
}

export function showStatuses(onboardings: readonly Summary[], out: Output): void {
  if (onboardings.length === 0) return out.line(dim('No onboardings yet.'))
  const looks = { done: green, cancelled: dim, failed: red, waiting: cyan, ready: yellow, blocked: dim }
  out.table([
    ['CUSTOMER', 'COMPANY', 'PHASE', 'DONE', 'GO-LIVE', 'FORECAST', 'HEALTH', 'WAITS FOR'],
    ...onboardings.map((one): Piece[] => [
      bold(one.onboarding), one.company, one.phase ?? '–', `${one.done}/${one.total}`, one.go_live ?? '–', one.forecast === one.go_live ? dim('=') : (one.forecast ?? '–'),
      HEALTH[one.health](one.health), one.state === 'waiting' ? cyan(one.waits ?? '') : looks[one.state](one.state),
    ]),
  ], { head: true })
}
