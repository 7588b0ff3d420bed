import type { HoldResult } from '../src/onboarding/hold.ts'
import { customer } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import { signer } from '../src/cli/flags.ts'
import { retyped } from '../src/cli/invocation.ts'
import type { Output } from '../src/cli/output.ts'
import { showHold } from '../src/cli/views/hold.ts'

/** Lets the clocks of an onboarding go on. */
export default class Resume extends OnboardCommand<typeof Resume, HoldResult> {
  static override result = 'hold'
  static override summary =
    'Let the clocks of an onboarding that was held go on; its dates move by the days of the hold.'
  static override examples = ['onboard resume acme']
  static override args = { customer }
  static override flags = { signer }

  override async perform(): Promise<Done<HoldResult>> {
    const { args, flags, context } = this
    const work = await context.work(args.customer)
    const [{ resume }, { decidedBy }] = await Promise.all([
      import('../src/onboarding/hold.ts'), import('../src/cli/decided-by.ts'),
    ])
    const result = await resume(
      work, { by: decidedBy(work, await context.config(), flags.signer, retyped(this, 'signer')) },
    )
    return { result, next: [`onboard status ${result.onboarding}`, `onboard apply ${result.onboarding}`] }
  }

  override view(result: HoldResult, out: Output): void {
    showHold(result, out)
  }
}
