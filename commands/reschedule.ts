import * as Flags from '@oclif/core/flags'
import type { Rescheduled } from '../src/onboarding/reschedule.ts'
import { customer } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import { signer } from '../src/cli/flags.ts'
import { retyped } from '../src/cli/invocation.ts'
import type { Output } from '../src/cli/output.ts'
import { bold, dim, green, yellow } from '../src/cli/style.ts'

/** Moves the go-live of an onboarding. */
export default class Reschedule extends OnboardCommand<typeof Reschedule, Rescheduled> {
  static override result = 'reschedule'
  static override summary =
    'Move the go-live, with a reason; what counts from it moves along, '
    + 'and what was signed on the date is asked again.'
  static override examples = [
    'onboard reschedule acme --go-live 2027-03-01 --reason "the customer asked for two weeks more"',
    'onboard reschedule acme --go-live 2027-01-18 --reason "contract terms" --even-if-late',
  ]
  static override args = { customer }
  static override flags = {
    'go-live': Flags.string({
      description: 'The new date, YYYY-MM-DD: a business day.', helpValue: 'DATE', required: true,
    }),
    reason: Flags.string({ description: 'Why.', helpValue: 'TEXT', required: true }),
    'even-if-late': Flags.boolean({
      description: 'Also to a date that does not leave time for what is left; it is journaled as such.',
    }),
    signer,
  }

  override async perform(): Promise<Done<Rescheduled>> {
    const { args, flags, context } = this
    const work = await context.work(args.customer)
    const [{ reschedule }, { decidedBy }] = await Promise.all([
      import('../src/onboarding/reschedule.ts'), import('../src/cli/decided-by.ts'),
    ])
    const by = decidedBy(work, await context.config(), flags.signer, retyped(this, 'signer'))
    const result = await reschedule(
      work, { go_live: flags['go-live'], reason: flags.reason, by, even_if_late: flags['even-if-late'] },
    )
    return { result, next: [`onboard status ${result.onboarding}`] }
  }

  override view({ onboarding, outcome, from, to, earliest, fits, void: gone }: Rescheduled, out: Output): void {
    if (outcome === 'unchanged') {
      return out.line(green('='), ' ', bold(onboarding), ` goes live on ${to} already: nothing changed`)
    }
    out.line(green('✓'), ' ', bold(onboarding), ` goes live on ${to}, not on ${from}`)
    if (!fits) out.line(yellow('!'), ` what is left takes until ${earliest}`)
    for (const step of gone) out.line(yellow('↺'), ` ${step} `, dim('was signed with the date: it is asked again'))
  }
}
