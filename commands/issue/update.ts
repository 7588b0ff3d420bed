import * as Flags from '@oclif/core/flags'
import { customer } from '../../src/cli/args.ts'
import type { Done } from '../../src/cli/base.ts'
import { issue, IssueCommand, issueFlags } from '../../src/cli/issue-command.ts'
import { SEVERITIES } from '../../src/onboarding/escalation.ts'
import { changeIssue, type IssueResult } from '../../src/onboarding/issues.ts'

/** Changes an issue. */
export default class IssueUpdate extends IssueCommand<typeof IssueUpdate> {
  static override result = 'issue'
  static override summary = 'Change an issue, add or close what is to be done about it, or open it again.'
  static override description =
    'A severity that is raised, and an issue that is opened again, start the escalation clock anew.'
  static override examples = [
    'onboard issue update acme 2 --severity P0',
    'onboard issue update acme 2 --action "Tell the customer" --action-owner cleo@vendor.example --due 2027-01-12',
    'onboard issue update acme 2 --close-action 1',
  ]
  static override args = { customer, issue }
  static override flags = {
    title: Flags.string({ description: 'What is wrong, on one line.', helpValue: 'TEXT' }),
    severity: Flags.option({ options: SEVERITIES, description: 'How bad it is; P0 is the worst.' })(),
    ...issueFlags,
    'close-action': Flags.integer({ description: 'Number of an action item that is done.', helpValue: 'N', min: 1 }),
    reopen: Flags.boolean({ description: 'It is not resolved after all.' }),
  }

  override async perform(): Promise<Done<IssueResult>> {
    const { args, flags } = this
    const { title, severity, category, owner, 'close-action': close, reopen } = flags
    const status = reopen ? ('open' as const) : undefined
    return this.onIssues(
      args.customer, flags,
      (world, item) => changeIssue(world, args.issue, { title, severity, category, owner, close, status, ...item }),
    )
  }
}
