import * as Flags from '@oclif/core/flags'
import type { Revised } from '../../src/onboarding/revise.ts'
import { contact, customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { showRevised } from '../../src/cli/views/revision.ts'

/** Names a person of the customer: a new version of the handoff. */
export default class ContactSet extends OnboardCommand<typeof ContactSet, Revised> {
  static override result = 'contact-set'
  static override summary = 'Name a person of the customer; the handoff gets a new version with it.'
  static override description = "The vendor's own people stand in onboard.config.yaml under roles."
  static override examples = [
    'onboard contact set acme it_admin --name "Uta Kern" --email uta@acme.example --phone "+49 30 1234567"',
    'onboard contact set acme technical --name "Nia Osei" --email nia@acme.example --add',
  ]
  static override args = { customer, contact }
  static override flags = {
    name: Flags.string({ description: 'Full name.', helpValue: 'NAME', required: true }),
    email: Flags.string({ description: 'Mail address.', helpValue: 'MAIL', required: true }),
    phone: Flags.string({ description: 'Phone number.', helpValue: 'PHONE' }),
    add: Flags.boolean({ description: 'Beside those who are there, not in their place.' }),
    reason: Flags.string({ description: 'Why; kept in the journal.', helpValue: 'TEXT' }),
    'dry-run': Flags.boolean({ description: 'Show what would differ; change nothing.' }),
  }

  override async perform(): Promise<Done<Revised>> {
    const { args, context, flags } = this
    const { contactName, withContact } = await import('../../src/onboarding/contacts.ts')
    const { reviseInputs, storedInputs } = await import('../../src/cli/revision.ts')
    const name = contactName(
      args.contact, `onboard contact set ${args.customer} ROLE --name NAME --email MAIL`, await context.config(),
    )
    const work = await context.work(args.customer)
    const stored = await storedInputs(context, work)
    const person = {
      name: flags.name, email: flags.email, ...(flags.phone === undefined ? {} : { phone: flags.phone }),
    }
    const handoff = withContact(work, stored, name, person, flags.add)
    const reason = flags.reason?.trim() || `contact ${name}`
    const again = `onboard contact set ${args.customer} ${name} --name NAME --email MAIL`
    const result = await reviseInputs(context, { work, stored, handoff, reason, again }, flags['dry-run'])
    const plan = result.steps.length === 0 ? [] : [`onboard plan ${result.onboarding}`]
    return { result, next: [`onboard contact list ${result.onboarding}`, ...plan] }
  }

  override view(result: Revised, out: Output): void {
    showRevised(result, out)
  }
}
