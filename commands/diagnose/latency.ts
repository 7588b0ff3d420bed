import { customer } from '../../src/cli/args.ts'
import type { Done } from '../../src/cli/base.ts'
import { DiagnoseCommand } from '../../src/cli/diagnose-command.ts'
import type { Diagnosis } from '../../src/onboarding/diagnose.ts'

/** Why it is slow. */
export default class DiagnoseLatency extends DiagnoseCommand<typeof DiagnoseLatency> {
  static override result = 'diagnose'
  static override summary = 'Look for why it is slow: response times against their thresholds, and how the database is.'
  static override examples = ['onboard diagnose latency acme', 'onboard diagnose latency acme --json']
  static override args = { customer }

  override async perform(): Promise<Done<Diagnosis>> {
    const { diagnoseLatency } = await import('../../src/onboarding/diagnose-latency.ts')
    return this.diagnosed(this.args.customer, diagnoseLatency)
  }
}
