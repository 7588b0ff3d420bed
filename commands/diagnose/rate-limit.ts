import { customer } from '../../src/cli/args.ts'
import type { Done } from '../../src/cli/base.ts'
import { DiagnoseCommand } from '../../src/cli/diagnose-command.ts'
import type { Diagnosis } from '../../src/onboarding/diagnose.ts'

/** Why calls are refused. */
export default class DiagnoseRateLimit extends DiagnoseCommand<typeof DiagnoseRateLimit> {
  static override result = 'diagnose'
  static override summary =
    'Look for why calls are refused: the limit in the product, that of the contract, and what is used of it.'
  static override description =
    'Usage is read from the metrics api_calls and rate_limited of the config, of kind count; '
    + 'without them it is not checked.'
  static override examples = ['onboard diagnose rate-limit acme']
  static override args = { customer }

  override async perform(): Promise<Done<Diagnosis>> {
    const { diagnoseRateLimit } = await import('../../src/onboarding/diagnose-rate-limit.ts')
    return this.diagnosed(this.args.customer, diagnoseRateLimit)
  }
}
