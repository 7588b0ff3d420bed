import * as Flags from '@oclif/core/flags'
import type { Diagnostic } from '../../src/errors.ts'
import { EXIT } from '../../src/errors.ts'
import type { Feasibility } from '../../src/onboarding/feasibility.ts'
import type { Wanted } from '../../src/onboarding/feasible-for.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { quote } from '../../src/cli/invocation.ts'
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
  /** Whether the runbook fits before go-live; null where no one runbook is meant, or it says nothing of time. */
  readonly feasibility: Feasibility | null
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
    file: Flags.string({
      char: 'f', description: 'The handoff, YAML or JSON; - for standard input.', helpValue: 'FILE', required: true,
    }),
    discovery: Flags.string({ description: 'The discovery, where it has a file of its own.', helpValue: 'FILE' }),
    runbook: Flags.string({
      description: 'Runbook whose durations must fit before go-live; may be left out where there is only one.',
      helpValue: 'RUNBOOK',
    }),
    'fail-on': Flags.option({
      options: ['warn'] as const, description: 'Exit with 3 where there is a warning, or the time is too short, too.',
    })(),
  }

  override async perform(): Promise<Done<Result>> {
    const { givenFiles } = await import('../../src/cli/given.ts')
    const { checkHandoff, errorsOf } = await import('../../src/onboarding/handoff.ts')
    const { dayOf } = await import('../../src/cli/day.ts')
    const { handoff, discovery } = await givenFiles(this.context, this.flags)
    const today = await dayOf(this.context)
    const config = await this.context.config()
    const { document, discovery: found, diagnostics, completeness, missing } = checkHandoff(
      handoff, { discovery, today, config },
    )
    if (document === null || errorsOf(diagnostics).length > 0) {
      const { invalidHandoff } = await import('../../src/onboarding/accept.ts')
      throw invalidHandoff(handoff.file, { diagnostics })
    }
    const { name, slug } = document['company'] as { name: string; slug: string }
    const feasibility = await this.feasible({ document, discovery: found }, today)
    const given = (['file', 'discovery', 'runbook'] as const).map((name) => {
      const value = this.flags[name]
      return value === undefined ? '' : ` --${name} ${quote(value)}`
    }).join('')
    const doubtful = diagnostics.length > 0 || feasibility?.fits === false
    return {
      result: { file: handoff.file, company: name, slug, completeness, missing, warnings: diagnostics, feasibility },
      exit: this.flags['fail-on'] === 'warn' && doubtful ? EXIT.invalid : EXIT.done,
      next: [`onboard handoff accept${given}`],
    }
  }

  override view(result: Result, out: Output): void {
    out.line(green('✓ '), bold(result.company), ` (${result.slug}): ${result.file} can be accepted`)
    showAnswers(result, out, this.context.sourceOf)
  }

  private async feasible(wanted: Wanted, today: string): Promise<Feasibility | null> {
    const { runbookOrNone } = await import('../../src/cli/valid-runbook.ts')
    const { feasibleFor } = await import('../../src/onboarding/feasible-for.ts')
    const runbook = await runbookOrNone(this.context, this.flags.runbook)
    return runbook === null ? null : feasibleFor(runbook, wanted, await this.context.config(), today)
  }
}
