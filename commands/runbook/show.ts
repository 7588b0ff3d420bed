import * as Args from '@oclif/core/args'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, cyan, dim } from '../../src/cli/style.ts'
import type { Runbook, Step } from '../../src/model.ts'

/** A runbook as it is understood: phases, steps, owners, order. */
export default class RunbookShow extends OnboardCommand<typeof RunbookShow, Runbook> {
  static override result = 'runbook'
  static override summary = 'Show the phases and steps of a runbook, with their actions, owners and conditions.'
  static override examples = ['onboard runbook show enterprise', 'onboard runbook show enterprise --json']
  static override args = {
    runbook: Args.string({
      description: 'Name of a runbook, or a folder with a runbook.yaml.', required: true, ignoreStdin: true,
    }),
  }

  override async perform(): Promise<Done<Runbook>> {
    const given = this.args.runbook
    const { validRunbook } = await import('../../src/cli/valid-runbook.ts')
    const { runbook } = await validRunbook(this.context, given)
    return { result: runbook, next: [`onboard runbook lint ${given}`] }
  }

  override view(runbook: Runbook, out: Output): void {
    const { name, version, title, effective, digest } = runbook
    out.line(bold(name), ` ${version}  ${title}`, effective === null ? '' : dim(`  since ${effective}`))
    out.line(dim(`digest ${digest}`))
    for (const phase of [...runbook.phases, ...runbook.procedures]) {
      const { id, owner, needs, duration, days, steps } = phase
      const length = duration === null ? '' : `, ${duration.min}–${duration.max} ${days ?? 'business'} days`
      const after = needs.length === 0 ? '' : `, after ${needs.join(', ')}`
      out.line('')
      out.line(bold(id), `  ${phase.title}  `, dim(`${owner.join(', ')}${length}${after}`))
      out.table(steps.map((step) => {
        const marks = [
          step.when === null ? undefined : `when ${step.when}`,
          step.for_each === null ? undefined : `for each of ${step.for_each}`,
          step.on === undefined ? undefined : `on ${step.on.map(({ key }) => key).join(', ')}`,
          step.starts === undefined ? undefined : `from ${beginning(step.starts)} on`,
          step.owner.join() === owner.join() ? undefined : `by ${step.owner.join(', ')}`,
        ]
        return [step.id, cyan(step.uses), step.title, dim(marks.filter((mark) => mark !== undefined).join('; '))]
      }), { indent: 2 })
    }
  }
}

function beginning({ at, offset }: NonNullable<Step['starts']>): string {
  return offset === undefined ? at : `${at} ${offset}`
}
