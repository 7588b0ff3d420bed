import { dateIn, datesBetween } from '../dates.ts'
import { OnboardError } from '../errors.ts'
import type { Threshold } from '../model.ts'
import { judge, unmeasured } from './judge.ts'
import type { Judgement, Metric, Reading } from './metric.ts'
import type { Asked, Ground } from './sources/port.ts'
import { BURN_LIMITS, burnRate } from './statistics.ts'
import { judgeTickets } from './tickets.ts'

/** Reads one metric from wherever the config says that it is. Throws OnboardError where it gave no answer. */
export async function measure(metric: Metric, asked: Asked, ground: Ground): Promise<Reading> {
  const { kind, sql, prometheus, csv } = metric
  if (sql !== undefined) return (await import('./sources/sql.ts')).readSql(kind, sql, asked, ground)
  if (prometheus !== undefined) {
    return (await import('./sources/prometheus.ts')).readPrometheus(kind, prometheus, asked, ground)
  }
  if (csv !== undefined) return (await import('./sources/csv.ts')).readCsv(kind, csv, asked, ground)
  throw new OnboardError('invalid', 'metric-source', 'it has no source: sql, prometheus or csv')
}

/** What is looked at together. */
export interface Question extends Asked {
  /** Ids, in the order in which they are shown. */
  readonly ids: readonly string[]
  /** By id, as the config has them; undefined where it has none. */
  readonly metrics: Readonly<Record<string, Metric>> | undefined
  readonly thresholds: readonly Threshold[]
  /** Zone in which days begin. */
  readonly zone: string
  /** Support tickets to be expected on a day; null where the config does not say. */
  readonly expected: number | null
}

/** Of those that have no threshold. */
const TITLES: Readonly<Record<string, string>> = {
  support_tickets: 'Support tickets', active_users: 'Active users', logins: 'Logins',
}

/** Measures and judges; a metric that cannot be measured says why, and stops no other. */
export async function judgeAll(question: Question, ground: Ground): Promise<Judgement[]> {
  const judgements: Judgement[] = []
  for (const id of question.ids) judgements.push(await one(id, question, ground))
  return judgements
}

async function one(id: string, question: Question, ground: Ground): Promise<Judgement> {
  const threshold = question.thresholds.find((known) => known.id === id)
  const title = threshold?.title ?? TITLES[id] ?? id
  const metric = question.metrics?.[id]
  if (metric === undefined) return unmeasured({ id, title }, `the config names no source: metrics.${id}`)
  try {
    const reading = await measure(metric, question, ground)
    if (reading.kind === 'events') return { id, title, ...tickets(reading.events, question) }
    if (reading.kind === 'count') return { id, title, state: 'ok', shown: String(reading.count), notes: [] }
    if (threshold === undefined) return unmeasured({ id, title }, `the runbook has no threshold '${id}'`)
    const judgement = judge(threshold, reading)
    return { ...judgement, notes: [...judgement.notes, ...(await burning(metric, threshold, question, ground))] }
  } catch (error) {
    if (!(error instanceof OnboardError) || error.kind === 'bug' || error.code === 'untrusted') throw error
    return unmeasured({ id, title }, error.message)
  }
}

function tickets(
  events: Parameters<typeof judgeTickets>[0], { window, zone, expected }: Question,
): Pick<Judgement, 'state' | 'shown' | 'notes'> {
  const last = new Date(Date.parse(window.to) - 1).toISOString()
  const days = datesBetween(dateIn(window.from, zone), dateIn(last, zone))
  const shown = `${events.length} in ${days.length === 1 ? 'a day' : `${days.length} days`}`
  if (expected === null) {
    const note = 'hypercare.tickets_per_seat_per_day is not set in the config: nobody knows how many are to be expected'
    return { state: 'unmeasured', shown, notes: [note] }
  }
  const { state, notes } = judgeTickets(events, days, expected, (instant) => dateIn(instant, zone))
  return { state, shown, notes }
}

/** Is the error budget being used up within hours? Only asked where the window is longer than those. */
async function burning(
  metric: Metric, { good, target }: Threshold, { tenant, window }: Question, ground: Ground,
): Promise<string[]> {
  const allowed = good === 'high' ? 1 - target / 100 : target / 100
  if (metric.kind !== 'share' || !(allowed > 0)) return []
  const notes: string[] = []
  for (const { hours, limit } of BURN_LIMITS) {
    const from = new Date(Date.parse(window.to) - hours * 3_600_000).toISOString()
    if (Date.parse(from) <= Date.parse(window.from)) continue
    const reading = await measure(metric, { tenant, window: { from, to: window.to } }, ground)
    if (reading.kind !== 'share' || reading.total === 0) continue
    const share = reading.part / reading.total
    const rate = burnRate(good === 'high' ? 1 - share : share, allowed)
    const last = hours === 1 ? 'hour' : `${hours} hours`
    if (rate > limit) notes.push(`in the last ${last} the error budget burns ${rate.toFixed(1)} times too fast`)
  }
  return notes
}
