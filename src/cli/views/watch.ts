import type { State } from '../../metrics/metric.ts'
import type { Measured } from '../../onboarding/hypercare-metrics.ts'
import type { Watched } from '../../onboarding/watch.ts'
import type { Output } from '../output.ts'
import { bold, dim, green, type Piece, red, yellow } from '../style.ts'

const MARKS: Readonly<Record<State, Piece>> = {
  ok: green('✓'), warn: yellow('!'), alert: red('✗'), few: dim('·'), unmeasured: dim('?'),
}

type Shown = Measured['metrics'][number]

/** One look at the metrics: a line for each on a terminal, one line for all elsewhere. */
export function sampleLines({ metrics }: Measured, at: string, tall: boolean): Piece[][] {
  const one = ({ title, shown, state }: Shown): Piece[] => [MARKS[state], ' ', title, ' ', shown]
  const noted = (metric: Shown): Piece => (
    metric.notes.length > 0 && metric.state !== 'ok' ? dim(` (${metric.notes.join(', ')})`) : ''
  )
  if (tall) return [[dim(at)], ...metrics.map((metric) => ['  ', ...one(metric), noted(metric)])]
  return [[dim(at), ...metrics.flatMap((metric) => ['  ', ...one(metric)])]]
}

export function showMetrics({ metrics }: Pick<Measured, 'metrics'>, out: Output): void {
  out.table(metrics.map(({ title, shown, state, notes }) => [
    MARKS[state], title, shown, state === 'ok' ? '' : state, dim(notes.join(', ')),
  ]), { indent: 2 })
}

export function showWatched({ company, samples, state, alerts }: Watched, out: Output): void {
  const last = samples.at(-1)
  out.line(
    bold(company), ` watched, ${samples.length} ${samples.length === 1 ? 'look' : 'looks'}: `, MARKS[state], ' ', state,
    alerts.length > 0 ? red(` ${alerts.join(', ')}`) : '',
  )
  if (last !== undefined) showMetrics(last, out)
}
