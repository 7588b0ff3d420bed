import type { RunResult } from '../src/engine/ports.ts'
import { customer } from '../src/cli/args.ts'
import type { Done } from '../src/cli/base.ts'
import { extent, failOn, format } from '../src/cli/flags.ts'
import { RunCommand } from '../src/cli/run-command.ts'

/** apply --phase go_live, under its own name. */
export default class GoLive extends RunCommand<typeof GoLive> {
  static override summary =
    'What is to be done the day before, on the day and the day after go-live, each on its day: '
    + 'apply for the phase go_live.'
  static override examples = ['onboard go-live acme', 'onboard go-live acme --step production_access']
  static override args = { customer }
  static override flags = { step: extent.step, format, 'fail-on': failOn }

  override async perform(): Promise<Done<RunResult>> {
    return this.advance({ customer: this.args.customer, phase: 'go_live', step: this.flags.step })
  }
}
