import * as Flags from '@oclif/core/flags'
import type { Listed } from '../../src/documents/inspect.ts'
import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim } from '../../src/cli/style.ts'

interface Result {
  readonly onboarding: string
  readonly documents: readonly Listed[]
}

/** What was written for a customer. */
export default class DocumentList extends OnboardCommand<typeof DocumentList, Result> {
  static override result = 'document-list'
  static override summary = 'List the documents of an onboarding, with version and digest.'
  static override examples = ['onboard document list acme', 'onboard document list acme --all --json']
  static override args = { customer }
  static override flags = { all: Flags.boolean({ description: 'Former and withdrawn versions too.' }) }

  override async perform(): Promise<Done<Result>> {
    const { shelf } = await import('../../src/cli/documents.ts')
    const { listDocuments } = await import('../../src/documents/inspect.ts')
    return shelf(this.context, this.args.customer, async ({ sql, onboarding: { id, key } }) => {
      const documents = await listDocuments(sql, id, this.flags.all)
      const last = documents.findLast(({ withdrawn }) => !withdrawn)
      return {
        result: { onboarding: key, documents },
        next: [last ? `onboard document show ${key} ${last.name}` : `onboard apply ${key}`],
      }
    })
  }

  override view({ documents }: Result, out: Output): void {
    if (documents.length === 0) return out.line(dim('No documents yet.'))
    out.table(
      [
        ['document', 'version', 'title', 'written', 'sha256'].map((head) => dim(head)),
        ...documents.map((one) => [
          bold(one.name), `${one.version}${one.withdrawn ? ' withdrawn' : ''}`, one.title,
          out.time(one.rendered_at), dim(one.digest.slice(0, 12)),
        ]),
      ],
      { head: true },
    )
  }
}
