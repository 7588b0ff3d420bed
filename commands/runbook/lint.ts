import { relative } from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { dateIn } from '../../src/onboarding/calendar.ts'
import { isDateText } from '../../src/dates.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { EXIT, OnboardError } from '../../src/errors.ts'
import type { JsonObject } from '../../src/model.ts'
import type { LintSettings } from '../../src/runbook/lint.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, green } from '../../src/cli/style.ts'
import { diagnostics } from '../../src/cli/views/diagnostics.ts'
import { asGithub, asJunit, asText, type Findings } from '../../src/cli/views/findings.ts'

interface LintResult {
  readonly runbooks: readonly Findings[]
  readonly errors: number
  readonly warnings: number
}

/** Everything that can be found wrong with a runbook without running it. */
export default class RunbookLint extends OnboardCommand<typeof RunbookLint, LintResult> {
  static override result = 'runbook-lint'
  static override summary = 'Check runbooks: form, references, expressions, inputs of actions; all findings at once.'
  static override description =
    'Nothing is run and no database is opened. Exits with 3 where there is an error. '
    + 'onboard runbook rules says what each rule finds.'
  static override examples = [
    'onboard runbook lint',
    'onboard runbook lint enterprise',
    'onboard runbook lint ./runbooks/ours --format github',
    'onboard runbook lint enterprise --go-live 2027-03-01',
  ]
  static override args = {
    runbook: Args.string({
      description: 'Name of a runbook, or a folder with a runbook.yaml; all where it is left out.', ignoreStdin: true,
    }),
  }
  static override flags = {
    format: Flags.option({
      options: ['text', 'json', 'github', 'junit'] as const,
      description: 'Print the findings for a program.', exclusive: ['json'],
    })(),
    'go-live': Flags.string({
      description: 'Check whether the durations fit before this date, such as 2026-09-01.', helpValue: 'DATE',
    }),
    from: Flags.string({
      description: 'The date from which there is time; today where it is left out.', helpValue: 'DATE',
      dependsOn: ['go-live'],
    }),
  }

  override async perform(): Promise<Done<LintResult>> {
    const { io } = this
    const { findRunbook, listRunbooks, readRunbook } = await import('../../src/cli/runbook-files.ts')
    const { lintRunbook, unknownLevel } = await import('../../src/runbook/lint.ts')
    const { dir: workspace, config, configBytes } = await this.context.workspace()
    const settings: LintSettings = {
      config: configBytes === null ? null : (config as unknown as JsonObject),
      levels: config.lint?.rules ?? {},
      dates: datesOf(this.flags['go-live'], this.flags.from, config.time_zone),
    }
    const given = this.args.runbook
    const folders = given === undefined ? await listRunbooks(workspace) : [await findRunbook(given, workspace, io.cwd)]
    const wrong = unknownLevel(settings.levels)
    if (wrong !== undefined) {
      throw new OnboardError(
        'invalid', 'config-invalid', `onboard.config.yaml: lint.rules.${wrong}`,
        { suggestions: ['onboard runbook rules'] },
      )
    }
    const { knownActions } = await import('../../src/cli/known-actions.ts')
    const catalogue = await this.context.catalogue()
    const runbooks: Findings[] = []
    for (const folder of folders) {
      const { name, dir } = folder
      const source = await readRunbook({ ...folder, cwd: io.cwd })
      const { schemas, names } = await knownActions(source, catalogue)
      const { runbook, diagnostics } = lintRunbook(source, schemas, settings, names)
      runbooks.push({
        name, path: relative(io.cwd, dir) || '.', version: runbook?.version ?? null, findings: diagnostics,
      })
    }
    const all = runbooks.flatMap(({ findings }) => findings)
    const count = (severity: string) => all.filter((one) => one.severity === severity).length
    const result = { runbooks, errors: count('error'), warnings: count('warning') }
    return { result, exit: result.errors > 0 ? EXIT.invalid : EXIT.done }
  }

  override view({ runbooks, errors, warnings }: LintResult, out: Output): void {
    for (const { name, path, version, findings } of runbooks) {
      if (findings.length === 0) {
        out.line(green('✓'), ' ', bold(name), version === null ? '' : ` ${version}`, `  ${path}`)
      }
      else diagnostics(findings, out.line, this.context.sourceOf)
    }
    if (errors + warnings > 0) {
      out.note(`${errors} error${errors === 1 ? '' : 's'}, ${warnings} warning${warnings === 1 ? '' : 's'}`)
    }
  }

  protected override rendered(result: LintResult): string | undefined {
    switch (this.flags.format) {
      case 'text':
        return asText(result.runbooks)
      case 'json':
        return JSON.stringify(result, null, 2) + '\n'
      case 'github':
        return asGithub(result.runbooks)
      case 'junit':
        return asJunit(result.runbooks)
      default:
        return undefined
    }
  }
}

function datesOf(go_live: string | undefined, from: string | undefined, timeZone: string): LintSettings['dates'] {
  if (go_live === undefined) return null
  const today = dateIn(new Date().toISOString(), timeZone)
  for (const [flag, value] of [['--go-live', go_live], ['--from', from ?? today]]) {
    if (value === undefined || isDateText(value)) continue
    throw new OnboardError('usage', 'not-a-date', `${flag} ${value} is not a date like 2026-02-03`)
  }
  return { go_live, from: from ?? today }
}
