import * as Args from '@oclif/core/args'
import { OnboardError } from '../../src/errors.ts'
import { nearest } from '../../src/input/nearest.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim } from '../../src/cli/style.ts'

interface RulesResult {
  readonly rules: readonly {
    readonly name: string
    readonly level: 'off' | 'warning' | 'error'
    readonly fixed: boolean
    readonly finds: string
    readonly instead: string
  }[]
}

/** What each rule of lint finds, and what to write instead. */
export default class RunbookRules extends OnboardCommand<typeof RunbookRules, RulesResult> {
  static override result = 'runbook-rules'
  static override summary = 'List the rules of runbook lint: what each finds, why, its level.'
  static override description =
    'onboard.config.yaml sets levels: lint: { rules: { placeholder: error, when-always: off } }. '
    + 'Rules without which a runbook could not run are fixed.'
  static override examples = ['onboard runbook rules', 'onboard runbook rules when-never']
  static override args = {
    rule: Args.string({ description: 'Name of one rule, as it stands in [ ] behind a finding.', ignoreStdin: true }),
  }

  override async perform(): Promise<Done<RulesResult>> {
    const { ADVICE } = await import('../../src/runbook/advice/index.ts')
    const { DOCUMENTED } = await import('../../src/runbook/rules/documented.ts')
    const levels = (await this.context.workspace()).config.lint?.rules ?? {}
    const all = [
      ...ADVICE.map(({ name, level, finds, instead }) => (
        { name, level: levels[name] ?? level, fixed: false, finds, instead }
      )),
      ...DOCUMENTED.map(({ name, finds, instead }) => ({ name, level: 'error' as const, fixed: true, finds, instead })),
    ].sort((a, b) => (a.name < b.name ? -1 : 1))
    const { rule } = this.args
    const rules = all.filter(({ name }) => rule === undefined || name === rule)
    if (rule !== undefined && rules.length === 0) {
      const near = nearest(rule, all.map(({ name }) => name))
      const hint = near === undefined ? '' : `; did you mean ${near}?`
      throw new OnboardError(
        'usage', 'unknown-rule', `There is no rule '${rule}'${hint}`, { suggestions: ['onboard runbook rules'] },
      )
    }
    return { result: { rules }, next: ['onboard runbook lint'] }
  }

  override view({ rules }: RulesResult, out: Output): void {
    for (const { name, level, fixed, finds, instead } of rules) {
      out.line(bold(name), dim(`  ${level}${fixed ? ', fixed' : ''}`))
      out.line(`  ${finds}`)
      out.line(dim(`  ${instead}`))
    }
  }
}
