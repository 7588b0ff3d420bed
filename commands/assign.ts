import * as Flags from '@oclif/core/flags'
import type { AssignResult } from '../src/onboarding/assign.ts'
import { OnboardError } from '../src/errors.ts'
import { customer, step } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import type { Output } from '../src/cli/output.ts'
import { bold, dim, green } from '../src/cli/style.ts'

/** A step is one person's, of those who may do it. */
export default class Assign extends OnboardCommand<typeof Assign, AssignResult> {
  static override result = 'assign'
  static override summary =
    'Give a step to one of the people who may do it, so that tasks --mine shows it to them alone.'
  static override examples = [
    'onboard assign acme contract.contract_signed --to lea@vendor.example',
    'onboard assign acme provision.first_login --to tom@acme.example',
    'onboard assign acme contract.contract_signed --nobody',
  ]
  static override args = { customer, step }
  static override flags = {
    to: Flags.string({
      description: 'Whose it is: a mail address of the owning role, or of a contact where the customer does it.',
      helpValue: 'MAIL', exclusive: ['nobody'],
    }),
    nobody: Flags.boolean({ description: 'Give it back to all who may do it.' }),
  }

  override async perform(): Promise<Done<AssignResult>> {
    const { args, context, flags } = this
    if (flags.to === undefined && !flags.nobody) {
      throw new OnboardError(
        'usage', 'assignee-missing', 'assign needs --to MAIL, or --nobody',
        { suggestions: [`onboard assign ${args.customer} ${args.step} --to MAIL`] },
      )
    }
    const { assign } = await import('../src/onboarding/assign.ts')
    const work = await context.work(args.customer)
    const result = await assign(work, args.step, flags.to ?? null, await context.config())
    return { result, next: [`onboard tasks ${result.onboarding}`] }
  }

  override view({ key, outcome, to }: AssignResult, out: Output): void {
    const name = `${key.phase}.${key.step}${key.instance === '' ? '' : `/${key.instance}`}`
    const whose = to === null ? "is nobody's in particular" : `is ${to.name} <${to.email}>'s`
    out.line(
      outcome === 'unchanged' ? dim('=') : green('✓'), ' ', bold(name), ` ${whose}`,
      outcome === 'unchanged' ? dim(', as before') : '',
    )
  }
}
