import { EXIT } from '../../src/errors.ts'
import type { Verification } from '../../src/journal/verify.ts'
import { anyCustomer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim, green, red } from '../../src/cli/style.ts'

interface Result {
  readonly onboardings: readonly (Verification & { readonly onboarding: string })[]
  readonly faults: number
}

/** Recomputes the hash chain: proof that nobody edited the journal quietly. */
export default class AuditVerify extends OnboardCommand<typeof AuditVerify, Result> {
  static override result = 'audit-verify'
  static override summary =
    'Recompute the journal’s hash chains and say what was edited. Exits with 6 where something was.'
  static override examples = ['onboard audit verify acme', 'onboard audit verify']
  static override args = { customer: anyCustomer }

  override async perform(): Promise<Done<Result>> {
    const { verifyChain } = await import('../../src/journal/verify.ts')
    const { namedOnboarding } = await import('../../src/cli/assemble.ts')
    const { listOnboardings } = await import('../../src/journal/find.ts')
    const { customer } = this.args
    const onboardings = await this.context.connected('reader', async (client) => {
      const chosen = customer === undefined
        ? await listOnboardings(client)
        : [(await namedOnboarding(client, customer)).onboarding]
      const verified = []
      for (const { id, key } of chosen) verified.push({ onboarding: key, ...(await verifyChain(client, id)) })
      return verified
    })
    const faults = onboardings.reduce((sum, one) => sum + one.faults.length, 0)
    const [first] = onboardings.filter((one) => one.faults.length > 0)
    return {
      result: { onboardings, faults }, exit: faults > 0 ? EXIT.verification : EXIT.done,
      next: first ? [`onboard audit log ${first.onboarding}`] : [],
    }
  }

  override view({ onboardings }: Result, out: Output): void {
    if (onboardings.length === 0) return out.line(dim('No onboardings yet.'))
    for (const { onboarding, entries, erased, head, faults } of onboardings) {
      const whole = faults.length === 0
      const count = faults.length === 1 ? 'fault' : 'faults'
      out.line(
        whole ? green('✓') : red('✗'), ' ', bold(onboarding),
        `  ${entries} entries${whole ? ' are whole' : `, ${faults.length} ${count}`}`,
        dim(`${erased > 0 ? ` · ${erased} values erased on request` : ''} · head ${head.hash.slice(0, 16)}`),
      )
      for (const fault of faults) out.line('    ', red(fault.message))
    }
  }
}
