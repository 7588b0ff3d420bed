import * as Flags from '@oclif/core/flags'
import { EXIT } from '../../src/errors.ts'
import type { Inspected } from '../../src/documents/inspect.ts'
import { customer, document } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { retyped } from '../../src/cli/invocation.ts'
import { mustNameFile } from '../../src/cli/named-file.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim, green, red, yellow } from '../../src/cli/style.ts'

type Result = Inspected & { readonly onboarding: string; readonly file: string | null }

/** A document's very bytes, or what it was made from and whether that still holds. */
export default class DocumentShow extends OnboardCommand<typeof DocumentShow, Result> {
  static override result = 'document-show'
  static override summary =
    'Print a document, write it to a file, or check what it was made from. Exits with 6 where it was changed.'
  static override examples = [
    'onboard document show acme go-live-mail',
    'onboard document show acme check-in --out check-in.md',
    'onboard document show acme go-live-mail --sources',
  ]
  static override args = { customer, document }
  static override flags = {
    version: Flags.integer({ description: 'A former version.', helpValue: 'N', min: 1 }),
    out: Flags.string({ description: 'File to create with its bytes.', helpValue: 'FILE' }),
    sources: Flags.boolean({ description: 'Show what it was made from instead.' }),
  }

  override async perform(): Promise<Done<Result>> {
    const { args, flags, context } = this
    mustNameFile(flags.out, 'out', 'without it the document is on standard output', retyped(this, 'out'))
    const { shelf } = await import('../../src/cli/documents.ts')
    const { inspectDocument } = await import('../../src/documents/inspect.ts')
    const inspected = await shelf(context, args.customer, async ({ sql, onboarding, digestOf }) => (
      {
        onboarding: onboarding.key,
        ...(await inspectDocument(sql, onboarding, args.document, flags.version ?? null, digestOf)),
      }
    ))
    if (inspected.intact && flags.out !== undefined) {
      const { createFile } = await import('../../src/adapters/create-file.ts')
      await createFile(context.path(flags.out), flags.out, Buffer.from(inspected.text))
    }
    const file = inspected.intact ? (flags.out ?? null) : null
    return {
      result: { ...inspected, file }, exit: inspected.intact ? EXIT.done : EXIT.verification,
      next: [`onboard document list ${inspected.onboarding}`],
    }
  }

  override view({ name, version, title, digest, intact, sources, file, withdrawn }: Result, out: Output): void {
    const state = intact ? green('✓') : red('✗')
    out.line(state, ' ', bold(`${name} version ${version}`), `: ${title}`, withdrawn ? yellow(' (withdrawn)') : '')
    out.line(dim(`sha256 ${digest}`), intact ? '' : red(' is not that of its bytes, or its data was changed'))
    if (file !== null) out.line(`its bytes are in ${file}`)
    for (const { kind, holds, says } of sources) {
      const mark = holds === false ? yellow('~') : holds === null ? dim('?') : green('=')
      out.line('  ', mark, ' ', dim(kind.padEnd(10)), says)
    }
  }

  protected override rendered({ text, file, intact }: Result): string | undefined {
    return this.flags.sources || file !== null || !intact ? undefined : text
  }
}
