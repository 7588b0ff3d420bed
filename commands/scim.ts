import type { RunResult } from '../src/engine/ports.ts'
import { customer } from '../src/cli/args.ts'
import type { Done } from '../src/cli/base.ts'
import { extent, failOn, format, secretsOut } from '../src/cli/flags.ts'
import { RunCommand } from '../src/cli/run-command.ts'

/** apply --phase scim, under its own name. */
export default class Scim extends RunCommand<typeof Scim> {
  static override summary = 'Set user provisioning up, as far as the product can do it: apply for the phase scim.'
  static override examples = ['onboard scim acme', 'onboard scim acme --step enabled']
  static override args = { customer }
  static override flags = { step: extent.step, format, 'secrets-out': secretsOut, 'fail-on': failOn }

  override async perform(): Promise<Done<RunResult>> {
    return this.advance({ customer: this.args.customer, phase: 'scim', step: this.flags.step })
  }
}
