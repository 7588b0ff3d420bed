import * as Flags from '@oclif/core/flags'
import type { RejectResult } from '../src/onboarding/reject.ts'
import { customer, step } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import { retyped } from '../src/cli/invocation.ts'
import type { Output } from '../src/cli/output.ts'
import { bold, dim, red } from '../src/cli/style.ts'

/** A person's no on a step that waits for their word. */
export default class Reject extends OnboardCommand<typeof Reject, RejectResult> {
  static override result = 'reject'
  static override summary = "Record a person's no on a step that waits for their word, with the reason."
  static override description =
    'It blocks the step and what needs it until what was asked changes, or somebody who may signs it after all.'
  static override examples = [
    'onboard reject acme contract.contract_signed --reason "clause 4 is open" --signer lea@vendor.example',
    'onboard reject acme provision.first_login --on-behalf-of technical --reason "the link has expired"',
  ]
  static override args = { customer, step }
  static override flags = {
    reason: Flags.string({ description: 'Why.', helpValue: 'TEXT', required: true }),
    signer: Flags.string({
      description: 'Who says no: a mail address of the roles in onboard.config.yaml; you, where it is left out.',
      helpValue: 'MAIL', exclusive: ['on-behalf-of'],
    }),
    'on-behalf-of': Flags.string({
      description: 'Who says no for the customer: a contact of the handoff, by name there (primary) or mail address.',
      helpValue: 'CONTACT',
    }),
  }

  override async perform(): Promise<Done<RejectResult>> {
    const { args, flags, context } = this
    const work = await context.work(args.customer)
    const { signerOf } = await import('../src/cli/signer.ts')
    const { person, roles } = signerOf({
      signer: flags.signer, contact: flags['on-behalf-of'], actor: work.actor, config: await context.config(),
      handoff: work.inputs.handoff, customer: work.onboarding.key,
      retype: retyped(this, 'signer', 'on-behalf-of'),
    })
    const { reject } = await import('../src/onboarding/reject.ts')
    const result = await reject(work, { step: args.step, signer: person, roles, reason: flags.reason })
    return { result, next: [`onboard status ${result.onboarding}`] }
  }

  override view({ key, outcome, signer, role, reason }: RejectResult, out: Output): void {
    const name = `${key.phase}.${key.step}${key.instance === '' ? '' : `/${key.instance}`}`
    const said = outcome === 'rejected' ? ' rejected by ' : ' was rejected already by '
    out.line(red('✗'), ' ', bold(name), said, `${signer.name} <${signer.email}>`, dim(` as ${role}: `), reason)
    out.line('  ', dim('blocked until what was asked changes, or it is signed after all'))
  }
}
