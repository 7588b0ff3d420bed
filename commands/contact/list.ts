import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim, yellow, type Piece } from '../../src/cli/style.ts'
import type { Contacts } from '../../src/onboarding/contacts.ts'

/** Who is who in an onboarding, on both sides. */
export default class ContactList extends OnboardCommand<typeof ContactList, Contacts> {
  static override result = 'contact-list'
  static override summary = 'List the people of an onboarding: contacts of the handoff, roles of onboard.config.yaml.'
  static override examples = ['onboard contact list acme', 'onboard contact list acme --json']
  static override args = { customer }

  override async perform(): Promise<Done<Contacts>> {
    const { listContacts } = await import('../../src/onboarding/contacts.ts')
    const config = await this.context.config()
    const result = await this.context.glance(this.args.customer, async (work) => listContacts(work, config))
    const empty = result.empty.find(({ side }) => side === 'customer')
    const next = empty === undefined
      ? `onboard status ${result.onboarding}`
      : `onboard contact set ${result.onboarding} ${empty.role} --name NAME --email MAIL`
    return { result, next: [next] }
  }

  override view({ onboarding, company, contacts, empty }: Contacts, out: Output): void {
    for (const side of ['customer', 'vendor'] as const) {
      out.line(bold(side === 'customer' ? `${company} (${onboarding})` : 'Vendor'))
      const nobody = empty.filter((one) => one.side === side)
      out.table([
        ...contacts.filter((one) => one.side === side)
          .map(({ role, name, email, phone }): Piece[] => [`  ${role}`, name, `<${email}>`, phone ?? '']),
        ...nobody.map(({ role }): Piece[] => (
          [`  ${role}`, yellow('nobody'), dim(side === 'vendor' ? 'roles in onboard.config.yaml' : '')]
        )),
      ])
    }
  }
}
