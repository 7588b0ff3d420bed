import * as Flags from '@oclif/core/flags'
import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import type { TokensChanged } from '../../src/cli/scim-tokens.ts'
import { bold, green } from '../../src/cli/style.ts'

/** Ends SCIM tokens at once. */
export default class ScimRevoke extends OnboardCommand<typeof ScimRevoke, TokensChanged> {
  static override result = 'scim-tokens'
  static override summary = 'End SCIM tokens at once: the next request of a directory that has one is refused.'
  static override description = 'Where no token is left the next apply of the phase issues one.'
  static override examples = [
    'onboard scim revoke acme --old',
    'onboard scim revoke acme --token onboard_scim_x7Qa',
    'onboard scim revoke acme --all',
  ]
  static override args = { customer }
  static override flags = {
    old: Flags.boolean({
      description: 'All but the newest: what is left over of a rotation.',
      exactlyOne: ['old', 'token', 'all'],
    }),
    token: Flags.string({ description: 'The one that begins so.', helpValue: 'PREFIX' }),
    all: Flags.boolean({ description: 'Every one: directory sync stops.' }),
  }

  override async perform(): Promise<Done<TokensChanged>> {
    const { args, context, flags } = this
    const { revokeTokens } = await import('../../src/cli/scim-tokens.ts')
    const work = await context.work(args.customer)
    const meant =
      flags.token === undefined
        ? ({ which: flags.all ? 'all' : 'old' } as const)
        : ({ which: 'one', prefix: flags.token } as const)
    const result = await revokeTokens(work, meant)
    return { result, next: [`onboard diagnose scim ${result.onboarding}`] }
  }

  override view({ onboarding, outcome }: TokensChanged, out: Output): void {
    out.line(
      green('✓'),
      ' ',
      bold(onboarding),
      outcome === 'unchanged' ? ': unchanged, there was none to end' : ': ended',
    )
  }
}
