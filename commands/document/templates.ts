import type { TemplateFile } from '../../src/contract.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim } from '../../src/cli/style.ts'

interface Result {
  readonly templates: readonly {
    readonly name: string
    readonly media_type: string
    readonly summary: string
    readonly digest: string
    readonly from: 'workspace' | 'shipped'
  }[]
}

/** The templates at hand: the workspace's, and those shipped. */
export default class DocumentTemplates extends OnboardCommand<typeof DocumentTemplates, Result> {
  static override result = 'document-templates'
  static override summary = 'List the templates that a step can render.'
  static override examples = ['onboard document templates']

  override async perform(): Promise<Done<Result>> {
    const { workspaceTemplates } = await import('../../src/cli/templates.ts')
    const { compile } = await import('../../src/documents/template.ts')
    const { findTemplates, templateNames } = await import('../../src/documents/find.ts')
    const files = await workspaceTemplates((await this.context.workspace()).dir)
    const find = findTemplates(files)
    const templates = []
    for (const name of templateNames(files)) {
      const file: TemplateFile = await find(name)
      const { media_type, summary } = compile(file)
      templates.push({
        name, media_type, summary, digest: file.digest,
        from: files.has(file.path) ? 'workspace' as const : 'shipped' as const,
      })
    }
    return { result: { templates }, next: [`onboard document template ${templates[0]?.name ?? 'NAME'}`] }
  }

  override view({ templates }: Result, out: Output): void {
    out.table(templates.map(({ name, summary, from }) => (
      [bold(name), summary, from === 'workspace' ? dim('this workspace') : '']
    )))
  }
}
