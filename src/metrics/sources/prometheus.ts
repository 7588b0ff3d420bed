import { OnboardError } from '../../errors.ts'
import type { Kind, Metric, Reading } from '../metric.ts'
import type { Asked, Ground } from './port.ts'

type Source = NonNullable<Metric['prometheus']>

const TIMEOUT_MS = 10_000
/** What each kind asks for, by name; the last ones may be left out. */
const FIELDS: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  share: ['part', 'total'], quantile: ['value', 'samples', 'within'], count: ['count'],
}
const OPTIONAL = 'within'

/** A metric by instant queries at the end of the window. */
export async function readPrometheus(kind: Kind, source: Source, asked: Asked, ground: Ground): Promise<Reading> {
  const fields = FIELDS[kind]
  if (fields === undefined) {
    throw new OnboardError('invalid', 'metric-kind', `Prometheus gives numbers, no ${kind}: read them by sql or csv`)
  }
  const found: Record<string, number | null> = {}
  for (const name of fields) {
    const query = source.queries[name]
    if (query === undefined && name !== OPTIONAL) {
      throw new OnboardError('invalid', 'metric-query', `prometheus.queries has no '${name}', which a ${kind} needs`)
    }
    if (query !== undefined) found[name] = await ask(source, filled(query, asked), asked.window.to, ground)
  }
  const { part, total, value, samples, count, within = null } = found
  // A series that is not there is no data: whoever wants nought writes `or vector(0)`.
  if (kind === 'share') return part == null || total == null ? { kind: 'none' } : { kind, part, total }
  if (kind === 'quantile') return value == null || samples == null ? { kind: 'none' } : { kind, value, samples, within }
  return count == null ? { kind: 'none' } : { kind: 'count', count }
}

function filled(query: string, { tenant, window }: Asked): string {
  const seconds = Math.max(1, Math.round((Date.parse(window.to) - Date.parse(window.from)) / 1000))
  return query.replaceAll('$tenant', tenant).replaceAll('$window', `${seconds}s`)
}

/** null: there is no series, or its value is none (NaN). */
async function ask({ url, token_env }: Source, query: string, time: string, ground: Ground): Promise<number | null> {
  const address = new URL(`${url.replace(/\/$/, '')}/api/v1/query`)
  address.searchParams.set('query', query)
  address.searchParams.set('time', time)
  const answer = await ground.http({
    url: address.href, method: 'GET', timeout_ms: TIMEOUT_MS, redirects: 0,
    ...(token_env === undefined ? {} : { secret_headers: { authorization: { env: token_env, prefix: 'Bearer ' } } }),
  })
  const body = parsed(answer.body)
  if (answer.status !== 200 || body?.status !== 'success') {
    throw new OnboardError(
      'failed', 'prometheus',
      `${address.host} answered ${answer.status}${body?.error === undefined ? '' : `: ${body.error}`} to ${query}`,
    )
  }
  const { resultType, result } = body.data ?? {}
  if (resultType !== 'scalar' && resultType !== 'vector') {
    throw new OnboardError('invalid', 'prometheus', `the query gives a ${resultType}, not one number: ${query}`)
  }
  const vector = result as readonly { readonly value: Sample }[]
  const samples = resultType === 'scalar' ? [result as Sample] : vector.map(({ value }) => value)
  if (samples.length > 1) {
    throw new OnboardError('invalid', 'prometheus', `the query gives ${samples.length} series; add them up: ${query}`)
  }
  // Values are texts, so that NaN and infinity can be said.
  const value = Number(samples[0]?.[1] ?? Number.NaN)
  return Number.isFinite(value) ? value : null
}

type Sample = readonly [time: number, value: string]

interface Body {
  readonly status?: string
  readonly error?: string
  readonly data?: { readonly resultType?: string; readonly result?: unknown }
}

function parsed(body: string): Body | undefined {
  try {
    return JSON.parse(body) as ReturnType<typeof parsed>
  } catch {
    return undefined
  }
}
