import * as Flags from '@oclif/core/flags'
import type { Revised } from '../../src/onboarding/revise.ts'
import { contact, customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { showRevised } from '../../src/cli/views/revision.ts'

/** Takes a person of the customer out: a new version of the handoff. */
export default class ContactRemove extends OnboardCommand<typeof ContactRemove, Revised> {
  static override result = 'contact-remove'
  static override summary = 'Take a person of the customer out; the handoff gets a new version without them.'
  static override examples = [
    'onboard contact remove acme it_admin', 'onboard contact remove acme technical --email nia@acme.example',
  ]
  static override args = { customer, contact }
  static override flags = {
    email: Flags.string({ description: 'Only this one, where there are several.', helpValue: 'MAIL' }),
    reason: Flags.string({ description: 'Why; kept in the journal.', helpValue: 'TEXT' }),
    'dry-run': Flags.boolean({ description: 'Show what would differ; change nothing.' }),
  }

  override async perform(): Promise<Done<Revised>> {
    const { args, context, flags } = this
    const { contactName, withoutContact } = await import('../../src/onboarding/contacts.ts')
    const { reviseInputs, storedInputs } = await import('../../src/cli/revision.ts')
    const name = contactName(args.contact, `onboard contact remove ${args.customer} ROLE`, await context.config())
    const work = await context.work(args.customer)
    const stored = await storedInputs(context, work)
    const handoff = withoutContact(work, stored, name, flags.email)
    const reason = flags.reason?.trim() || `contact ${name} removed`
    const again = `onboard contact set ${args.customer} ${name} --name NAME --email MAIL`
    const result = await reviseInputs(context, { work, stored, handoff, reason, again }, flags['dry-run'])
    return { result, next: [`onboard contact list ${result.onboarding}`] }
  }

  override view(result: Revised, out: Output): void {
    showRevised(result, out)
  }
}
