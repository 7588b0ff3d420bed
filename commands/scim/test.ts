import * as Flags from '@oclif/core/flags'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { EXIT, OnboardError } from '../../src/errors.ts'
import { DIALECTS, type Report } from '../../src/identity/scim/tester/tester.ts'
import type { Output } from '../../src/cli/output.ts'
import { asJunit, asMarkdown, showFinding, showReport } from '../../src/cli/views/scim-report.ts'

/** Acts as a directory towards a SCIM endpoint and says what is wrong with it. */
export default class ScimTest extends OnboardCommand<typeof ScimTest, Report> {
  static override result = 'scim-test'
  static override summary = "Act as a directory towards a SCIM endpoint, anybody's, and say what is wrong with it."
  static override description =
    'Makes up to four users and three groups under names of its own, changes and removes them; '
    + 'nobody else is touched.\n'
    + 'A run that was killed leaves them there, and the next one removes them. Exits with 6 where a check fails.'
  static override examples = [
    'onboard scim test --url https://app.vendor.example/scim/v2/acme --token-file acme.token',
    'onboard scim test --url https://app.vendor.example/scim/v2/acme --token-file acme.token --dialect entra',
    'onboard scim test --url https://app.vendor.example/scim/v2/acme --token-file - --format markdown > evidence.md',
  ]
  static override flags = {
    url: Flags.string({ description: 'Base address of the endpoint, above /Users.', helpValue: 'URL', required: true }),
    'token-file': Flags.string({
      description: 'File with the bearer token; - is standard input.',
      helpValue: 'FILE',
      required: true,
    }),
    dialect: Flags.option({ options: DIALECTS, description: 'Whose requests are sent.', default: 'rfc' as const })(),
    domain: Flags.string({
      description: "Domain of the test users' names; some servers take known ones alone.",
      helpValue: 'DOMAIN',
      default: 'scim-test.example',
    }),
    'fail-on': Flags.option({
      options: ['fail', 'warn'] as const,
      description: 'What makes the command exit with 6.',
      default: 'fail' as const,
    })(),
    format: Flags.option({
      options: ['text', 'json', 'junit', 'markdown'] as const,
      description: 'Print the report for a program, or as evidence.',
      exclusive: ['json'],
    })(),
  }

  override async perform(): Promise<Done<Report>> {
    const { context, flags, io, output } = this
    const url = baseOf(flags.url)
    const { givenFile } = await import('../../src/cli/given.ts')
    const token = Buffer.from((await givenFile(context, flags['token-file'])).bytes)
      .toString('utf8')
      .trim()
    if (!/^[\x21-\x7e]+$/.test(token)) {
      throw new OnboardError(
        'invalid',
        'no-token',
        `${flags['token-file']} holds no bearer token: one line of visible characters`,
      )
    }
    const [{ scimTransport }, { testScim }] = await Promise.all([
      import('../../src/adapters/scim-transport.ts'),
      import('../../src/identity/scim/tester/run.ts'),
    ])
    const { transport, close } = scimTransport(url, io.env)
    context.closeLater({ close })
    const shown = flags.json === true || flags.format !== undefined
    const result = await testScim({
      url,
      token,
      transport,
      dialect: flags.dialect,
      domain: flags.domain,
      now: new Date().toISOString(),
      ...(shown ? {} : { found: (finding) => showFinding(finding, output) }),
    })
    const bad = result.verdict === 'fail' || (result.verdict === 'warn' && flags['fail-on'] === 'warn')
    return { result, exit: bad ? EXIT.verification : EXIT.done }
  }

  override view(report: Report, out: Output): void {
    showReport(report, out)
  }

  protected override rendered(report: Report): string | undefined {
    switch (this.flags.format) {
      case 'json':
        return JSON.stringify(report, null, 2) + '\n'
      case 'junit':
        return asJunit(report)
      case 'markdown':
        return asMarkdown(report)
      default:
        return undefined
    }
  }
}

/** The address without a slash at its end. A token goes over https, or no further than this machine. */
function baseOf(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  const wrong = (why: string) =>
    new OnboardError('usage', 'bad-url', `--url ${given} ${why}`, { suggestions: ['onboard scim test --help'] })
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw wrong('is no address that begins with https://')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw wrong('has more than a host and a path')
  const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname)
  if (url.protocol === 'http:' && !local)
    throw wrong('would send the token unencrypted; only https is used beyond this machine')
  return url.href.replace(/\/+$/, '')
}
