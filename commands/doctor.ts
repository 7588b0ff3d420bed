import { worstExit } from '../src/errors.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import { examine, type Check } from '../src/cli/doctor.ts'
import type { Output } from '../src/cli/output.ts'
import { bold, cyan, dim, green, red, yellow } from '../src/cli/style.ts'

interface Result {
  readonly checks: readonly Check[]
}

/** Looks at what onboard needs, and says what is wrong and what to type. */
export default class Doctor extends OnboardCommand<typeof Doctor, Result> {
  static override result = 'doctor'
  static override summary = 'Look at all that onboard needs here: Node, workspace, database, logins, clock.'
  static override examples = [
    'onboard doctor', 'onboard doctor --json',
    'onboard doctor --database-url postgres://onboard_app@db.vendor.example/onboard',
  ]

  override async perform(): Promise<Done<Result>> {
    const checks = await examine(this.context)
    return {
      result: { checks }, exit: worstExit(checks.filter(({ state }) => state === 'fail').map(({ exit }) => exit)),
      next: checks.flatMap(({ next }) => next).slice(0, 3),
    }
  }

  override view({ checks }: Result, out: Output): void {
    const marks = { ok: green('✓'), warn: yellow('!'), fail: red('✗'), not_checked: dim('–') }
    out.table(checks.map(({ state, name, message }) => (
      [marks[state], bold(name), state === 'not_checked' ? dim(message) : message]
    )))
    const failed = checks.filter(({ state }) => state === 'fail').length
    if (failed === 0) out.line(cyan('Ready.'))
  }
}
