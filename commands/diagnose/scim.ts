import { customer } from '../../src/cli/args.ts'
import type { Done } from '../../src/cli/base.ts'
import { DiagnoseCommand } from '../../src/cli/diagnose-command.ts'
import type { Diagnosis } from '../../src/onboarding/diagnose.ts'

/** Why users do not come. */
export default class DiagnoseScim extends DiagnoseCommand<typeof DiagnoseScim> {
  static override result = 'diagnose'
  static override summary =
    'Look for why users do not come from the directory: '
    + 'token, last requests, what was refused and why, groups and roles.'
  static override description = 'Refusals are read from the sync log, which keeps the last 500 of each customer.'
  static override examples = ['onboard diagnose scim acme', 'onboard diagnose scim acme --json']
  static override args = { customer }

  override async perform(): Promise<Done<Diagnosis>> {
    const { diagnoseScim } = await import('../../src/cli/scim-findings.ts')
    return this.diagnosed(this.args.customer, diagnoseScim)
  }
}
