import type { Reader } from '../contract.ts'
import { judgeAll } from '../metrics/measure.ts'
import { worst } from '../metrics/judge.ts'
import type { Judgement, Metric, State, Window } from '../metrics/metric.ts'
import type { Work } from '../engine/ports.ts'
import type { JsonObject } from '../model.ts'

/** What is measured of a customer: over which time, what was seen, and the worst of it. */
export interface Measured {
  readonly window: Window
  readonly state: State
  readonly metrics: readonly Judgement[]
}

const TICKETS = 'support_tickets'
/** Shown beside those that have a threshold, where the config names a source of them. */
const COUNTS = ['active_users', 'logins']

/** Measures all metrics of the runbook, tickets, and what else the config counts, as of one window. */
export async function measureAll(work: Work, read: Reader, window: Window): Promise<Measured> {
  const { config, handoff, onboarding } = work.inputs
  const metrics = config['metrics'] as Readonly<Record<string, Metric>> | undefined
  const thresholds = work.runbook.thresholds ?? []
  const ids = [...thresholds.map(({ id }) => id), TICKETS, ...COUNTS.filter((id) => metrics?.[id] !== undefined)]
  const rate = (config['hypercare'] as { tickets_per_seat_per_day?: number } | undefined)?.tickets_per_seat_per_day
  const seats = (handoff['commercial'] as JsonObject | undefined)?.['users']
  const expected = rate === undefined || typeof seats !== 'number' ? null : rate * seats
  const tenant = String(onboarding['tenant_slug'] ?? work.onboarding.slug)
  const zone = String(config['time_zone'] ?? 'UTC')
  const ground = {
    many: <R>(sql: string, params?: readonly unknown[]) => read.many<R>(sql, params), http: read.http, file: read.file,
  }
  const judged = await judgeAll({ ids, metrics, thresholds, tenant, window, zone, expected }, ground)
  return {
    window, state: worst(judged.filter(({ id }) => !COUNTS.includes(id)).map(({ state }) => state)), metrics: judged,
  }
}
