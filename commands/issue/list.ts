import * as Flags from '@oclif/core/flags'
import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { showIssues, type IssueList } from '../../src/cli/views/issues.ts'

/** The issues of an onboarding. */
export default class IssueListed extends OnboardCommand<typeof IssueListed, IssueList> {
  static override result = 'issue-list'
  static override summary =
    'List the open issues of an onboarding, whom each is with until when, and what is still to be done.'
  static override examples = ['onboard issue list acme', 'onboard issue list acme --all']
  static override args = { customer }
  static override flags = { all: Flags.boolean({ description: 'Resolved issues too.' }) }

  override async perform(): Promise<Done<IssueList>> {
    const [{ namedOnboarding }, { readIssues }, { shownIssue }] = await Promise.all([
      import('../../src/cli/assemble.ts'), import('../../src/journal/issues.ts'),
      import('../../src/onboarding/issues.ts'),
    ])
    const { escalation: levels, roles } = await this.context.config()
    const now = await this.context.now()
    return this.context.connected('reader', async (client) => {
      const { onboarding: { id, key } } = await namedOnboarding(client, this.args.customer)
      const all = await readIssues(client, id)
      const wanted = all.filter(({ status }) => this.flags.all || status === 'open')
      const issues = wanted.map((one) => shownIssue(one, now, { levels, roles }))
      const actions = all.flatMap(({ number: issue, actions: items }) => (
        items.filter(({ status }) => status === 'open').map((item) => ({ issue, ...item }))
      ))
      const first = issues.find(({ status }) => status === 'open')
      const next = first ? `onboard issue show ${key} ${first.number}` : `onboard status ${key}`
      return { result: { onboarding: key, now, issues, actions }, next: [next] }
    })
  }

  override view(result: IssueList, out: Output): void {
    showIssues(result, out)
  }
}
