import { relative } from 'node:path'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold } from '../../src/cli/style.ts'

interface Entry {
  readonly name: string
  readonly title: string
  readonly version: string
  readonly from: 'workspace' | 'shipped'
  readonly path: string
}

interface ListResult {
  readonly runbooks: readonly Entry[]
}

/** Runbooks at hand: those of the workspace, then those shipped. */
export default class RunbookList extends OnboardCommand<typeof RunbookList, ListResult> {
  static override result = 'runbook-list'
  static override summary = 'List the runbooks of the workspace and those that come with onboard.'
  static override examples = ['onboard runbook list']

  override async perform(): Promise<Done<ListResult>> {
    const { listRunbooks, readHead } = await import('../../src/cli/runbook-files.ts')
    const { dir: workspace } = await this.context.workspace()
    const runbooks: Entry[] = []
    for (const folder of await listRunbooks(workspace)) {
      const { title, version } = await readHead(folder.dir)
      runbooks.push({
        name: folder.name, title, version, from: folder.from, path: relative(this.io.cwd, folder.dir) || '.',
      })
    }
    return { result: { runbooks }, next: runbooks[0] === undefined ? [] : [`onboard runbook show ${runbooks[0].name}`] }
  }

  override view({ runbooks }: ListResult, out: Output): void {
    const rows = runbooks.map(({ name, title, version, from, path }) => [bold(name), version, title, from, path])
    out.table([['runbook', 'version', 'title', 'from', 'folder'], ...rows], { head: true })
  }
}
