/** What a reading says against its target and its alert line. A value on a line is not yet past it. */
import type { Threshold } from '../model.ts'
import type { Judgement, Reading, State } from './metric.ts'
import { burnRate, wilson } from './statistics.ts'

type Said = Pick<Judgement, 'state' | 'shown' | 'notes'>

/** A share or a quantile against its threshold. */
export function judge(threshold: Threshold, reading: Reading): Judgement {
  return { id: threshold.id, title: threshold.title, ...said(threshold, reading) }
}

/** A metric that could not be read, and why. */
export function unmeasured(threshold: Pick<Threshold, 'id' | 'title'>, why: string): Judgement {
  return { id: threshold.id, title: threshold.title, state: 'unmeasured', shown: 'not measured', notes: [why] }
}

function said(threshold: Threshold, reading: Reading): Said {
  if (reading.kind === 'none') {
    return { state: 'few', shown: 'no data', notes: ['the source has nothing for this time'] }
  }
  if (reading.kind === 'share') return share(threshold, reading)
  if (reading.kind === 'quantile') return quantileOf(threshold, reading)
  return { state: 'unmeasured', shown: 'not measured', notes: [`a ${reading.kind} has no target to be held against`] }
}

function share(threshold: Threshold, { part, total }: { readonly part: number; readonly total: number }): Said {
  if (total === 0) return { state: 'few', shown: 'no data', notes: ['nothing happened in this time'] }
  // Thresholds of shares are in per cent.
  const value = (100 * part) / total
  const shown = `${written(value)} % of ${total}`
  const short = few(threshold, total)
  if (short !== null) return { state: 'few', shown, notes: [short] }
  const { low, high } = wilson(part, total)
  const bad = threshold.good === 'high' ? 1 - part / total : part / total
  const allowed = threshold.good === 'high' ? 1 - threshold.target / 100 : threshold.target / 100
  const notes = allowed > 0 ? [`burn rate ${written(burnRate(bad, allowed))}`] : []
  if (onTarget(threshold, value)) return { state: 'ok', shown, notes }
  const bound = threshold.good === 'high' ? 100 * high : 100 * low
  if (pastAlert(threshold, value) && pastAlert(threshold, bound)) return { state: 'alert', shown, notes }
  return {
    state: 'warn', shown,
    notes: pastAlert(threshold, value) ? [...notes, 'past the alert line, though it may be chance'] : notes,
  }
}

function quantileOf(
  threshold: Threshold,
  { value, samples, within }: { readonly value: number; readonly samples: number; readonly within: number | null },
): Said {
  const shown = `${written(value)} ${threshold.unit} of ${samples}`
  const short = few(threshold, samples)
  if (short !== null) return { state: 'few', shown, notes: [short] }
  const notes =
    within === null ? [] : [`${written((100 * within) / samples)} % within ${threshold.target} ${threshold.unit}`]
  const state: State = onTarget(threshold, value) ? 'ok' : pastAlert(threshold, value) ? 'alert' : 'warn'
  return { state, shown, notes }
}

function few({ min_samples }: Threshold, total: number): string | null {
  return total < min_samples ? `fewer than ${min_samples}: that says nothing yet` : null
}

function onTarget({ good, target }: Threshold, value: number): boolean {
  return good === 'high' ? value > target : value < target
}

function pastAlert({ good, alert }: Threshold, value: number): boolean {
  return good === 'high' ? value < alert : value > alert
}

/** Three digits that count, and no more than two behind the point; a share of 99.996 is not shown as 100. */
export function written(value: number): string {
  const rounded = Number(value.toFixed(2))
  return String(rounded === 100 && value < 100 ? 99.99 : rounded)
}

/** The state of several together: an alert is one whatever else was seen. */
export function worst(states: readonly State[]): State {
  const order: readonly State[] = ['alert', 'unmeasured', 'warn', 'few', 'ok']
  return order.find((state) => states.includes(state)) ?? 'ok'
}
