import * as Flags from '@oclif/core/flags'
import type { Revised } from '../../src/onboarding/revise.ts'
import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { retyped } from '../../src/cli/invocation.ts'
import type { Output } from '../../src/cli/output.ts'
import { showRevision } from '../../src/cli/views/revision.ts'

/** An onboarding goes on with another version of its handoff. */
export default class HandoffRevise extends OnboardCommand<typeof HandoffRevise, Revised> {
  static override result = 'handoff-revise'
  static override summary = 'Replace the handoff of an onboarding by a new version: what differs, and what that means.'
  static override description =
    'A sign-off whose part of the handoff reads otherwise is void. Nothing is applied: plan shows what there is to do.'
  static override examples = [
    'onboard handoff revise acme --file acme.handoff.yaml --reason "300 users more" --dry-run',
    'onboard handoff revise acme --file acme.handoff.yaml --reason "300 users more"',
  ]
  static override args = { customer }
  static override flags = {
    file: Flags.string({
      char: 'f', description: 'The new handoff, YAML or JSON; - for standard input.', helpValue: 'FILE', required: true,
    }),
    discovery: Flags.string({
      description: 'A new discovery with it; where it is left out, the one there is stays.', helpValue: 'FILE',
    }),
    reason: Flags.string({ description: 'Why; kept in the journal.', helpValue: 'TEXT', required: true }),
    'dry-run': Flags.boolean({ description: 'Show what would differ; change nothing.' }),
  }

  override async perform(): Promise<Done<Revised>> {
    const { args, context, flags } = this
    const { givenFiles } = await import('../../src/cli/given.ts')
    const { given } = await import('../../src/cli/reason.ts')
    const { reviseInputs, storedInputs } = await import('../../src/cli/revision.ts')
    const reason = given(flags.reason, `${retyped(this, 'reason')} --reason TEXT`)
    const files = await givenFiles(context, flags)
    const work = await context.work(args.customer)
    const result = await reviseInputs(
      context, { work, stored: await storedInputs(context, work), ...files, reason }, flags['dry-run'],
    )
    const { onboarding, outcome } = result
    return { result, next: [outcome === 'planned' ? retyped(this, 'dry-run') : `onboard plan ${onboarding}`] }
  }

  override view(result: Revised, out: Output): void {
    showRevision(result, out, this.context.sourceOf)
  }
}
