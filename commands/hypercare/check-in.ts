import * as Flags from '@oclif/core/flags'
import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { retyped } from '../../src/cli/invocation.ts'
import type { Output } from '../../src/cli/output.ts'
import { showCheckIn } from '../../src/cli/views/hypercare.ts'
import type { CheckInResult } from '../../src/onboarding/hypercare-check-in.ts'

/** Holds a check-in. */
export default class HypercareCheckIn extends OnboardCommand<typeof HypercareCheckIn, CheckInResult> {
  static override result = 'hypercare-check-in'
  static override summary =
    'Hold a check-in: measure since the last one, take over what is open, record what the customer says.'
  static override examples = [
    'onboard hypercare check-in acme --note "The export is slow on Mondays"',
    'onboard hypercare check-in acme --day 3 --signer cleo@vendor.example',
  ]
  static override args = { customer }
  static override flags = {
    note: Flags.string({ description: 'What the customer says.', helpValue: 'TEXT' }),
    day: Flags.integer({
      description: 'Of which day after go-live; the one whose time has come, where it is left out.', helpValue: 'N',
      min: 1,
    }),
    signer: Flags.string({
      description: 'Who holds it: a mail address of the roles in onboard.config.yaml; you, where it is left out.',
      helpValue: 'MAIL',
    }),
  }

  override async perform(): Promise<Done<CheckInResult>> {
    const { args, flags, context } = this
    const work = await context.work(args.customer)
    const [{ signerOf }, { holdCheckIn }] = await Promise.all([
      import('../../src/cli/signer.ts'), import('../../src/onboarding/hypercare-check-in.ts'),
    ])
    const { person, roles } = signerOf({
      signer: flags.signer, actor: work.actor, config: await context.config(), handoff: work.inputs.handoff,
      customer: args.customer, retype: retyped(this, 'signer'),
    })
    const result = await holdCheckIn(work, { day: flags.day, feedback: flags.note, holder: person, roles })
    const [missed] = result.missed
    const next = missed === undefined ? [] : [`onboard hypercare check-in ${args.customer} --day ${missed}`]
    const shown = `onboard document show ${args.customer} ${result.document.name}`
    return { result, next: [...next, shown, `onboard apply ${args.customer}`] }
  }

  override view(result: CheckInResult, out: Output): void {
    showCheckIn(result, out)
  }
}
