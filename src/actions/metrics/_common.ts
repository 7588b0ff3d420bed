/** What the actions that measure have in common: whose numbers, over which time. */
import type { Reader } from '../../contract.ts'
import type { Metric, Window } from '../../metrics/metric.ts'
import { instantOf } from '../../metrics/zone.ts'

export const TENANT = { type: 'string', minLength: 1, description: 'Slug of the tenant.' } as const
export const MEASURES = {
  type: ['object', 'null'], description: 'Where each metric is read: config.?metrics.',
} as const
export const ZONE = {
  type: 'string', minLength: 1, default: 'UTC', description: 'Time zone in which days begin.',
} as const
export const FROM = { type: 'string', format: 'date', description: 'First day of what is looked at.' } as const
export const TO = {
  type: 'string', format: 'date', description: 'Day before which it ends; never later than now.',
} as const
export const LAST_HOURS = {
  type: 'number', exclusiveMinimum: 0, maximum: 2400, description: 'In place of from and to: the hours up to now.',
} as const

interface Given {
  readonly from?: string
  readonly to?: string
  readonly last_hours?: number
  readonly time_zone?: string
}

/** The time to look at, which ends now at the latest; null where it has not begun. */
export async function windowOf(
  read: Reader, { from, to, last_hours, time_zone = 'UTC' }: Given,
): Promise<Window | null> {
  const row = await read.one<{ now: Date }>('SELECT onboard.now() AS now')
  const now = new Date(row?.now ?? Number.NaN)
  const begin = last_hours === undefined
    ? instantOf(from ?? '', time_zone)
    : new Date(now.getTime() - last_hours * 3_600_000).toISOString()
  const end = last_hours !== undefined || to === undefined ? undefined : instantOf(to, time_zone)
  const until = end === undefined || end > now.toISOString() ? now.toISOString() : end
  return begin === undefined || begin >= until ? null : { from: begin, to: until }
}

export function metricsOf(measures: unknown): Readonly<Record<string, Metric>> | undefined {
  return measures === null || measures === undefined ? undefined : (measures as Readonly<Record<string, Metric>>)
}

/** The Reader as the sources of metrics want it. */
export function groundOf(read: Reader) {
  return {
    many: <R>(sql: string, params?: readonly unknown[]) => read.many<R>(sql, params),
    http: (request: Parameters<Reader['http']>[0]) => read.http(request),
    file: (path: string) => read.file(path),
  }
}
