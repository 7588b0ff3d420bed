import * as Flags from '@oclif/core/flags'
import { customer } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import { cancelWorld } from '../src/cli/cancel-world.ts'
import type { Output } from '../src/cli/output.ts'
import { showCancel } from '../src/cli/views/cancel.ts'
import { createProgress } from '../src/cli/views/progress.ts'
import { OnboardError } from '../src/errors.ts'
import type { CancelResult } from '../src/onboarding/cancel.ts'

/** Gives an onboarding up. */
export default class Cancel extends OnboardCommand<typeof Cancel, CancelResult> {
  static override result = 'cancel'
  static override summary =
    'Give an onboarding up: nothing is done for it any more. What it made stays, unless it is purged.'
  static override description =
    'Purging exports everything first, then undoes every effect, newest first: '
    + 'a tenant that it made goes, unless that was ever live or something refers to it; such a tenant is suspended. '
    + 'The journal stays.'
  static override examples = [
    'onboard cancel acme --reason "the customer withdrew"',
    'onboard cancel acme --undo',
    'onboard cancel acme --purge --export ./acme-export --confirm acme',
  ]
  static override args = { customer }
  static override flags = {
    reason: Flags.string({ description: 'Why; it enters the journal.', helpValue: 'TEXT' }),
    undo: Flags.boolean({ description: 'It goes on after all.', exclusive: ['reason', 'purge'] }),
    purge: Flags.boolean({ description: 'Take back what was made, after an export. Severe.' }),
    export: Flags.string({
      description: 'Folder for the export; it must not be there. Default: CUSTOMER-export.', helpValue: 'FOLDER',
      dependsOn: ['purge'],
    }),
    erase: Flags.boolean({
      description: 'Erase what the journal keeps of persons as well; its chain still verifies.', dependsOn: ['purge'],
    }),
    confirm: Flags.string({
      description: "The customer's name again: purging is severe.", helpValue: 'CUSTOMER', dependsOn: ['purge'],
    }),
  }

  override async perform(): Promise<Done<CancelResult>> {
    const { cancel, withdrawCancellation } = await import('../src/onboarding/cancel.ts')
    const { args, flags } = this
    const progress = createProgress(this.io)
    const work = await this.context.work(args.customer, { emit: progress.on, cancelled: true })
    const { key } = work.onboarding
    const world = await cancelWorld(this.context, work, flags.export ?? `${key.replace('/', '-')}-export`)
    if (flags.undo) return { result: await withdrawCancellation(world), next: [`onboard status ${key}`] }
    if (flags.purge) await this.confirmed(key)
    const wish = { reason: flags.reason ?? null, purge: flags.purge, erase: flags.erase }
    const { exit, ...result } = await cancel(world, wish).finally(progress.end)
    const undoes = result.outcome === 'cancelled' || result.outcome === 'failed'
    const next = undoes ? `onboard cancel ${key} --undo` : `onboard audit verify ${key}`
    return { result, exit, next: [next] }
  }

  override view(result: CancelResult, out: Output): void {
    showCancel(result, out)
  }

  private async confirmed(key: string): Promise<void> {
    const { confirm } = this.flags
    if (confirm === key) return
    if (confirm === undefined && this.interactive) {
      const { typed } = await import('../src/cli/question.ts')
      this.output.note(`This takes back everything that was made for ${key}, after an export of it.`)
      if (await typed(`Type ${key} to purge it:`, key, this.io)) return
      throw new OnboardError('interrupted', 'declined', 'Not purged; nothing was changed.')
    }
    const said = confirm === undefined
      ? `This takes back everything that was made for ${key}`
      : `--confirm ${confirm} names another customer`
    throw new OnboardError(
      'usage', 'not-confirmed', `${said}: confirm it by its name.`,
      { suggestions: [`onboard cancel ${key} --purge --confirm ${key}`] },
    )
  }
}
