import type { Command } from '@oclif/core/command'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { OnboardError } from '../errors.ts'
import { createIssueStore } from '../journal/issues.ts'
import type { IssueChange, IssueResult, IssueWorld } from '../onboarding/issues.ts'
import { contactsOf, sameMail, staffOf } from '../onboarding/people.ts'
import { namedOnboarding } from './assemble.ts'
import { OnboardCommand, type Done } from './base.ts'
import type { Output } from './output.ts'
import { showIssueResult } from './views/issues.ts'

/** ISSUE: its number. */
export const issue = Args.integer({ description: 'Number of the issue.', required: true, ignoreStdin: true, min: 1 })

/** What `issue add` and `issue update` both take. */
export const issueFlags = {
  category: Flags.string({ description: 'What sort of issue: sso, scim, performance.', helpValue: 'TEXT' }),
  owner: Flags.string({
    description: 'Who sees to it: a mail address of the config or of the handoff.', helpValue: 'MAIL',
  }),
  action: Flags.string({ description: 'Something to be done; carried forward until it is closed.', helpValue: 'TEXT' }),
  'action-owner': Flags.string({ description: 'Who does it.', helpValue: 'MAIL', dependsOn: ['action'] }),
  due: Flags.string({ description: 'The day by which it is done.', helpValue: 'DATE', dependsOn: ['action'] }),
}

interface Given {
  readonly owner?: string | undefined
  readonly action?: string | undefined
  readonly 'action-owner'?: string | undefined
  readonly due?: string | undefined
}

/** Commands that write one issue. */
export abstract class IssueCommand<C extends typeof Command> extends OnboardCommand<C, IssueResult> {
  static override result = 'issue'

  /** Does the work on the issues of the customer named; the mail addresses given are of people who are known. */
  protected async onIssues(
    named: string, given: Given, work: (world: IssueWorld, item: Pick<IssueChange, 'action'>) => Promise<IssueResult>,
  ): Promise<Done<IssueResult>> {
    const { roles, escalation: levels } = await this.context.config()
    const actor = await this.context.actor()
    const { owner, action, due } = given
    if (due !== undefined) mustBeDate(due)
    const result = await this.context.connected('app', async (client) => {
      const { onboarding, handoff } = await namedOnboarding(client, named)
      for (const mail of [owner, given['action-owner']]) {
        if (mail === undefined) continue
        mustBeKnown(mail, [...staffOf({ roles }), ...contactsOf(handoff)].map(({ person }) => person.email))
      }
      const item = action === undefined ? {} : { action: { text: action, owner: given['action-owner'], due } }
      return work(
        { store: createIssueStore(client, onboarding.id), onboarding: onboarding.key, actor, levels, roles }, item,
      )
    })
    return { result, next: [`onboard issue list ${result.onboarding}`] }
  }

  override view(result: IssueResult, out: Output): void {
    showIssueResult(result, out)
  }
}

function mustBeDate(text: string): void {
  const date = new Date(`${text}T00:00:00Z`)
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)) return
  throw new OnboardError('usage', 'not-a-date', `--due must be a day as 2027-01-31, not ${JSON.stringify(text)}`)
}

function mustBeKnown(mail: string, known: readonly string[]): void {
  if (known.some((one) => sameMail(one, mail))) return
  const some = [...new Set(known)].slice(0, 6).join(', ') || 'nobody'
  const message = `${mail} is nobody of this onboarding: the config and the handoff name ${some}`
  throw new OnboardError('usage', 'unknown-person', message)
}
