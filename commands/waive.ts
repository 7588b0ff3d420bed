import * as Flags from '@oclif/core/flags'
import type { WaiveResult } from '../src/onboarding/waive.ts'
import { isDateText } from '../src/dates.ts'
import { OnboardError } from '../src/errors.ts'
import { customer, step } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import { retyped } from '../src/cli/invocation.ts'
import type { Output } from '../src/cli/output.ts'
import { bold, yellow } from '../src/cli/style.ts'

/** Passes over a step until a day, by whom the runbook names. */
export default class Waive extends OnboardCommand<typeof Waive, WaiveResult> {
  static override result = 'waive'
  static override summary = 'Pass over a step until a day, with a reason, by someone whom the runbook lets waive it.'
  static override examples = [
    'onboard waive acme contract.questionnaire --reason "it comes in January" '
      + '--until 2027-01-31 --signer noor@vendor.example',
  ]
  static override args = { customer, step }
  static override flags = {
    reason: Flags.string({ description: 'Why.', helpValue: 'TEXT', required: true }),
    until: Flags.string({
      description: 'Last day on which the waiver holds, YYYY-MM-DD.', helpValue: 'DATE', required: true,
    }),
    signer: Flags.string({
      description: 'Who waives: a mail address of the roles in onboard.config.yaml; you, where it is left out.',
      helpValue: 'MAIL',
    }),
  }

  override async perform(): Promise<Done<WaiveResult>> {
    const { args, flags, context } = this
    if (!isDateText(flags.until)) {
      throw new OnboardError(
        'usage', 'not-a-date', `--until ${flags.until} is no date of the calendar (YYYY-MM-DD).`,
        { suggestions: [`${retyped(this, 'until')} --until 2027-06-30`] },
      )
    }
    const work = await context.work(args.customer)
    const { signerOf } = await import('../src/cli/signer.ts')
    const { person, roles } = signerOf({
      signer: flags.signer, actor: work.actor, config: await context.config(), handoff: work.inputs.handoff,
      customer: work.onboarding.key, retype: retyped(this, 'signer'),
    })
    const { waive } = await import('../src/onboarding/waive.ts')
    const { reason, until } = flags
    const today = await context.today()
    const result = await waive(work, { step: args.step, by: person, roles, reason, until, today })
    return { result, next: [`onboard apply ${result.onboarding}`] }
  }

  override view({ key, outcome, by, until }: WaiveResult, out: Output): void {
    const name = `${key.phase}.${key.step}${key.instance === '' ? '' : `/${key.instance}`}`
    out.line(
      yellow('w'), ' ', bold(name), outcome === 'waived' ? ' waived' : ' was waived already',
      ` until ${until} by ${by.name} <${by.email}>`,
    )
  }
}
