import { customer } from '../../src/cli/args.ts'
import type { Done } from '../../src/cli/base.ts'
import { watchFlags, WatchCommand } from '../../src/cli/watch-command.ts'
import type { Watched } from '../../src/onboarding/watch.ts'

/** The metrics of a customer, as they are now. */
export default class HypercareWatch extends WatchCommand<typeof HypercareWatch> {
  static override summary = 'Watch the metrics of the last day; exit 6 where one passes its alert line.'
  static override examples = [
    'onboard hypercare watch acme --for 1s', 'onboard hypercare watch acme --for 2h --every 5m --fail-on warn',
  ]
  static override args = { customer }
  static override flags = watchFlags

  override async perform(): Promise<Done<Watched>> {
    const work = await this.context.work(this.args.customer)
    const done = await this.watch(work, 24 * 3_600_000, 'the last 24 hours, or since go-live')
    const next = done.exit === 0
      ? `onboard hypercare schedule ${this.args.customer}`
      : `onboard issue add ${this.args.customer} TITLE --severity P1`
    return { ...done, next: [next] }
  }
}
