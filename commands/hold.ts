import * as Flags from '@oclif/core/flags'
import type { HoldResult } from '../src/onboarding/hold.ts'
import { customer } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import { signer } from '../src/cli/flags.ts'
import { retyped } from '../src/cli/invocation.ts'
import type { Output } from '../src/cli/output.ts'
import { showHold } from '../src/cli/views/hold.ts'

/** Stops the clocks of an onboarding. */
export default class HoldCommand extends OnboardCommand<typeof HoldCommand, HoldResult> {
  static override result = 'hold'
  static override summary = 'Stop the clocks of an onboarding: nothing is done for it until it is resumed.'
  static override examples = [
    'onboard hold acme --reason "the customer changes its identity provider"',
    'onboard hold acme --reason "budget freeze" --signer cleo@vendor.example',
  ]
  static override args = { customer }
  static override flags = { reason: Flags.string({ description: 'Why.', helpValue: 'TEXT', required: true }), signer }

  override async perform(): Promise<Done<HoldResult>> {
    const { args, flags, context } = this
    const work = await context.work(args.customer)
    const [{ hold }, { decidedBy }] = await Promise.all([
      import('../src/onboarding/hold.ts'), import('../src/cli/decided-by.ts'),
    ])
    const by = decidedBy(work, await context.config(), flags.signer, retyped(this, 'signer'))
    const result = await hold(work, { by, reason: flags.reason })
    return { result, next: [`onboard resume ${result.onboarding}`, `onboard status ${result.onboarding}`] }
  }

  override view(result: HoldResult, out: Output): void {
    showHold(result, out)
  }
}
