import * as Flags from '@oclif/core/flags'
import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { secretsOut } from '../../src/cli/flags.ts'
import { retyped } from '../../src/cli/invocation.ts'
import type { Output } from '../../src/cli/output.ts'
import type { TokensChanged } from '../../src/cli/scim-tokens.ts'
import { bold, dim, green } from '../../src/cli/style.ts'
import { createProgress } from '../../src/cli/views/progress.ts'

/** A second token, so that the directory is never without one. */
export default class ScimRotate extends OnboardCommand<typeof ScimRotate, TokensChanged> {
  static override result = 'scim-tokens'
  static override summary =
    "Issue another SCIM token; the one that there is goes on for some days, "
    + "so that the customer's directory can be changed over."
  static override examples = [
    'onboard scim rotate acme',
    'onboard scim rotate acme --overlap-days 1 --secrets-out new.jsonl',
  ]
  static override args = { customer }
  static override flags = {
    'overlap-days': Flags.integer({
      description: 'How long the old one still opens the endpoint; 0: not at all.',
      helpValue: 'DAYS',
      default: 7,
      min: 0,
      max: 90,
    }),
    'expires-days': Flags.integer({
      description: "How long the new one is good for; left out: as long as the runbook's step says.",
      helpValue: 'DAYS',
      min: 1,
      max: 730,
    }),
    'secrets-out': secretsOut,
  }

  override async perform(): Promise<Done<TokensChanged>> {
    const { args, context, flags } = this
    const [{ rotateToken }, { secretsOf }] = await Promise.all([
      import('../../src/cli/scim-tokens.ts'),
      import('../../src/cli/secrets.ts'),
    ])
    const secrets = await secretsOf(
      context,
      args.customer,
      retyped(this, 'secrets-out'),
      this.output,
      createProgress(this.io),
    )
    const work = await context.work(args.customer, { secrets })
    const result = await rotateToken(work, flags['expires-days'], flags['overlap-days'])
    return {
      result,
      next: [`onboard scim revoke ${result.onboarding} --old`, `onboard diagnose scim ${result.onboarding}`],
    }
  }

  override view({ onboarding }: TokensChanged, out: Output): void {
    out.line(green('✓'), ' ', bold(onboarding), ' has another SCIM token')
    if (this.flags['secrets-out'] !== undefined) out.line('  ', dim(`written to ${this.flags['secrets-out']}`))
    out.line(
      '  ',
      dim(
        `the one before ends in ${this.flags['overlap-days']} days, or with: onboard scim revoke ${onboarding} --old`,
      ),
    )
  }
}
