import type { RunResult } from '../src/engine/ports.ts'
import { customer } from '../src/cli/args.ts'
import type { Done } from '../src/cli/base.ts'
import { extent, failOn, format, secretsOut } from '../src/cli/flags.ts'
import { RunCommand } from '../src/cli/run-command.ts'

/** apply --phase sso, under its own name. */
export default class Sso extends RunCommand<typeof Sso> {
  static override summary = 'Set single sign-on up, as far as the product can do it: apply for the phase sso.'
  static override examples = ['onboard sso acme', 'onboard sso acme --step enabled']
  static override args = { customer }
  static override flags = { step: extent.step, format, 'secrets-out': secretsOut, 'fail-on': failOn }

  override async perform(): Promise<Done<RunResult>> {
    return this.advance({ customer: this.args.customer, phase: 'sso', step: this.flags.step })
  }
}
