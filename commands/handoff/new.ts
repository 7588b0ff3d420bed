import * as Flags from '@oclif/core/flags'
import { OnboardError } from '../../src/errors.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { quote } from '../../src/cli/invocation.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, green } from '../../src/cli/style.ts'
import { showAnswers } from '../../src/cli/views/handoff.ts'
import type { Drafted } from '../../src/cli/new-handoff.ts'

/** A handoff by questions at the terminal. */
export default class HandoffNew extends OnboardCommand<typeof HandoffNew, Drafted> {
  static override result = 'handoff-new'
  static override summary =
    'Write a handoff by answering questions: only what applies is asked, each answer is checked at once.'
  static override description =
    'It can be left at any question with Ctrl-C; the answers are kept beside the file, and the same command goes on.'
  static override examples = [
    'onboard handoff new', 'onboard handoff new --file acme.handoff.yaml',
    'onboard handoff new --file - | onboard handoff check --file -',
  ]
  static override flags = {
    file: Flags.string({
      char: 'f', description: 'File to write; - for standard output.', helpValue: 'FILE', default: 'handoff.yaml',
    }),
    restart: Flags.boolean({ description: 'Begin anew, without the answers of a draft.' }),
  }

  override async perform(): Promise<Done<Drafted>> {
    const { file, restart } = this.flags
    if (!this.interactive) {
      throw new OnboardError(
        'usage', 'no-terminal', 'handoff new asks questions, and there is no terminal to ask them at',
        { suggestions: ['onboard handoff template', 'onboard handoff check --file FILE'] },
      )
    }
    const { newHandoff } = await import('../../src/cli/new-handoff.ts')
    return {
      result: await newHandoff(this.context, this.output, { file, restart }),
      next: file === '-' ? [] : [`onboard handoff accept --file ${quote(file)}`],
    }
  }

  override view(result: Drafted, out: Output): void {
    out.line(green('✓ '), bold(result.company), ` (${result.slug}): ${result.file} is written`)
    showAnswers(result, out, this.context.sourceOf)
  }

  protected override rendered(): string | undefined {
    return this.flags.file === '-' ? '' : undefined // it is printed already
  }
}
