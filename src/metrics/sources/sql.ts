import { OnboardError } from '../../errors.ts'
import type { Kind, Reading } from '../metric.ts'
import type { Asked, Ground } from './port.ts'

type Row = Readonly<Record<string, unknown>>

/** A metric by one SELECT, whose columns are named as its kind says. */
export async function readSql(kind: Kind, sql: string, { tenant, window }: Asked, ground: Ground): Promise<Reading> {
  // Each parameter may be left out of a query; PostgreSQL refuses one whose type it cannot see.
  const used = [tenant, window.from, window.to].slice(
    0, Math.max(0, ...[...sql.matchAll(/\$([123])/g)].map(([, n]) => Number(n))),
  )
  const rows = await ground.many<Row>(sql.trim().replace(/;\s*$/, ''), used).catch((error: unknown) => {
    throw refused(error) ?? error
  })
  if (kind === 'events') {
    return { kind, events: rows.map((row) => ({
      at: instant(row), severity: text(row, 'severity'), category: text(row, 'category'),
    })) }
  }
  if (kind === 'groups') {
    return { kind, groups: rows.map((row) => ({
      signature: text(row, 'signature') ?? missing('signature'), count: number(row, 'count') ?? 0,
    })) }
  }
  const [row] = rows
  if (row === undefined) return { kind: 'none' }
  if (rows.length > 1) {
    throw new OnboardError('invalid', 'metric-rows', `the query gives ${rows.length} rows where one is wanted`)
  }
  if (kind === 'count') return { kind, count: number(row, 'count') ?? 0 }
  const counted = number(row, kind === 'share' ? 'total' : 'samples') ?? 0
  if (kind === 'share') return { kind, part: number(row, 'part') ?? 0, total: counted }
  const value = number(row, 'value')
  if (value === null) return { kind: 'none' }
  return { kind, value, samples: counted, within: 'within' in row ? number(row, 'within') : null }
}

/** What the database says against the query itself: the other metrics can still be read. */
function refused(error: unknown): OnboardError | undefined {
  for (let e = error; e instanceof Error; e = e.cause) {
    if ('code' in e && typeof e.code === 'string' && /^[0-9A-Z]{5}$/.test(e.code)) {
      return new OnboardError('invalid', 'metric-sql', `the database refuses the query: ${e.message}`, { cause: error })
    }
  }
  return undefined
}

function missing(column: string): never {
  throw new OnboardError('invalid', 'metric-column', `the query gives no column '${column}'`)
}

/** null: SQL's null. bigint and numeric arrive as text. */
function number(row: Row, column: string): number | null {
  if (!(column in row)) missing(column)
  const value = row[column]
  if (value === null) return null
  const parsed = Number(value)
  if (Number.isFinite(parsed)) return parsed
  throw new OnboardError('invalid', 'metric-number', `'${column}' is ${JSON.stringify(value)}, no number`)
}

function text(row: Row, column: string): string | null {
  const value = row[column]
  return value === undefined || value === null ? null : String(value)
}

function instant(row: Row): string {
  const at = row['at'] ?? missing('at')
  const time = at instanceof Date ? at : new Date(String(at))
  if (Number.isNaN(time.getTime())) {
    throw new OnboardError('invalid', 'metric-time', `'at' is ${JSON.stringify(at)}, no time`)
  }
  return time.toISOString()
}
