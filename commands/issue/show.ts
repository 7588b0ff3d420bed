import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { issue } from '../../src/cli/issue-command.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold } from '../../src/cli/style.ts'
import { showIssue } from '../../src/cli/views/issues.ts'
import type { ShownIssue } from '../../src/onboarding/issues.ts'

interface Shown {
  readonly onboarding: string
  readonly issue: ShownIssue
}

/** One issue. */
export default class IssueShow extends OnboardCommand<typeof IssueShow, Shown> {
  static override result = 'issue-show'
  static override summary = 'Show an issue: its owner, whom it is with until when, and what is to be done about it.'
  static override examples = ['onboard issue show acme 2']
  static override args = { customer, issue }

  override async perform(): Promise<Done<Shown>> {
    const { namedOnboarding } = await import('../../src/cli/assemble.ts')
    const { readIssues } = await import('../../src/journal/issues.ts')
    const { issueNumbered, shownIssue } = await import('../../src/onboarding/issues.ts')
    const { escalation: levels, roles } = await this.context.config()
    const now = await this.context.now()
    return this.context.connected('reader', async (client) => {
      const { onboarding: { id, key } } = await namedOnboarding(client, this.args.customer)
      const found = issueNumbered(await readIssues(client, id), this.args.issue, key)
      const next = found.status === 'open'
        ? `onboard issue resolve ${key} ${found.number} --resolution TEXT`
        : `onboard issue list ${key}`
      return { result: { onboarding: key, issue: shownIssue(found, now, { levels, roles }) }, next: [next] }
    })
  }

  override view(result: Shown, out: Output): void {
    out.line(bold(result.onboarding), `  issue ${result.issue.number}`)
    showIssue(result.issue, out)
  }
}
