import * as Args from '@oclif/core/args'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'

interface DocsResult {
  readonly runbook: string
  readonly version: string
  /** sha256 (hex) of what the document describes. */
  readonly digest: string
  readonly markdown: string
}

/** The runbook as people read it. */
export default class RunbookDocs extends OnboardCommand<typeof RunbookDocs, DocsResult> {
  static override result = 'runbook-docs'
  static override summary = 'Write a runbook as Markdown: checklists, owners, durations, a graph.'
  static override examples = ['onboard runbook docs enterprise', 'onboard runbook docs enterprise > enterprise.md']
  static override args = {
    runbook: Args.string({
      description: 'Name of a runbook, or a folder with a runbook.yaml.',
      required: true,
      ignoreStdin: true,
    }),
  }

  override async perform(): Promise<Done<DocsResult>> {
    const { validRunbook } = await import('../../src/cli/valid-runbook.ts')
    const { runbookDocs } = await import('../../src/cli/views/docs.ts')
    const { runbook, schemas } = await validRunbook(this.context, this.args.runbook)
    const { name, version, digest } = runbook
    return { result: { runbook: name, version, digest, markdown: runbookDocs(runbook, schemas) } }
  }

  override view(_result: DocsResult, _out: Output): void {}

  protected override rendered({ markdown }: DocsResult): string {
    return markdown
  }
}
