import * as Flags from '@oclif/core/flags'
import type { Unlocked } from '../src/journal/unlock.ts'
import { customer } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import type { Output } from '../src/cli/output.ts'
import { bold, dim, green } from '../src/cli/style.ts'

/** Ends a run that nobody can end any more. */
export default class Unlock extends OnboardCommand<typeof Unlock, Unlocked> {
  static override result = 'unlock'
  static override summary = "End the run that holds an onboarding's lock: a dead laptop's, a hung pipeline's."
  static override examples = ['onboard unlock acme --reason "the laptop of Ada is broken"']
  static override args = { customer }
  static override flags = {
    reason: Flags.string({ description: 'Why; it enters the journal.', helpValue: 'TEXT', required: true }),
  }

  override async perform(): Promise<Done<Unlocked>> {
    const { unlock } = await import('../src/journal/unlock.ts')
    const { namedOnboarding } = await import('../src/cli/assemble.ts')
    const actor = await this.context.actor()
    const result = await this.context.connected('app', async (client) => {
      const { onboarding } = await namedOnboarding(client, this.args.customer)
      return unlock(client, onboarding, this.flags.reason, actor)
    })
    return { result, next: [`onboard status ${result.onboarding}`] }
  }

  override view({ onboarding, ended }: Unlocked, out: Output): void {
    if (ended === null) return out.line(bold(onboarding), ' was not locked.')
    out.line(
      green('✓'), ' ', bold(onboarding), ` is free: ended ${ended.name || ended.role}`,
      dim(`, there since ${ended.since} (server process ${ended.pid})`),
    )
  }
}
