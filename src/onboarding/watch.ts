import type { Work } from '../engine/ports.ts'
import { foldRecords } from '../engine/records.ts'
import { OnboardError } from '../errors.ts'
import type { Judgement, State } from '../metrics/metric.ts'
import { measureAll, type Measured } from './hypercare-metrics.ts'

export interface Watched {
  readonly onboarding: string
  readonly company: string
  /** One for each look, in order. */
  readonly samples: readonly (Measured & { readonly at: string })[]
  /** The worst that was seen. */
  readonly state: State
  /** Metrics that were past their alert line at some time. */
  readonly alerts: readonly string[]
}

export interface WatchRequest {
  readonly for_ms: number
  readonly every_ms: number
  /** How much of the past each look covers; never from before go-live. */
  readonly window_ms: number
  /** Waits; resolves early where it is to end. */
  pause(ms: number): Promise<void>
  /** The running clock, in milliseconds. */
  clock(): number
  seen(sample: Measured & { readonly at: string }): void
}

/**
 * Looks at the metrics of a customer again and again, for so long. It holds nothing. Throws waiting where the customer
 * is not live.
 */
export async function watch(
  work: Work, { for_ms, every_ms, window_ms, pause, clock, seen }: WatchRequest,
): Promise<Watched> {
  const { key, company } = work.onboarding
  const end = clock() + for_ms
  const samples: (Measured & { at: string })[] = []
  for (;;) {
    const begun = clock()
    const sample = await work.reading(async (read, look) => {
      const live = foldRecords(look.entries).times.live_at
      if (live === null) {
        throw new OnboardError(
          'waiting', 'not-live', `${key} is not live: there is nothing to watch yet`,
          { suggestions: [`onboard status ${key}`] },
        )
      }
      const from = new Date(Math.max(Date.parse(live), Date.parse(look.now) - window_ms)).toISOString()
      return { at: look.now, ...(await measureAll(work, read(key), { from, to: look.now })) }
    })
    samples.push(sample)
    seen(sample)
    if (clock() >= end) break
    await pause(Math.max(0, Math.min(every_ms - (clock() - begun), end - clock())))
  }
  const order: readonly State[] = ['alert', 'unmeasured', 'warn', 'few', 'ok']
  const alerting = samples.flatMap(({ metrics }) => metrics.filter(({ state }) => state === 'alert'))
  const alerts = [...new Set(alerting.map(({ title }) => title))]
  return {
    onboarding: key, company, samples, alerts,
    state: order.find((state) => samples.some((one) => one.state === state)) ?? 'ok',
  }
}

/** What was seen, as Markdown: the evidence of who watched. */
export function reportOf({ company, samples, state, alerts }: Watched): string {
  const first = samples[0]
  const last = samples.at(-1)
  const cell = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll(/[\r\n]+/g, ' ')
  const past = alerts.length > 0 ? ` (${alerts.map(cell).join(', ')})` : ''
  const shown = (one: Judgement) => cell(`${one.shown} [${one.state}]`)
  const heads = first?.metrics.map(({ title }) => cell(title)) ?? []
  return [
    `# Watch over ${cell(company)}`, '',
    `From ${first?.at ?? ''} to ${last?.at ?? ''}, ${samples.length} looks. At worst: **${state}**${past}.`, '',
    `| at | ${heads.join(' | ')} |`, `| --- |${heads.map(() => ' --- |').join('')}`,
    ...samples.map(({ at, metrics }) => `| ${at} | ${metrics.map(shown).join(' | ')} |`), '',
  ].join('\n')
}
