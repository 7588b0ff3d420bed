import * as Flags from '@oclif/core/flags'
import { OnboardError } from '../../src/errors.ts'
import type { OutboxMail } from '../../src/onboarding/mail.ts'
import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim, green, yellow } from '../../src/cli/style.ts'

interface Result {
  readonly onboarding: string
  readonly mails: readonly OutboxMail[]
  /** null: nothing was decided, only looked at. */
  readonly outcome: 'decided' | 'unchanged' | null
}

const STATES: Readonly<Record<OutboxMail['state'], string>> = {
  sent: 'sent', sending: 'not known whether it was sent', refused: 'refused, not sent', partly: 'sent to some',
  again: 'to be sent again',
}

/** What was sent, and a person's word on what nobody else can know. */
export default class DocumentMail extends OnboardCommand<typeof DocumentMail, Result> {
  static override result = 'document-mail'
  static override summary = 'List the mail of an onboarding, or say what became of one that nobody knows of.'
  static override examples = [
    'onboard document mail acme',
    'onboard document mail acme --sent 4f2a91c0d3e8 --reason "Ada has it"',
    'onboard document mail acme --resend 4f2a91c0d3e8 --reason "not in the log of the mail server"',
  ]
  static override args = { customer }
  static override flags = {
    sent: Flags.string({
      description: 'This mail was sent: it is not sent again.', helpValue: 'ID', exclusive: ['resend'],
    }),
    resend: Flags.string({ description: 'Send this mail again, with the same Message-ID.', helpValue: 'ID' }),
    reason: Flags.string({ description: 'How that is known; kept in the journal.', helpValue: 'TEXT' }),
  }

  override async perform(): Promise<Done<Result>> {
    const { args, context } = this
    const { sent, resend, reason } = this.flags
    const id = sent ?? resend
    if (id !== undefined && (reason ?? '').trim() === '') {
      const option = sent === undefined ? 'resend' : 'sent'
      const command = `onboard document mail ${args.customer} --${option} ${id} --reason REASON`
      throw new OnboardError(
        'usage', 'reason-missing', 'A decision has a reason: how is it known?', { suggestions: [command] },
      )
    }
    const { outboxOf } = await import('../../src/journal/outbox.ts')
    const work = await context.work(args.customer)
    const { key } = work.onboarding
    return context.connected('app', async (client) => {
      const outbox = outboxOf(client, work.onboarding.id)
      if (id === undefined) {
        const mails = await outbox.list()
        return { result: { onboarding: key, mails, outcome: null }, next: [`onboard status ${key}`] }
      }
      const { decideMail } = await import('../../src/onboarding/mail.ts')
      const decision = sent === undefined ? 'resend' as const : 'sent' as const
      const { mail, outcome } = await decideMail(work, outbox, { id, decision, reason: reason ?? '' })
      return { result: { onboarding: key, mails: [mail], outcome }, next: [`onboard apply ${key}`] }
    })
  }

  override view({ mails, outcome }: Result, out: Output): void {
    if (mails.length === 0) return out.line(dim('No mail yet.'))
    for (const { id, state, subject, recipients, via, began_at, sent_at, response, closed } of mails) {
      out.line(
        state === 'sent' ? green('✓') : yellow('!'), ' ', bold(id), ' ', subject, dim(` to ${recipients.join(', ')}`),
      )
      out.line(
        '  ', STATES[state], closed ? ' (its step was undone since)' : '',
        dim(` · ${out.time(sent_at ?? began_at)} · ${via}`),
      )
      if (response !== null && state !== 'sent') out.line('  ', dim(response))
    }
    if (outcome !== null) out.line(outcome === 'decided' ? 'decided' : dim('was decided so already'))
  }
}
