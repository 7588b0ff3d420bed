import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold } from '../../src/cli/style.ts'

interface ListResult {
  readonly actions: readonly {
    readonly name: string
    readonly kind: 'effect' | 'probe' | 'ask'
    readonly title: string
  }[]
}

/** Everything that a step can use. */
export default class ActionList extends OnboardCommand<typeof ActionList, ListResult> {
  static override result = 'action-list'
  static override summary = 'List the actions that a step of a runbook can use.'
  static override examples = ['onboard action list', 'onboard action list --json']

  override async perform(): Promise<Done<ListResult>> {
    const schemas = await (await this.context.catalogue()).schemas()
    const actions = [...schemas].map(([name, { kind, title }]) => ({ name, kind, title }))
    return { result: { actions }, next: ['onboard action show tenant.record'] }
  }

  override view({ actions }: ListResult, out: Output): void {
    out.table(
      [['action', 'kind', 'what it does'], ...actions.map(({ name, kind, title }) => [bold(name), kind, title])],
      { head: true },
    )
  }
}
