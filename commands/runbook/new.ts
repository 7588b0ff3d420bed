import * as Args from '@oclif/core/args'
import { OnboardError } from '../../src/errors.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim } from '../../src/cli/style.ts'
import type { Written } from '../../src/cli/write-files.ts'

interface NewResult {
  readonly runbook: string
  readonly dir: string
  readonly files: readonly Written[]
}

/** A runbook to begin with. */
export default class RunbookNew extends OnboardCommand<typeof RunbookNew, NewResult> {
  static override result = 'runbook-new'
  static override summary = 'Begin a runbook in this workspace: two phases, an example handoff, a test that passes.'
  static override examples = ['onboard runbook new warehouse', 'onboard runbook new warehouse --json']
  static override args = {
    name: Args.string({ description: 'Its name: small letters, digits, hyphens.', required: true, ignoreStdin: true }),
  }

  override async perform(): Promise<Done<NewResult>> {
    const { stat } = await import('node:fs/promises')
    const { join, relative } = await import('node:path')
    const { dateIn } = await import('../../src/onboarding/calendar.ts')
    const { newRunbook } = await import('../../src/onboarding/new-runbook.ts')
    const { writeFiles } = await import('../../src/cli/write-files.ts')
    const { name } = this.args
    if (!/^[a-z][a-z0-9-]{0,62}$/.test(name)) {
      throw new OnboardError(
        'usage', 'runbook-name', `${name} is no name of a runbook: small letters, digits and hyphens, a letter first.`,
        { suggestions: ['onboard runbook new --help'] },
      )
    }
    const { dir } = await this.context.workspace()
    if (dir === null) {
      throw new OnboardError(
        'usage', 'no-workspace', 'A runbook of your own belongs in a workspace, and there is none here.',
        { suggestions: ['onboard init', `onboard runbook new ${name}`] },
      )
    }
    const folder = join(dir, 'runbooks', name)
    const there = (path: string) => stat(path).then(() => true, () => false)
    const shown = relative(this.io.cwd, folder) || '.'
    if (await there(folder)) {
      throw new OnboardError(
        'conflict', 'runbook-exists', `${shown} is there already; nothing was written`,
        { suggestions: [`onboard runbook show ${name}`] },
      )
    }
    const schemas = (await there(join(dir, '.onboard', 'schemas'))) ? '.onboard/schemas' : null
    const files = newRunbook({ name, today: dateIn(new Date().toISOString(), 'UTC'), schemas })
    const trusted = (await this.context.distrust()) === null
    const written = await writeFiles(folder, files, { force: false, keep: [], name: shown })
    if (trusted) {
      // What was just written is ours: it does not end the trust in the rest.
      const { recordTrust, workspaceContent } = await import('../../src/cli/trust.ts')
      await workspaceContent(dir).then((content) => recordTrust(dir, content, this.io.env)).catch(() => undefined)
    }
    return {
      result: { runbook: name, dir: shown, files: written },
      next: [`onboard runbook lint ${name}`, `onboard runbook test ${name}`],
    }
  }

  override view({ runbook, dir, files }: NewResult, out: Output): void {
    out.line(bold(runbook), `  ${dir}`)
    out.table(files.map(({ path, outcome }) => ['+', path, dim(outcome)]), { indent: 2 })
  }
}
