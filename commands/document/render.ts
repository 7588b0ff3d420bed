import * as Flags from '@oclif/core/flags'
import { EXIT, OnboardError } from '../../src/errors.ts'
import type { JsonObject } from '../../src/model.ts'
import { customer, document } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'

interface Result {
  readonly onboarding: string
  readonly name: string
  /** The version whose data was taken; null for a preview. */
  readonly version: number | null
  readonly template: string
  readonly title: string
  /** Whether it is the document that is stored; null for a preview. */
  readonly same: boolean | null
  readonly text: string
}

/** Renders without storing: what is recorded, once more; or other data, as a preview. */
export default class DocumentRender extends OnboardCommand<typeof DocumentRender, Result> {
  static override result = 'document-render'
  static override summary =
    'Render a document again from its recorded data, or preview a template with data of a file. Stores nothing.'
  static override examples = [
    'onboard document render acme go-live-mail', 'onboard document render acme check-in --data check-in.yaml',
  ]
  static override args = { customer, document }
  static override flags = {
    version: Flags.integer({ description: 'A former version.', helpValue: 'N', min: 1, exclusive: ['data'] }),
    data: Flags.string({
      description: 'Data in YAML or JSON for a preview; DOCUMENT is then a template.', helpValue: 'FILE',
    }),
  }

  override async perform(): Promise<Done<Result>> {
    const { args, flags, context } = this
    const { shelf } = await import('../../src/cli/documents.ts')
    const { compile, TRIED } = await import('../../src/documents/template.ts')
    const data = flags.data === undefined ? null : await this.#dataOf(flags.data)
    return shelf(context, args.customer, async ({ sql, onboarding, template, digestOf }) => {
      const about = { onboarding: onboarding.key, name: args.document }
      if (data !== null) {
        const { title, text } = compile(await template(args.document)).render(data, { ...TRIED, name: args.document })
        return { result: { ...about, version: null, template: args.document, title, same: null, text } }
      }
      const { inspectDocument } = await import('../../src/documents/inspect.ts')
      const stored = await inspectDocument(sql, onboarding, args.document, flags.version ?? null, digestOf)
      if (stored.media_type === 'text/calendar') {
        const message = `${args.document} was written by ${stored.template}, not from a template`
        throw new OnboardError('usage', 'no-template', message, {
          suggestions: [`onboard document show ${onboarding.key} ${args.document}`],
        })
      }
      const { title, text } = compile(await template(stored.template)).render(stored.data, stored.facts as never)
      const same = text === stored.text
      const result = { ...about, version: stored.version, template: stored.template, title, same, text }
      return { result, exit: same ? EXIT.done : EXIT.pending }
    })
  }

  async #dataOf(file: string): Promise<JsonObject> {
    const { readFileOnce } = await import('../../src/cli/source.ts')
    const { dataIn } = await import('../../src/cli/data-file.ts')
    return dataIn(await readFileOnce(this.context.path(file), file), file)
  }

  override view({ text }: Result, out: Output): void {
    out.raw(text)
  }

  protected override rendered({ text }: Result): string | undefined {
    return text
  }
}
