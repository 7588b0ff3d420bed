import type { RunResult } from '../src/engine/ports.ts'
import { customer } from '../src/cli/args.ts'
import type { Done } from '../src/cli/base.ts'
import { extent, format, secretsOut, failOn } from '../src/cli/flags.ts'
import { RunCommand } from '../src/cli/run-command.ts'

/** apply --phase provision, under its own name. */
export default class Provision extends RunCommand<typeof Provision> {
  static override summary =
    'Create the tenant with its administrator, its limits and settings: apply for the phase provision.'
  static override examples = [
    'onboard provision acme', 'onboard provision acme --secrets-out acme.secrets.jsonl',
    'onboard provision acme --step tenant',
  ]
  static override args = { customer }
  static override flags = { step: extent.step, format, 'secrets-out': secretsOut, 'fail-on': failOn }

  override async perform(): Promise<Done<RunResult>> {
    return this.advance({ customer: this.args.customer, phase: 'provision', step: this.flags.step })
  }
}
