import type { Reissued } from '../../src/engine/reissue.ts'
import { customer, step } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { secretsOut } from '../../src/cli/flags.ts'
import { retyped } from '../../src/cli/invocation.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim, green } from '../../src/cli/style.ts'
import { createProgress } from '../../src/cli/views/progress.ts'

/** A new secret in place of a lost one. */
export default class Reissue extends OnboardCommand<typeof Reissue, Reissued> {
  static override result = 'secret-reissue'
  static override summary = 'Replace a lost secret of a step by a new one; the old one ends.'
  static override examples = ['onboard secret reissue acme provision.administrator --secrets-out new.jsonl']
  static override args = { customer, step }
  static override flags = { 'secrets-out': secretsOut }

  override async perform(): Promise<Done<Reissued>> {
    const { args, context } = this
    const { reissue } = await import('../../src/engine/reissue.ts')
    const { findStep } = await import('../../src/onboarding/find-step.ts')
    const { secretsOf } = await import('../../src/cli/secrets.ts')
    const secrets = await secretsOf(
      context, args.customer, retyped(this, 'secrets-out'), this.output, createProgress(this.io),
    )
    const work = await context.work(args.customer, { secrets })
    const result = await reissue(work, findStep(work.runbook, args.step, args.customer))
    return { result, next: [`onboard audit log ${result.onboarding}`] }
  }

  override view({ key, secrets }: Reissued, out: Output): void {
    out.line(green('✓'), ' ', bold(`${key.phase}.${key.step}`), ` issued anew: ${secrets.join(', ')}`)
    if (this.flags['secrets-out'] !== undefined) out.line('  ', dim(`written to ${this.flags['secrets-out']}`))
  }
}
