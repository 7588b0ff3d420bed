import * as Flags from '@oclif/core/flags'
import type { RunResult } from '../src/engine/ports.ts'
import { customer } from '../src/cli/args.ts'
import type { Done } from '../src/cli/base.ts'
import { extent, format, secretsOut, failOn } from '../src/cli/flags.ts'
import { RunCommand } from '../src/cli/run-command.ts'

/** Does what is ready, and stops where a person or a date is needed. */
export default class Apply extends RunCommand<typeof Apply> {
  static override summary =
    'Do every step that is ready; stop where a person or a date is needed. Running it again is always right.'
  static override examples = [
    'onboard apply acme',
    'onboard apply acme --step provision.administrator --secrets-out acme.secrets.jsonl',
    'onboard plan acme --out acme.plan.json && onboard apply acme --plan acme.plan.json',
  ]
  static override args = { customer }
  static override flags = {
    ...extent,
    format,
    'secrets-out': secretsOut,
    'fail-on': failOn,
    plan: Flags.string({
      description: 'Apply this saved plan, and refuse where the world has moved since.', helpValue: 'FILE',
      exclusive: ['phase', 'step'],
    }),
  }

  override async perform(): Promise<Done<RunResult>> {
    const { plan: file, phase, step } = this.flags
    const { readPlan } = await import('../src/cli/saved-plan.ts')
    const plan = file === undefined ? undefined : await readPlan(this.context.path(file), file)
    return this.advance({ customer: this.args.customer, phase, step, plan })
  }
}
