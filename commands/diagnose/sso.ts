import { customer } from '../../src/cli/args.ts'
import type { Done } from '../../src/cli/base.ts'
import { DiagnoseCommand } from '../../src/cli/diagnose-command.ts'
import type { Diagnosis } from '../../src/onboarding/diagnose.ts'

/** Why people cannot sign in through their identity provider. */
export default class DiagnoseSso extends DiagnoseCommand<typeof DiagnoseSso> {
  static override result = 'diagnose'
  static override summary =
    'Look for why people cannot sign in: metadata, certificates, addresses, clocks, and the last refusals in words.'
  static override examples = ['onboard diagnose sso acme', 'onboard diagnose sso acme --json']
  static override args = { customer }

  override async perform(): Promise<Done<Diagnosis>> {
    const { diagnoseSso } = await import('../../src/cli/diagnose-sso.ts')
    return this.diagnosed(this.args.customer, diagnoseSso)
  }
}
