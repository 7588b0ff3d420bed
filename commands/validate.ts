import type { RunResult } from '../src/engine/ports.ts'
import { customer } from '../src/cli/args.ts'
import type { Done } from '../src/cli/base.ts'
import { extent, failOn, format, secretsOut } from '../src/cli/flags.ts'
import { RunCommand } from '../src/cli/run-command.ts'

/** apply --phase validation, under its own name. */
export default class Validate extends RunCommand<typeof Validate> {
  static override summary =
    'Look at all that validation looks at, and say what a person has to confirm: apply for the phase validation.'
  static override examples = ['onboard validate acme', 'onboard validate acme --step https --fail-on warn']
  static override args = { customer }
  static override flags = { step: extent.step, format, 'secrets-out': secretsOut, 'fail-on': failOn }

  override async perform(): Promise<Done<RunResult>> {
    return this.advance({ customer: this.args.customer, phase: 'validation', step: this.flags.step })
  }
}
