import * as Flags from '@oclif/core/flags'
import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import type { TestResult } from '../../src/cli/sso/test-login.ts'
import { showTestLogin } from '../../src/cli/views/test-login.ts'

/** Tries a connection by a link that lets nobody in. */
export default class SsoTest extends OnboardCommand<typeof SsoTest, TestResult> {
  static override result = 'sso-test'
  static override summary =
    'Try a connection: a link to sign in by, what the identity provider said, and what was refused and why.'
  static override description =
    'Nobody is let in by the link, and nothing is changed but what is known of the test. '
    + 'The gateway must be running\n'
    + '(onboard serve). On a terminal the link is opened in the browser. '
    + 'Exits with 6 where the login was refused, with 5\n'
    + 'where nobody came.'
  static override examples = [
    'onboard sso test acme',
    'onboard sso test acme --timeout 60 --json',
    'onboard sso test acme --origin http://127.0.0.1:8080',
  ]
  static override args = { customer }
  static override flags = {
    connection: Flags.string({ description: 'Name of the connection.', helpValue: 'NAME', default: 'main' }),
    origin: Flags.string({
      description:
        'Where browsers reach the gateway; vendor.app_url of the config, where it is left out.', helpValue: 'URL',
    }),
    timeout: Flags.integer({
      description: 'How long to wait for the login.', helpValue: 'SECONDS', default: 300, min: 0, max: 3600,
    }),
    'no-browser': Flags.boolean({ description: 'Only print the link.' }),
  }

  override async perform(): Promise<Done<TestResult>> {
    const { args, context, flags, output } = this
    const { exitOf, tryLogin } = await import('../../src/cli/sso/test-login.ts')
    const { url, ended } = await tryLogin(context, args.customer, flags.connection, flags.origin)
    output.note(`Sign in as the test user: ${url}`)
    if (this.interactive && !flags['no-browser']) await (await import('../../src/adapters/browser.ts')).openBrowser(url)
    output.note(`Waiting up to ${flags.timeout} s for the login · Ctrl-C ends it`)
    const result = await ended(flags.timeout)
    const again = [`onboard sso test ${result.onboarding}`, `onboard diagnose sso ${result.onboarding}`]
    const next = result.outcome === 'accepted' ? [`onboard sso ${result.onboarding}`] : again
    return { result, exit: exitOf(result), next }
  }

  override view(result: TestResult, out: Output): void {
    showTestLogin(result, out)
  }
}
