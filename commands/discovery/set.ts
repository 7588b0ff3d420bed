import * as Flags from '@oclif/core/flags'
import type { Revised } from '../../src/onboarding/revise.ts'
import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { retyped } from '../../src/cli/invocation.ts'
import type { Output } from '../../src/cli/output.ts'
import { showRevision } from '../../src/cli/views/revision.ts'

/** The technical discovery of an onboarding: its first version, or the next. */
export default class DiscoverySet extends OnboardCommand<typeof DiscoverySet, Revised> {
  static override result = 'discovery-set'
  static override summary = 'Hand in what the technical discovery found, for the first time or anew.'
  static override examples = [
    'onboard discovery set acme --file acme.discovery.yaml',
    'onboard discovery set acme --file acme.discovery.yaml --reason "second workshop" --dry-run',
  ]
  static override args = { customer }
  static override flags = {
    file: Flags.string({
      char: 'f', description: 'The discovery, YAML or JSON; - for standard input.', helpValue: 'FILE', required: true,
    }),
    reason: Flags.string({ description: 'Why; kept in the journal.', helpValue: 'TEXT' }),
    'dry-run': Flags.boolean({ description: 'Show what would differ; change nothing.' }),
  }

  override async perform(): Promise<Done<Revised>> {
    const { args, context, flags } = this
    const { givenFile } = await import('../../src/cli/given.ts')
    const { reviseInputs, storedInputs } = await import('../../src/cli/revision.ts')
    const discovery = await givenFile(context, flags.file)
    const work = await context.work(args.customer)
    const stored = await storedInputs(context, work)
    const result = await reviseInputs(
      context, { work, stored, discovery, reason: flags.reason?.trim() || null }, flags['dry-run'],
    )
    const { onboarding, outcome } = result
    return { result, next: [outcome === 'planned' ? retyped(this, 'dry-run') : `onboard plan ${onboarding}`] }
  }

  override view(result: Revised, out: Output): void {
    showRevision(result, out, this.context.sourceOf)
  }
}
