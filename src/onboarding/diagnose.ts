import type { Reader } from '../contract.ts'
import type { Work } from '../engine/ports.ts'
import { EXIT } from '../errors.ts'
import { measure } from '../metrics/measure.ts'
import type { Metric } from '../metrics/metric.ts'

/** One thing that was looked at. What was not looked at is never said to be well. */
export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'warn' | 'fail' | 'not_checked'
  readonly message: string
  /** The command that helps; null where none does. */
  readonly next: string | null
}

export interface Diagnosis {
  readonly onboarding: string
  readonly findings: readonly Finding[]
}

/** 6 where something is wrong, 5 where nothing could be looked at. */
export function exitOfFindings(findings: readonly Finding[]): number {
  if (findings.some(({ state }) => state === 'fail')) return EXIT.verification
  return findings.every(({ state }) => state === 'not_checked') ? EXIT.waiting : EXIT.done
}

/** Looks at one thing; what the database or a source refuses is not checked, and stops no other. */
export async function finding(
  name: string, look: () => Promise<Omit<Finding, 'name' | 'next'> & { readonly next?: string | null }>,
): Promise<Finding> {
  try {
    return { next: null, ...(await look()), name }
  } catch (error) {
    return { name, state: 'not_checked', message: error instanceof Error ? error.message : String(error), next: null }
  }
}

export function metricOf(work: Work, id: string): Metric | undefined {
  return (work.inputs.config['metrics'] as Readonly<Record<string, Metric>> | undefined)?.[id]
}

/**
 * How often something was counted in the hours before now; null where the source had no answer, a sentence where there
 * is none.
 */
export async function counted(
  work: Work, read: Reader, id: string, now: string, hours: number,
): Promise<number | null | string> {
  const metric = metricOf(work, id)
  if (metric === undefined) return `the config names no source of it (metrics.${id}, of kind count)`
  const from = new Date(Date.parse(now) - hours * 3_600_000).toISOString()
  const ground = {
    many: <R>(sql: string, params?: readonly unknown[]) => read.many<R>(sql, params), http: read.http, file: read.file,
  }
  const reading = await measure(metric, { tenant: tenantOf(work), window: { from, to: now } }, ground)
  if (reading.kind === 'none') return null
  return reading.kind === 'count' ? reading.count : `metrics.${id} is of kind ${reading.kind}, not count`
}

export function tenantOf(work: Work): string {
  return work.onboarding.tenant_slug ?? work.onboarding.slug
}
