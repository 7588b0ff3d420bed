import type { Reader } from '../contract.ts'
import type { Work } from '../engine/ports.ts'
import type { Json, JsonObject } from '../model.ts'
import { type CheckIn, type Hypercare, nextAfter } from './check-ins.ts'
import { measureAll } from './hypercare-metrics.ts'
import type { ActionItem } from './issue-store.ts'

/** A check-in that was held, as the database has it. */
export interface Row {
  readonly day: number
  /** ISO 8601 instant. */
  readonly held_at: string
  readonly data: JsonObject
  /** sha256 (hex) of its record. */
  readonly document: string
}

/** Those that were held, by day. */
export function heldOf(read: Reader): Promise<Row[]> {
  return read.many<Row>(
    `SELECT day, to_char(held_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS held_at, data, document
       FROM onboard.check_in WHERE onboarding = $1::uuid ORDER BY day`, [read.onboarding.id])
}

/** What the record shows: measured, and taken over from the issues. */
export async function gathered(
  work: Work, read: Reader, hypercare: Hypercare, one: CheckIn, rows: readonly Row[],
): Promise<JsonObject> {
  const last = rows.findLast(({ day }) => day < one.day)
  const row = await read.one<{ now: string }>(
    `SELECT to_char(onboard.now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS now`)
  const now = row?.now ?? ''
  const since = last?.held_at ?? hypercare.live_at
  const { metrics } = await measureAll(work, read, { from: since, to: now })
  const issues = await issuesOf(read, since)
  const next = nextAfter(hypercare, one.day)
  const targets = new Map((work.runbook.thresholds ?? []).map(({ id, good, target, unit }) => (
    [id, `${good === 'high' ? 'over' : 'under'} ${target} ${unit}`]
  )))
  return {
    customer: work.onboarding.company, date: one.date, day: one.day, live_on: hypercare.live_on,
    metrics_since: since.slice(0, 10),
    metrics: metrics.map(({ id, title, state, shown, notes }) => {
      const target = targets.get(id)
      const said = state === 'unmeasured' ? 'not measured' : notes.length > 0 ? `${state}: ${notes.join(', ')}` : state
      return {
        title, value: state === 'unmeasured' || shown === 'no data' ? null : shown, state: said,
        ...(target === undefined ? {} : { target }),
      }
    }),
    issues: issues.map(({ title, severity, status, resolution }) => (
      { title, severity, status, ...(resolution === null ? {} : { resolution }) }
    )),
    actions: issues.flatMap(({ actions, owner }) => actions.map((action) => ({
      text: action.text, owner: action.owner ?? owner ?? 'nobody yet', done: action.status !== 'open',
      ...(action.due === null ? {} : { due: action.due }),
    }))),
    ...(next === null ? {} : { next: next.date }),
  } as unknown as Json as JsonObject
}

interface IssueRow {
  readonly title: string
  readonly severity: string
  readonly status: 'open' | 'resolved'
  readonly resolution: string | null
  readonly owner: string | null
  readonly actions: readonly Pick<ActionItem, 'text' | 'owner' | 'due' | 'status'>[]
}

/** Open ones are carried forward until they are resolved; of the resolved ones those of the time since. */
function issuesOf(read: Reader, since: string): Promise<IssueRow[]> {
  return read.many<IssueRow>(
    `SELECT title, severity, status, resolution, owner, actions FROM onboard.issue
      WHERE onboarding = $1::uuid AND (status = 'open' OR resolved_at > $2::timestamptz)
      ORDER BY status, severity, number`,
    [read.onboarding.id, since])
}
