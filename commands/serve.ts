import * as Flags from '@oclif/core/flags'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import type { Output } from '../src/cli/output.ts'

interface Served {
  /** Where it listened. */
  readonly url: string
  /** What ended it. */
  readonly ended: string
}

/** The gateway: sign-in, single sign-on and directory sync of the reference product over HTTP, until told to end. */
export default class Serve extends OnboardCommand<typeof Serve, Served> {
  static override result = 'serve'
  static override summary =
    'Serve sign-in, single sign-on and SCIM for the tenants of the reference product, until it is interrupted.'
  static override description =
    'Answers /t/TENANT/login and the pages and API behind it, /sso/TENANT/NAME/…, /scim/v2/TENANT/…, /healthz, '
    + '/readyz and /metrics. '
    + 'Logs JSON to standard error, one request a line.\n'
    + 'SIGINT and SIGTERM end it: open requests are answered first. '
    + 'Beyond this machine it wants a certificate, or a proxy before it.'
  static override examples = [
    'onboard serve',
    'onboard serve --port 8443 --host 0.0.0.0 --cert server.pem --key server.key',
    'onboard serve --trust-proxy 10.0.0.0/8 --public-url https://app.vendor.example',
  ]
  static override flags = {
    host: Flags.string({ description: 'Address to listen on.', helpValue: 'ADDRESS', default: '127.0.0.1' }),
    port: Flags.integer({
      description: 'Port to listen on; 0 takes one that is free.', helpValue: 'PORT', default: 8080, min: 0,
      max: 65_535,
    }),
    'public-url': Flags.string({
      description: 'Address under which clients reach it, where a proxy stands before it.', helpValue: 'URL',
    }),
    'trust-proxy': Flags.string({
      description: 'Address or network of a proxy whose X-Forwarded-* headers are believed; several times.',
      helpValue: 'CIDR', multiple: true, multipleNonGreedy: true,
    }),
    cert: Flags.string({ description: 'Certificate, PEM.', helpValue: 'FILE', dependsOn: ['key'] }),
    key: Flags.string({ description: "The certificate's key, PEM.", helpValue: 'FILE', dependsOn: ['cert'] }),
    connections: Flags.integer({
      description: 'Connections to the database at most.', helpValue: 'N', default: 8, min: 1, max: 100,
    }),
    'logins-per-minute': Flags.integer({
      description: 'Attempts to sign in that one address may make at a tenant in a minute; more where many share one.',
      helpValue: 'N', default: 30, min: 1,
    }),
    'scim-per-minute': Flags.integer({
      description:
        "Requests that each tenant's directory may make in a minute; each operation of a bulk request counts.",
      helpValue: 'N', default: 6_000, min: 1,
    }),
  }

  override async perform(): Promise<Done<Served>> {
    const { context, flags, output } = this
    const { addressFor, gaps, gatewaySettings, listen, untilEnded } = await import('../src/cli/gateway.ts')
    const app = await gatewaySettings(context, {
      host: flags.host, port: flags.port, publicUrl: flags['public-url'] ?? null,
      trustedProxies: flags['trust-proxy'] ?? [], cert: flags.cert ?? null, key: flags.key ?? null,
      connections: flags.connections, loginsPerMinute: flags['logins-per-minute'],
      scimPerMinute: flags['scim-per-minute'],
    })
    const url = await listen(app, flags.host, flags.port)
    const place = { host: flags.host, publicUrl: flags['public-url'] ?? null }
    for (const note of await gaps(context, app, place)) output.note(note)
    const at = addressFor(url, flags['public-url'] ?? null, app.gateway.appUrl)
    output.note(`Serving ${url} · people sign in at ${at}/t/TENANT/login · Ctrl-C ends it`)
    const ended = await untilEnded(app)
    return { result: { url, ended } }
  }

  override view({ ended }: Served, out: Output): void {
    out.note(`Ended by ${ended}`)
  }
}
