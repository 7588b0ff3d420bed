import { parse } from 'csv-parse/sync'
import { OnboardError } from '../../errors.ts'
import type { CsvSource, Kind, Reading } from '../metric.ts'
import { quantile } from '../statistics.ts'
import { instantOf } from '../zone.ts'
import type { Asked, Ground } from './port.ts'

interface Line {
  readonly number: number
  readonly at: string
  readonly cells: Readonly<Record<string, string>>
}

/** A metric by a file with a line for each observation. */
export async function readCsv(kind: Kind, source: CsvSource, asked: Asked, ground: Ground): Promise<Reading> {
  const { header, lines } = linesOf(await ground.file(source.file), source)
  const needed = [source.tenant, source.value, source.part?.column, source.severity, source.category]
  const absent = needed.filter((name) => name !== undefined && !header.includes(name))
  if (absent.length > 0) {
    throw new OnboardError(
      'invalid', 'csv-column', `${source.file} has no column ${absent.join(', ')}; its header is ${header.join(', ')}`,
    )
  }
  const { from, to } = asked.window
  const [first, end] = [new Date(from).toISOString(), new Date(to).toISOString()]
  const isOurs = ({ cells }: Line): boolean => source.tenant === undefined || cells[source.tenant] === asked.tenant
  const mine = lines.filter((line) => line.at >= first && line.at < end && isOurs(line))
  const cell = (line: Line, column: string | undefined): string | null =>
    column === undefined ? null : line.cells[column] || null
  switch (kind) {
    case 'events':
      return { kind, events: mine.map((line) => ({
        at: line.at, severity: cell(line, source.severity), category: cell(line, source.category),
      })) }
    case 'count':
      if (source.value === undefined) return { kind, count: mine.length }
      return { kind, count: new Set(mine.flatMap((line) => cell(line, source.value) ?? [])).size }
    case 'groups':
      return { kind, groups: grouped(mine.map((line) => cell(line, named(source.value, 'value', kind)) ?? '')) }
    case 'share': {
      const { column, is } = named(source.part, 'part', kind)
      return { kind, part: mine.filter((line) => is.includes(line.cells[column] ?? '')).length, total: mine.length }
    }
    case 'quantile': {
      const values = mine.map((line) => numberOf(line, named(source.value, 'value', kind), source.file))
      if (values.length === 0) return { kind: 'none' }
      return { kind, value: quantile(values, 0.95), samples: values.length, within: null }
    }
  }
}

function linesOf(
  bytes: Uint8Array, { file, time, time_zone, delimiter = ',' }: CsvSource,
): { header: readonly string[]; lines: readonly Line[] } {
  const records = recordsOf(bytes, file, delimiter)
  const header = records[0]?.record ?? []
  if (!header.includes(time)) {
    throw new OnboardError('invalid', 'csv-header', `${file} begins with no header that has a column '${time}'`)
  }
  const lines = records.slice(1).map(({ record, info }) => {
    const cells = Object.fromEntries(header.map((name, i) => [name, record[i] ?? '']))
    return { number: info.lines, at: timeOf(cells[time] ?? '', time_zone, file, info.lines), cells }
  })
  return { header, lines }
}

function recordsOf(
  bytes: Uint8Array, file: string, delimiter: string,
): { record: string[]; info: { lines: number } }[] {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return parse(text, { delimiter, bom: true, info: true, skip_empty_lines: true, trim: true }) as never
  } catch (error) {
    throw new OnboardError(
      'invalid', 'csv', `${file} cannot be read as CSV: ${(error as Error).message}`, { cause: error },
    )
  }
}

/** A time with its own offset, or one of the zone that the config names. */
function timeOf(written: string, zone: string, file: string, line: number): string {
  const own = /^\d{4}-\d\d-\d\d[T ].*(?:Z|[+-]\d\d:?\d\d)$/.test(written)
    ? Date.parse(written.replace(' ', 'T'))
    : Number.NaN
  const at = Number.isNaN(own) ? instantOf(written, zone) : new Date(own).toISOString()
  if (at !== undefined) return at
  throw new OnboardError(
    'invalid', 'csv-time', `${file}, line ${line}: '${written}' is no time such as 2027-02-16 08:30`,
  )
}

function numberOf({ cells, number }: Line, column: string, file: string): number {
  const written = cells[column] ?? ''
  const value = written === '' ? Number.NaN : Number(written)
  if (Number.isFinite(value)) return value
  throw new OnboardError('invalid', 'csv-number', `${file}, line ${number}: '${written}' in ${column} is no number`)
}

function named<T>(value: T | undefined, key: string, kind: Kind): T {
  if (value !== undefined) return value
  throw new OnboardError('invalid', 'metric-csv', `a ${kind} read from a CSV file needs csv.${key} in the config`)
}

function grouped(signatures: readonly string[]): { signature: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const one of signatures) counts.set(one, (counts.get(one) ?? 0) + 1)
  return [...counts].map(([signature, count]) => ({ signature, count }))
}
