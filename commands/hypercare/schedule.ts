import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { showSchedule } from '../../src/cli/views/hypercare.ts'
import type { Hypercare } from '../../src/onboarding/check-ins.ts'

/** When the check-ins are. */
export default class HypercareSchedule extends OnboardCommand<typeof HypercareSchedule, Hypercare> {
  static override result = 'hypercare-schedule'
  static override summary =
    'Show the days of hypercare: which check-ins were held, which were missed, which are to come.'
  static override examples = ['onboard hypercare schedule acme', 'onboard hypercare schedule acme --json']
  static override args = { customer }

  override async perform(): Promise<Done<Hypercare>> {
    const { hypercareOf } = await import('../../src/onboarding/check-ins.ts')
    const work = await this.context.work(this.args.customer)
    const result = await hypercareOf(work)
    const open = result.check_ins.some(({ state }) => state === 'open' || state === 'missed')
    const done = result.check_ins.every(({ state }) => state === 'held' || state === 'waived')
    const { customer } = this.args
    const otherwise = done ? `onboard hypercare close ${customer}` : `onboard apply ${customer}`
    const next = open ? `onboard hypercare check-in ${customer}` : otherwise
    return { result, next: [next] }
  }

  override view(result: Hypercare, out: Output): void {
    showSchedule(result, out)
  }
}
