import * as Flags from '@oclif/core/flags'
import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { retyped } from '../../src/cli/invocation.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim, green } from '../../src/cli/style.ts'
import type { CloseResult } from '../../src/onboarding/hypercare-close.ts'

/** Hands the customer over to Support. */
export default class HypercareClose extends OnboardCommand<typeof HypercareClose, CloseResult> {
  static override result = 'hypercare-close'
  static override summary = 'End hypercare: see that nothing is open, and hand the customer over to Support.'
  static override examples = ['onboard hypercare close acme --signer sun@vendor.example']
  static override args = { customer }
  static override flags = {
    note: Flags.string({ description: 'A remark that is kept with it.', helpValue: 'TEXT' }),
    signer: Flags.string({
      description: 'Who takes over: a mail address of the roles in onboard.config.yaml; you, where it is left out.',
      helpValue: 'MAIL',
    }),
  }

  override async perform(): Promise<Done<CloseResult>> {
    const { args, flags, context } = this
    const work = await context.work(args.customer)
    const [{ signerOf }, { closeHypercare }] = await Promise.all([
      import('../../src/cli/signer.ts'), import('../../src/onboarding/hypercare-close.ts'),
    ])
    const { person, roles } = signerOf({
      signer: flags.signer, actor: work.actor, config: await context.config(), handoff: work.inputs.handoff,
      customer: args.customer, retype: retyped(this, 'signer'),
    })
    const result = await closeHypercare(work, { signer: person, roles, note: flags.note ?? null })
    return { result, next: [`onboard status ${args.customer}`] }
  }

  override view({ onboarding, outcome, signer }: CloseResult, out: Output): void {
    out.line(
      outcome === 'closed' ? green('✓') : dim('='), ' ', bold(onboarding),
      outcome === 'closed' ? ' is handed over: ' : ' was handed over already: ',
      `${signer.name} <${signer.email}> has it now`,
    )
  }
}
