import { join } from 'node:path'
import * as Args from '@oclif/core/args'
import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim, green } from '../../src/cli/style.ts'

interface Exported {
  readonly name: string
  readonly version: number
  readonly digest: string
  /** As the folder was typed. */
  readonly file: string
  readonly outcome: 'written' | 'unchanged'
}

interface Result {
  readonly onboarding: string
  readonly documents: readonly Exported[]
}

/** Digests of every version of a document: what was exported before makes way for the one that holds. */
function ours(all: readonly { readonly name: string; readonly digest: string }[], name: string): ReadonlySet<string> {
  return new Set(all.filter((one) => one.name === name).map(({ digest }) => digest))
}

/** Every document that holds, as a file each: to hand over, or to open. */
export default class DocumentExport extends OnboardCommand<typeof DocumentExport, Result> {
  static override result = 'document-export'
  static override summary = 'Write the documents of an onboarding into a folder, one file each.'
  static override description =
    'A former version of a document is replaced; a file with anything else in it stays, and the exit is 7.'
  static override examples = ['onboard document export acme papers']
  static override args = {
    customer,
    folder: Args.string({ description: 'Folder; made where it is not there.', required: true, ignoreStdin: true }),
  }

  override async perform(): Promise<Done<Result>> {
    const { args, context } = this
    const { mkdir } = await import('node:fs/promises')
    const { shelf } = await import('../../src/cli/documents.ts')
    const { createFile } = await import('../../src/adapters/create-file.ts')
    const { listDocuments } = await import('../../src/documents/inspect.ts')
    const { bytesOf } = await import('../../src/documents/store.ts')
    const { ENDINGS } = await import('../../src/documents/file.ts')
    return shelf(context, args.customer, async ({ sql, onboarding: { id, key } }) => {
      const [held, all] = [await listDocuments(sql, id, false), await listDocuments(sql, id, true)]
      // All are read before the first is written.
      const read = []
      for (const one of held) read.push({ ...one, bytes: await bytesOf(sql, one) })
      if (read.length > 0) await mkdir(context.path(args.folder), { recursive: true, mode: 0o700 })
      const documents: Exported[] = []
      for (const { name, version, digest, media_type, bytes } of read) {
        const file = join(args.folder, `${name}.${ENDINGS[media_type] ?? 'txt'}`)
        documents.push({
          name, version, digest, file, outcome: await createFile(context.path(file), file, bytes, ours(all, name)),
        })
      }
      return { result: { onboarding: key, documents }, next: [`onboard document list ${key}`] }
    })
  }

  override view({ documents }: Result, out: Output): void {
    if (documents.length === 0) return out.line(dim('No documents yet.'))
    for (const { version, file, outcome } of documents) {
      out.line(outcome === 'written' ? green('✓') : dim('='), ' ', bold(file), dim(` version ${version} ${outcome}`))
    }
  }
}
