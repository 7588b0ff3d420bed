import * as Flags from '@oclif/core/flags'
import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import type { RotatedKey } from '../../src/cli/sso/rotate-key.ts'
import { bold, green } from '../../src/cli/style.ts'

const SAID = {
  published: ': our next certificate stands in our metadata, and does not sign yet',
  finished: ': the next key signs from now on; the one before still decrypts, and stands in our metadata no more',
  unchanged: ': unchanged, the next key is published already',
} as const

/** Our own key, changed so that nobody notices. */
export default class SsoRotate extends OnboardCommand<typeof SsoRotate, RotatedKey> {
  static override result = 'sso-rotate'
  static override summary =
    'Change our own SAML key: first the next one is published, then, once the identity provider has it, it signs.'
  static override examples = ['onboard sso rotate acme', 'onboard sso rotate acme --finish']
  static override args = { customer }
  static override flags = {
    finish: Flags.boolean({
      description: 'The identity provider has read our metadata: the next key signs from now on.',
    }),
  }

  override async perform(): Promise<Done<RotatedKey>> {
    const { args, context, flags } = this
    const { rotateKey } = await import('../../src/cli/sso/rotate-key.ts')
    const result = await rotateKey(await context.work(args.customer), flags.finish ? 'finish' : 'publish')
    const { onboarding } = result
    const next = flags.finish ? `onboard sso ${onboarding}` : `onboard sso rotate ${onboarding} --finish`
    return { result, next: [next] }
  }

  override view({ onboarding, outcome }: RotatedKey, out: Output): void {
    out.line(green('✓'), ' ', bold(onboarding), SAID[outcome])
  }
}
