import * as Flags from '@oclif/core/flags'
import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { csv } from '../../src/cli/encode/csv.ts'
import type { Output } from '../../src/cli/output.ts'
import { showLog, type Log } from '../../src/cli/views/log.ts'

/** The journal of one onboarding, oldest first. */
export default class AuditLog extends OnboardCommand<typeof AuditLog, Log> {
  static override result = 'audit-log'
  static override summary = 'Show the journal of an onboarding: who did what, when, with which outcome.'
  static override examples = [
    'onboard audit log acme', 'onboard audit log acme --step provision.tenant',
    'onboard audit log acme --format csv > acme.csv',
  ]
  static override args = { customer }
  static override flags = {
    phase: Flags.string({ description: 'Only entries of this phase.', helpValue: 'PHASE' }),
    step: Flags.string({ description: 'Only entries of this step.', helpValue: 'STEP' }),
    last: Flags.integer({ description: 'Only the last so many entries.', helpValue: 'N', min: 1 }),
    format: Flags.option({
      options: ['csv'] as const, description: 'Print the journal as CSV.', exclusive: ['json'],
    })(),
  }

  override async perform(): Promise<Done<Log>> {
    const { readHead, readLog } = await import('../../src/journal/log.ts')
    const { findStep } = await import('../../src/onboarding/find-step.ts')
    const { namedOnboarding } = await import('../../src/cli/assemble.ts')
    const { lineOf } = await import('../../src/cli/views/log.ts')
    return this.context.connected('reader', async (client) => {
      const { onboarding, runbook } = await namedOnboarding(client, this.args.customer)
      const { phase, step, last } = this.flags
      const wanted = step === undefined ? undefined : findStep(runbook, step, onboarding.key)
      const none = phase !== undefined && wanted !== undefined && wanted.phase !== phase
      const wish = { phase: phase ?? null, step: wanted ?? null, last: last ?? null }
      const entries = none ? [] : await readLog(client, onboarding.id, wish)
      return {
        result: {
          onboarding: onboarding.key, head: await readHead(client, onboarding.id), entries: entries.map(lineOf),
        },
        next: [`onboard audit verify ${onboarding.key}`],
      }
    })
  }

  override view(log: Log, out: Output): void {
    showLog(log, out)
  }

  protected override rendered(log: Log): string | undefined {
    if (this.flags.format === undefined) return undefined
    const rows = log.entries.map((one) => [one.seq, one.at, one.kind, one.step, one.who, one.summary, one.hash])
    return [['seq', 'at', 'kind', 'step', 'who', 'summary', 'hash'], ...rows].map(csv).join('')
  }
}
