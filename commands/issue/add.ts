import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { customer } from '../../src/cli/args.ts'
import type { Done } from '../../src/cli/base.ts'
import { IssueCommand, issueFlags } from '../../src/cli/issue-command.ts'
import { SEVERITIES } from '../../src/onboarding/escalation.ts'
import { addIssue, type IssueResult } from '../../src/onboarding/issues.ts'

/** Opens an issue. */
export default class IssueAdd extends IssueCommand<typeof IssueAdd> {
  static override result = 'issue'
  static override summary = 'Open an issue, with an owner and what is to be done about it; its escalation clock starts.'
  static override examples = [
    'onboard issue add acme "Login redirect fails" --severity P1 --category sso --owner eva@vendor.example',
    'onboard issue add acme "Nobody can sign in" --severity P0 --action "Renew the certificate" --due 2027-01-12',
  ]
  static override args = {
    customer,
    title: Args.string({ description: 'What is wrong, on one line.', required: true, ignoreStdin: true }),
  }
  static override flags = {
    severity: Flags.option({ options: SEVERITIES, description: 'How bad it is; P0 is the worst.', required: true })(),
    ...issueFlags,
  }

  override async perform(): Promise<Done<IssueResult>> {
    const { args: { customer: named, title }, flags } = this
    const { severity, category, owner } = flags
    return this.onIssues(named, flags, (world, item) => addIssue(world, { title, severity, category, owner, ...item }))
  }
}
