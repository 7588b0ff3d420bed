import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim } from '../../src/cli/style.ts'

interface Result {
  readonly name: string
  readonly path: string
  readonly media_type: string
  readonly summary: string
  readonly digest: string
  readonly required: readonly string[]
  readonly optional: readonly string[]
  readonly filled: readonly string[]
  /** Every value that it reads. */
  readonly paths: readonly string[]
  readonly text: string
}

/** What a template shows and what it needs for that. */
export default class DocumentTemplate extends OnboardCommand<typeof DocumentTemplate, Result> {
  static override result = 'document-template'
  static override summary = 'Show what a template needs in its data, or the template itself.'
  static override examples = [
    'onboard document template go-live-mail', 'onboard document template check-in --source > templates/check-in.md',
  ]
  static override args = {
    name: Args.string({
      description: 'Template: onboard document templates names them.', required: true, ignoreStdin: true,
    }),
  }
  static override flags = {
    source: Flags.boolean({ description: 'Print the template itself, to begin one of your own with.' }),
  }

  override async perform(): Promise<Done<Result>> {
    const { workspaceTemplates } = await import('../../src/cli/templates.ts')
    const { compile } = await import('../../src/documents/template.ts')
    const { findTemplates } = await import('../../src/documents/find.ts')
    const file = await findTemplates(await workspaceTemplates((await this.context.workspace()).dir))(this.args.name)
    const { media_type, summary, required, optional, filled, paths } = compile(file)
    const { name, path, digest, text } = file
    return {
      result: { name, path, media_type, summary, digest, required, optional, filled, paths, text },
      next: [`onboard document template ${name} --source`],
    }
  }

  override view({ path, summary, required, optional, filled, paths }: Result, out: Output): void {
    out.line(bold(path), dim(` · ${summary}`))
    for (const name of [...required, ...optional]) {
      const inside = paths.filter((one) => one.startsWith(`${name}.`)).map((one) => one.slice(name.length + 1))
      const notes = [
        ...(optional.includes(name) ? ['may be left out'] : []),
        ...(filled.includes(name) ? ['a list that is not empty'] : []),
      ]
      out.line(
        '  ', bold(name), inside.length === 0 ? '' : dim(` { ${inside.join(', ')} }`),
        notes.length === 0 ? '' : dim(` (${notes.join(', ')})`),
      )
    }
  }

  protected override rendered({ text }: Result): string | undefined {
    return this.flags.source ? text : undefined
  }
}
