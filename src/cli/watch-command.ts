import type { Command } from '@oclif/core/command'
import * as Flags from '@oclif/core/flags'
import { EXIT, OnboardError } from '../errors.ts'
import type { Measured } from '../onboarding/hypercare-metrics.ts'
import type { Watched } from '../onboarding/watch.ts'
import { OnboardCommand, type Done } from './base.ts'
import type { Output } from './output.ts'
import type { Work } from '../engine/ports.ts'
import { sampleLines, showWatched } from './views/watch.ts'

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 }

/** Flags of what watches. */
export const watchFlags = {
  for: Flags.string({ description: 'For how long: 90s, 60m, 2h.', helpValue: 'TIME', default: '60m' }),
  every: Flags.string({ description: 'How often to look.', helpValue: 'TIME', default: '1m' }),
  'fail-on': Flags.option({ options: ['warn'] as const, description: 'Exit 6 at a warning as well.' })(),
}

/** Commands that look at the metrics of a customer for some time: `go-live watch`, `hypercare watch`. */
export abstract class WatchCommand<C extends typeof Command> extends OnboardCommand<C, Watched> {
  static override result = 'watch'

  /** Shows each look as it is made; the exit code follows from the worst of them. */
  protected async watch(work: Work, window_ms: number, window: string): Promise<Done<Watched>> {
    const { watch } = await import('../onboarding/watch.ts')
    const flags = this.flags as unknown as { for: string; every: string; 'fail-on'?: 'warn' }
    const [for_ms, every_ms] = [timeOf(flags.for, '--for'), timeOf(flags.every, '--every')]
    this.output.note(`Watching ${work.onboarding.company}: ${window}, every ${flags.every} for ${flags.for}.`)
    const result = await watch(work, {
      for_ms, every_ms, window_ms, clock: Date.now,
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      seen: this.#show(),
    })
    const bad = result.state === 'alert' || (flags['fail-on'] === 'warn' && result.state === 'warn')
    const exit = bad ? EXIT.verification : result.state === 'unmeasured' ? EXIT.waiting : EXIT.done
    return { result, exit }
  }

  override view(result: Watched, out: Output): void {
    showWatched(result, out)
  }

  /** On a terminal one look takes the place of the other; off it each is a line of its own. */
  #show(): (sample: Measured & { readonly at: string }) => void {
    let shown = 0
    return (sample) => {
      const live = this.io.stderr.isTTY === true && this.flags.json !== true
      if (live && shown > 0) this.io.stderr.write(`\u001b[${shown}A\u001b[J`)
      const lines = sampleLines(sample, this.output.time(sample.at, true), live)
      for (const line of lines) this.output.note(...line)
      shown = lines.length
    }
  }
}

function timeOf(text: string, flag: string): number {
  const [, count, unit] = /^(\d{1,5})([smh])$/.exec(text) ?? []
  const ms = Number(count) * (UNITS[unit ?? ''] ?? Number.NaN)
  if (ms >= 1000) return ms
  throw new OnboardError('usage', 'no-time', `${flag} ${text} is no length of time such as 90s, 60m or 2h`)
}
