import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import type { RunbookTestResult } from '../../src/cli/rehearsals.ts'
import { bold, dim, green, red, yellow } from '../../src/cli/style.ts'
import { diagnostics } from '../../src/cli/views/diagnostics.ts'
import { testsAs } from '../../src/cli/views/tests.ts'
import { EXIT } from '../../src/errors.ts'

interface TestsResult {
  readonly runbooks: readonly RunbookTestResult[]
  readonly passed: number
  readonly failed: number
}

/** What a runbook does, tried without a world. */
export default class RunbookTest extends OnboardCommand<typeof RunbookTest, TestsResult> {
  static override result = 'runbook-test'
  static override summary = 'Run the tests of runbooks: offline, against fake actions, with a clock that is moved.'
  static override description =
    'Tests are *.test.yaml in the folder of the runbook: '
    + 'inputs and answers, and the outcomes, changes and persons waited for that they lead to. '
    + 'Exits with 6 where one fails, and with 3 where a file is not in its form.'
  static override examples = [
    'onboard runbook test', 'onboard runbook test enterprise', 'onboard runbook test ours --format junit',
  ]
  static override args = {
    runbook: Args.string({
      description: 'Name of a runbook, or a folder with a runbook.yaml; all where it is left out.', ignoreStdin: true,
    }),
  }
  static override flags = {
    format: Flags.option({
      options: ['github', 'junit'] as const, description: 'Print the results for a CI server.', exclusive: ['json'],
    })(),
  }

  override async perform(): Promise<Done<TestsResult>> {
    const { validRunbook } = await import('../../src/cli/valid-runbook.ts')
    const { testRunbook } = await import('../../src/cli/rehearsals.ts')
    const { listRunbooks } = await import('../../src/cli/runbook-files.ts')
    const { dir } = await this.context.workspace()
    const given = this.args.runbook === undefined
      ? (await listRunbooks(dir)).map(({ name }) => name)
      : [this.args.runbook]
    const [catalogue, config] = [await this.context.catalogue(), await this.context.config()]
    const runbooks: RunbookTestResult[] = []
    for (const name of given) {
      runbooks.push(await testRunbook(await validRunbook(this.context, name), catalogue, config))
    }
    const tests = runbooks.flatMap((runbook) => runbook.tests)
    const failed = tests.filter(({ passed }) => !passed).length
    const unread = runbooks.some(({ coverage }) => coverage === null)
    return {
      result: { runbooks, passed: tests.length - failed, failed },
      exit: unread ? EXIT.invalid : failed > 0 ? EXIT.verification : EXIT.done,
    }
  }

  override view({ runbooks, passed, failed }: TestsResult, out: Output): void {
    for (const { name, version, tests, coverage } of runbooks) {
      out.line(
        bold(name), ` ${version}`,
        tests.length === 0 ? yellow('  no tests: a *.test.yaml in its folder makes one') : '',
      )
      for (const test of tests) {
        out.line('  ', test.passed ? green('✓') : red('✗'), ` ${test.name}`, dim(`  ${test.file}`))
        diagnostics(test.failures, out.line, this.context.sourceOf)
      }
      if (tests.length === 0) continue
      if (coverage === null) {
        out.line(dim('  what the tests reach is said when all of their files can be read'))
        continue
      }
      const { steps, branches } = coverage
      out.line(dim(`  steps ${steps.covered} of ${steps.total}, branches ${branches.covered} of ${branches.total}`))
      for (const missing of [...steps.missing, ...branches.missing]) out.line(dim(`    not reached: ${missing}`))
    }
    out.note(`${passed} passed, ${failed} failed`)
  }

  protected override rendered({ runbooks }: TestsResult): string | undefined {
    return this.flags.format === undefined ? undefined : testsAs(this.flags.format, runbooks)
  }
}
