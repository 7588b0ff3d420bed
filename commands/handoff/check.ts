import * as Flags from '@oclif/core/flags'
import type { Diagnostic } from '../../src/errors.ts'
import { EXIT } from '../../src/errors.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, green } from '../../src/cli/style.ts'
import { showAnswers } from '../../src/cli/views/handoff.ts'

interface Result {
  readonly file: string
  readonly company: string
  readonly slug: string
  readonly completeness: number
  readonly missing: readonly string[]
  readonly warnings: readonly Diagnostic[]
}

/** Checks a handoff file by itself; no database is needed. */
export default class HandoffCheck extends OnboardCommand<typeof HandoffCheck, Result> {
  static override result = 'handoff-check'
  static override summary = 'Check a handoff file: every mistake at once, each with its place.'
  static override examples = [
    'onboard handoff check --file acme.handoff.yaml',
    'onboard handoff check --file acme.handoff.yaml --discovery acme.discovery.yaml',
    'cat acme.handoff.yaml | onboard handoff check --file - --fail-on warn',
  ]
  static override flags = {
    file: Flags.string({ char: 'f', description: 'The handoff, YAML or JSON; - for standard input.', helpValue: 'FILE', required: true }),
    discovery: Flags.string({ description: 'The discovery, where it has a file of its own.', helpValue: 'FILE' }),
    'fail-on': Flags.option({ options: ['warn'] as const, description: 'Exit with 3 where there is a warning, too.' })(),
  }

  override async perform(): Promise<Done<Result>> {
    const { givenFiles } = await import('../../src/cli/given.ts')
    const { checkHandoff, errorsOf } = await import('../../src/onboarding/handoff.ts')
    const { handoff, discovery } = await givenFiles(this.context, this.flags)
    const { document, diagnostics, completeness, missing } = checkHandoff(handoff, { discovery, today: await this.today(), config: await this.context.config() })
    if (document === null || errorsOf(diagnostics).length > 0) {
      const { invalidHandoff } = await import('../../src/onboarding/accept.ts')
      throw invalidHandoff(handoff.file, { diagnostics })
    }
    const { name, slug } = document['company'] as { name: string; slug: string }
    return {
      result: { file: handoff.file, company: name, slug, completeness, missing, warnings: diagnostics },
      exit: this.flags['fail-on'] === 'warn' && diagnostics.length > 0 ? EXIT.invalid : EXIT.done,
      next: [`onboard handoff accept --file ${this.flags.file}${this.flags.discovery === undefined ? '' : ` --discovery ${this.flags.discovery}`}`],
    }
  }

  override view(result: Result, out: Output): void {
    out.line(green('✓ '), bold(result.company), ` (${result.slug}): ${result.file} can be accepted`)
    showAnswers({ ...result, feasibility: null }, out, this.context.sourceOf)
  }

  /** The clock of the database that the flag names, because it may be a simulated one; else that of this machine. */
  private async today(): Promise<string> {
    if (this.flags['database-url'] !== undefined) return this.context.today()
    const { dateIn } = await import('../../src/onboarding/calendar.ts')
    return dateIn(new Date().toISOString(), (await this.context.config()).time_zone)
  }
}
