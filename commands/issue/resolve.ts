import * as Flags from '@oclif/core/flags'
import { customer } from '../../src/cli/args.ts'
import type { Done } from '../../src/cli/base.ts'
import { issue, IssueCommand } from '../../src/cli/issue-command.ts'
import { changeIssue, type IssueResult } from '../../src/onboarding/issues.ts'

/** Resolves an issue. */
export default class IssueResolve extends IssueCommand<typeof IssueResolve> {
  static override result = 'issue'
  static override summary =
    'Resolve an issue, saying how. Its open action items stay on the list until they are closed.'
  static override examples = ['onboard issue resolve acme 2 --resolution "The certificate was renewed"']
  static override args = { customer, issue }
  static override flags = {
    resolution: Flags.string({ description: 'How it was resolved.', helpValue: 'TEXT', required: true }),
  }

  override async perform(): Promise<Done<IssueResult>> {
    const { args, flags } = this
    return this.onIssues(
      args.customer, {},
      (world) => changeIssue(world, args.issue, { status: 'resolved', resolution: flags.resolution }),
    )
  }
}
