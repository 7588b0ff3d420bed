import * as Flags from '@oclif/core/flags'
import { customer } from '../../src/cli/args.ts'
import type { Done } from '../../src/cli/base.ts'
import { watchFlags, WatchCommand } from '../../src/cli/watch-command.ts'
import type { Watched } from '../../src/onboarding/watch.ts'

/** The first hour after go-live. */
export default class GoLiveWatch extends WatchCommand<typeof GoLiveWatch> {
  static override summary =
    'Watch the metrics after go-live, and sign that the first hour was watched; '
    + 'exit 6 where one passes its alert line.'
  static override examples = [
    'onboard go-live watch acme --for 60m',
    'onboard go-live watch acme --for 10m --every 30s --signer eva@vendor.example',
  ]
  static override args = { customer }
  static override flags = {
    ...watchFlags,
    signer: Flags.string({
      description: 'Who watches: a mail address of the roles in onboard.config.yaml; you, where it is left out.',
      helpValue: 'MAIL',
    }),
  }

  override async perform(): Promise<Done<Watched>> {
    const { args, context } = this
    const work = await context.work(args.customer)
    const { firstHour } = await import('../../src/cli/first-hour.ts')
    // Whose word it will be is settled before an hour goes by.
    const sign = await firstHour(work, await context.config(), this.flags.signer, args.customer)
    const done = await this.watch(work, 3_600_000, 'the last hour, or since go-live')
    if (done.exit !== 0) {
      const report = `onboard issue add ${args.customer} TITLE --severity P1`
      return { ...done, next: [report, `onboard rollback ${args.customer} --condition performance --reason TEXT`] }
    }
    return { ...done, next: [await sign(done.result)] }
  }
}
