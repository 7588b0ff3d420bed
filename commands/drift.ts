import type { Drift } from '../src/engine/drift.ts'
import { EXIT, worstExit } from '../src/errors.ts'
import { anyCustomer } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import { format } from '../src/cli/flags.ts'
import type { Output } from '../src/cli/output.ts'
import { showDrift } from '../src/cli/views/drift.ts'
import { driftAs } from '../src/cli/views/results.ts'

interface Result {
  readonly onboardings: readonly Drift[]
  readonly drifted: number
}

/** Looks at the world are mostly waiting for it. */
const LANES = 4

/** What moved since it was applied. */
export default class DriftCommand extends OnboardCommand<typeof DriftCommand, Result> {
  static override result = 'drift'
  static override summary = 'Say what has moved since it was applied, reading only. Exits with 4 where something did.'
  static override examples = ['onboard drift acme', 'onboard drift --format junit > drift.xml', 'onboard drift --json']
  static override args = { customer: anyCustomer }
  static override flags = { format }

  override async perform(): Promise<Done<Result>> {
    const { drift } = await import('../src/engine/drift.ts')
    const onboardings: Drift[] = []
    if (this.args.customer !== undefined) onboardings.push(await drift(await this.context.work(this.args.customer)))
    else for await (const one of this.context.glances(drift, { lanes: LANES })) onboardings.push(one)
    const moved = onboardings.filter((one) => one.drifted.length > 0)
    return {
      result: { onboardings, drifted: moved.reduce((sum, one) => sum + one.drifted.length, 0) },
      exit: worstExit(moved.map(() => EXIT.pending)),
      next: moved.slice(0, 3).map((one) => `onboard plan ${one.onboarding}`),
    }
  }

  override view(result: Result, out: Output): void {
    showDrift(result.onboardings, out)
  }

  protected override rendered(result: Result): string | undefined {
    return this.flags.format === undefined ? undefined : driftAs(this.flags.format, result.onboardings)
  }
}
