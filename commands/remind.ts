import * as Flags from '@oclif/core/flags'
import type { Work } from '../src/engine/ports.ts'
import { worstExit } from '../src/errors.ts'
import { anyCustomer } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import type { Output } from '../src/cli/output.ts'
import type { Reminded, Reminders } from '../src/cli/remind.ts'
import { type Reminding, showReminders } from '../src/cli/views/remind.ts'

/** Mails to those whose turn it is; made for cron. */
export default class Remind extends OnboardCommand<typeof Remind, Reminding> {
  static override result = 'remind'
  static override summary =
    'Remind people by mail of the steps that wait for them, as often as the config says, and never twice a day.'
  static override description =
    'A step is reminded of from two business days before it is due, and every two business days (reminders of the\n'
    + 'config). It goes to whom it was assigned, else to all who hold its role; of the customer to the first contact.\n'
    + 'Let cron call it each morning.'
  static override examples = ['onboard remind --dry-run', 'onboard remind', 'onboard remind acme --json']
  static override args = { customer: anyCustomer }
  static override flags = { 'dry-run': Flags.boolean({ description: 'Only say who would be reminded of what.' }) }

  override async perform(): Promise<Done<Reminding>> {
    const { args: { customer }, context, flags } = this
    const [{ remind }, { MARKS }, { entriesOfKinds }, { isBusinessDay }, { lastReminded }] = await Promise.all([
      import('../src/cli/remind.ts'), import('../src/onboarding/open-items.ts'), import('../src/journal/of-kinds.ts'),
      import('../src/dates.ts'), import('../src/journal/reminders.ts'),
    ])
    const [config, today] = [await context.config(), await context.today()]
    const { postbox } = await context.outside()
    const given = {
      config, today, isDryRun: flags['dry-run'], errors: [], postbox: postbox as NonNullable<typeof postbox>,
      ...(await context.connected('reader', async (client) => (
        { marks: await entriesOfKinds(client, MARKS), last: await lastReminded(client) }
      ))),
      connected: context.connected.bind(context) as Reminders['connected'],
    } satisfies Reminders
    const business_day = isBusinessDay(today, new Set(config.holidays))
    const look = (work: Work): Promise<Reminded[]> => remind(work, given)
    const reminders: Reminded[] = []
    if (customer !== undefined) reminders.push(...(await context.glance(customer, look)))
    else if (business_day) {
      const { idleOnes } = await import('../src/cli/looks.ts')
      for await (const some of context.glances(look, { known: await idleOnes(context), whole: true })) {
        reminders.push(...some)
      }
    }
    const errors: Reminders['errors'] = given.errors
    const next = errors.flatMap(({ suggestions }) => suggestions)
    return {
      result: { today, business_day, reminders }, exit: worstExit(errors.map(({ exit }) => exit)),
      next: next.length > 0 ? [...new Set(next)] : [`onboard tasks ${customer ?? ''}`.trim()],
    }
  }

  override view(result: Reminding, out: Output): void {
    showReminders(result, out)
  }
}
