import type { Reader } from '../contract.ts'
import type { Work } from '../engine/ports.ts'
import { judgeAll } from '../metrics/measure.ts'
import type { Judgement, Metric } from '../metrics/metric.ts'
import { finding, tenantOf, type Diagnosis, type Finding } from './diagnose.ts'

type Seen = Omit<Finding, 'name' | 'next'>

const STATES: Readonly<Record<Judgement['state'], Finding['state']>> = {
  ok: 'ok', warn: 'warn', alert: 'fail', few: 'not_checked', unmeasured: 'not_checked',
}

/** Why it is slow: response times of the last hour and day against their thresholds, and how the database is. */
export async function diagnoseLatency(work: Work): Promise<Diagnosis> {
  return work.reading(async (reading, { now }) => {
    const read = reading(work.onboarding.key)
    const findings = [
      ...(await responses(work, read, now, 1, 'the last hour')),
      ...(await responses(work, read, now, 24, 'the last 24 hours')),
      await finding('connections', () => connections(read)),
      await finding('statements', () => statements(read)),
      await finding('locks', () => locks(read)),
      await finding('cache', () => cache(read)),
      await finding('slow queries', () => slowQueries(read)),
    ]
    return { onboarding: work.onboarding.key, findings }
  })
}

/** Thresholds in milliseconds are of response times. */
async function responses(
  work: Work, read: Reader, now: string, hours: number, time: string,
): Promise<readonly Finding[]> {
  const thresholds = work.runbook.thresholds ?? []
  const { config } = work.inputs
  const window = { from: new Date(Date.parse(now) - hours * 3_600_000).toISOString(), to: now }
  const ground = {
    many: <R>(sql: string, params?: readonly unknown[]) => read.many<R>(sql, params), http: read.http, file: read.file,
  }
  const metrics = config['metrics'] as Readonly<Record<string, Metric>> | undefined
  const ids = thresholds.filter(({ unit }) => unit === 'ms').map(({ id }) => id)
  const zone = String(config['time_zone'] ?? 'UTC')
  const judged = await judgeAll(
    { ids, metrics, thresholds, tenant: tenantOf(work), window, zone, expected: null }, ground,
  )
  return judged.map(({ id, title, state, shown, notes }) => (
    { name: id, state: STATES[state], message: [`${title}, ${time}: ${shown}`, ...notes].join('; '), next: null }
  ))
}

async function connections(read: Reader): Promise<Seen> {
  const row = await read.one<{ used: number; most: number }>(
    `SELECT count(*)::int AS used, current_setting('max_connections')::int AS most FROM pg_stat_activity`)
  const { used = 0, most = 1 } = row ?? {}
  return { state: used / most >= 0.8 ? 'warn' : 'ok', message: `${used} of ${most} connections are in use` }
}

async function statements(read: Reader): Promise<Seen> {
  const row = await read.one<{ count: number; seconds: number | null }>(
    `SELECT count(*)::int AS count, extract(epoch FROM max(clock_timestamp() - query_start))::int AS seconds
       FROM pg_stat_activity
      WHERE state = 'active' AND pid <> pg_backend_pid() AND backend_type = 'client backend'`)
  const { count = 0, seconds } = row ?? {}
  if (count === 0) return { state: 'ok', message: 'no statement of others is running' }
  return {
    state: (seconds ?? 0) >= 30 ? 'warn' : 'ok',
    message: `${count} statements are running, the oldest for ${seconds ?? 0} s`,
  }
}

async function locks(read: Reader): Promise<Seen> {
  const row = await read.one<{ waiting: number; tables: string | null }>(
    `SELECT count(*)::int AS waiting, string_agg(DISTINCT c.relname, ', ') AS tables
       FROM pg_locks l LEFT JOIN pg_class c ON c.oid = l.relation WHERE NOT l.granted`)
  const { waiting = 0, tables } = row ?? {}
  if (waiting === 0) return { state: 'ok', message: 'nobody waits for a lock' }
  return { state: 'warn', message: `${waiting} wait for a lock${tables ? ` on ${tables}` : ''}` }
}

/** Blocks that had to be read from disk; of few it says nothing. */
async function cache(read: Reader): Promise<Seen> {
  const row = await read.one<{ hit: string; read: string }>(
    `SELECT blks_hit::text AS hit, blks_read::text AS read FROM pg_stat_database WHERE datname = current_database()`)
  const [hit, missed] = [Number(row?.hit ?? 0), Number(row?.read ?? 0)]
  if (hit + missed < 10_000) return { state: 'not_checked', message: 'too few blocks were read to say' }
  const share = hit / (hit + missed)
  return { state: share < 0.9 ? 'warn' : 'ok', message: `${(share * 100).toFixed(1)} % of blocks were found in memory` }
}

async function slowQueries(read: Reader): Promise<Seen> {
  const there = await read.one<{ name: string | null }>(`SELECT to_regclass('pg_stat_statements')::text AS name`)
  if (!there?.name) {
    return { state: 'not_checked', message: 'the server does not keep them: CREATE EXTENSION pg_stat_statements' }
  }
  const rows = await read.many<{ query: string; mean: number; calls: string }>(
    `SELECT left(regexp_replace(query, '\\s+', ' ', 'g'), 80) AS query, mean_exec_time AS mean, calls::text AS calls
       FROM pg_stat_statements
      WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND mean_exec_time > 500
      ORDER BY total_exec_time DESC LIMIT 3`)
  if (rows.length === 0) return { state: 'ok', message: 'none takes more than 500 ms on average' }
  return {
    state: 'warn',
    message: rows.map(({ query, mean, calls }) => `${Math.round(mean)} ms × ${calls}: ${query}`).join('; '),
  }
}
