import type { Work } from '../src/engine/ports.ts'
import type { ShownIssue } from '../src/onboarding/issues.ts'
import type { Status } from '../src/onboarding/status.ts'
import type { Summary } from '../src/onboarding/summary.ts'
import * as Flags from '@oclif/core/flags'
import { anyCustomer } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import type { Output } from '../src/cli/output.ts'
import { showOpenIssues } from '../src/cli/views/issues.ts'
import { showStatus } from '../src/cli/views/status.ts'
import { showStatuses } from '../src/cli/views/statuses.ts'

type One = Status & { readonly issues: readonly ShownIssue[] }
type Result = One | { readonly onboardings: readonly Summary[] }

/** Where one onboarding stands, or all of them. */
export default class StatusCommand extends OnboardCommand<typeof StatusCommand, Result> {
  static override result = 'status'
  static override summary = 'Say where onboardings stand, what waits for whom, and what to type next.'
  static override examples = [
    'onboard status', 'onboard status acme', 'onboard status acme --all', 'onboard status acme --json',
  ]
  static override args = { customer: anyCustomer }
  static override flags = {
    all: Flags.boolean({ description: 'Show every step, and every reason for a date that moved.' }),
  }

  override async perform(): Promise<Done<Result>> {
    const { customer } = this.args
    if (customer !== undefined) {
      const { status } = await import('../src/onboarding/status.ts')
      const { openIssuesOf } = await import('../src/cli/open-issues.ts')
      const config = await this.context.config()
      const look = async (work: Work): Promise<One> => ({
        ...(await status(work)), issues: await openIssuesOf(work, config),
      })
      const result = await this.context.glance(customer, look)
      return { result, next: result.next === null ? [] : [result.next] }
    }
    const { allStatuses } = await import('../src/cli/all-statuses.ts')
    const onboardings = await allStatuses(this.context)
    const [first] = onboardings
    return {
      result: { onboardings },
      next: [first === undefined ? 'onboard handoff accept --file FILE' : `onboard status ${first.onboarding}`],
    }
  }

  override view(result: Result, out: Output): void {
    if ('onboardings' in result) showStatuses(result.onboardings, out)
    else showStatus(result, out, this.flags.all, () => showOpenIssues(result.issues, out))
  }
}
