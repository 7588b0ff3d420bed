import * as Flags from '@oclif/core/flags'
import type { OpenItem } from '../src/onboarding/tasks.ts'
import { anyCustomer } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import { asTyped } from '../src/cli/invocation.ts'
import type { Output } from '../src/cli/output.ts'
import { showTasks, type Tasks } from '../src/cli/views/tasks.ts'

/** What waits for whom, over all onboardings. */
export default class TasksCommand extends OnboardCommand<typeof TasksCommand, Tasks> {
  static override result = 'tasks'
  static override summary =
    'Say what waits for whom over all onboardings, what is overdue first, each with the command to type.'
  static override examples = [
    'onboard tasks', 'onboard tasks --mine', 'onboard tasks acme --role legal', 'onboard tasks --role customer --json',
  ]
  static override args = { customer: anyCustomer }
  static override flags = {
    mine: Flags.boolean({
      description: 'Only yours: what was given to you, and what your roles may do; ONBOARD_ACTOR says who you are.',
      exclusive: ['role'],
    }),
    role: Flags.string({
      description: 'Only what this role may do: a role of the config, or customer.', helpValue: 'ROLE',
    }),
  }

  override async perform(): Promise<Done<Tasks>> {
    const { inOrder, isOf } = await import('../src/onboarding/tasks.ts')
    const { whoseTasks } = await import('../src/cli/whose.ts')
    const { args: { customer }, context, flags } = this
    const whose = whoseTasks({
      mine: flags.mine, role: flags.role, actor: await context.actor(), config: await context.config(),
    })
    const found = customer === undefined ? await this.#all() : await this.#of(customer)
    const tasks = inOrder(found.filter((item) => isOf(item, whose)))
    const next = tasks[0]?.next ?? (customer === undefined ? 'onboard status' : `onboard status ${customer}`)
    return { result: { today: await context.today(), tasks }, next: [next] }
  }

  async #all(): Promise<OpenItem[]> {
    const { allTasks } = await import('../src/cli/all-tasks.ts')
    return allTasks(this.context)
  }

  async #of(customer: string): Promise<OpenItem[]> {
    const { MARKS, openItems } = await import('../src/onboarding/open-items.ts')
    const { issueItems } = await import('../src/onboarding/issue-items.ts')
    const { entriesOfKinds } = await import('../src/journal/of-kinds.ts')
    const { readIssues } = await import('../src/journal/issues.ts')
    const { context } = this
    const [now, config] = [await context.now(), await context.config()]
    return context.glance(customer, async (work) => {
      const { id, key: onboarding, company, cancelled_at } = work.onboarding
      if (cancelled_at) return []
      const { issues, marks } = await context.connected('reader', async (client) => ({
        issues: await readIssues(client, id), marks: await entriesOfKinds(client, MARKS, [id]),
      }))
      return [
        ...(await openItems(work, marks.get(id) ?? [])),
        ...issueItems(issues, { onboarding, company, now, config }),
      ]
    })
  }

  override view(result: Tasks, out: Output): void {
    const chosen = this.context.chosen()
    showTasks(result, out, (command) => asTyped(command, this.io.env, chosen))
  }
}
