import * as Flags from '@oclif/core/flags'
import type { RunResult } from '../src/engine/ports.ts'
import { customer } from '../src/cli/args.ts'
import type { Done } from '../src/cli/base.ts'
import { extent, failOn, format, secretsOut } from '../src/cli/flags.ts'
import { RunCommand } from '../src/cli/run-command.ts'

/** apply --phase sso, under its own name, with what the customer's identity provider publishes. */
export default class Sso extends RunCommand<typeof Sso> {
  static override summary =
    "Set single sign-on up: hand in what the customer's identity provider publishes, and apply the phase sso."
  static override description =
    'What is given is read and judged before anything is changed: '
    + 'metadata, issuer, client and secret, mapping, sample.\n'
    + 'An address is fetched over https; private ones are refused unless network.allow in the config has them.'
  static override examples = [
    'onboard sso acme --metadata metadata.xml', 'onboard sso acme --metadata https://idp.acme.example/metadata',
    'onboard sso acme --issuer https://login.acme.example --client-id onboard --client-secret-file acme.secret',
    'onboard sso acme --mapping mapping.yaml --sample sample.yaml',
    'onboard sso acme --no-jit --clock-skew 2m',
    'onboard sso acme',
  ]
  static override args = { customer }
  static override flags = {
    metadata: Flags.string({
      description: 'SAML metadata of the identity provider: a file, - or an address.',
      helpValue: 'FILE|URL', exclusive: ['issuer'],
    }),
    'entity-id': Flags.string({
      description: 'Which one, where the metadata describes several, or another than before.',
      helpValue: 'ID', dependsOn: ['metadata'],
    }),
    issuer: Flags.string({
      description: 'Issuer of the OpenID provider, as it names itself.',
      helpValue: 'URL', dependsOn: ['client-id'],
    }),
    'client-id': Flags.string({ description: 'Our name at that provider.', helpValue: 'ID', dependsOn: ['issuer'] }),
    'client-secret-file': Flags.string({
      description: 'File with the client secret, or -; it is sealed and shown nowhere.',
      helpValue: 'FILE', exclusive: ['public-client', 'metadata'],
    }),
    scope: Flags.string({
      description: 'A scope besides openid, email and profile, such as groups; several times.',
      helpValue: 'SCOPE', multiple: true, multipleNonGreedy: true, dependsOn: ['issuer'],
    }),
    'public-client': Flags.boolean({
      description: 'The client has no secret: PKCE alone proves us.', dependsOn: ['issuer'],
    }),
    mapping: Flags.string({
      description: 'YAML: email, name, role, roles, role_default; which attributes are what.', helpValue: 'FILE',
    }),
    sample: Flags.string({
      description: 'YAML or JSON: what is sent of one person, to see what becomes of it.', helpValue: 'FILE',
    }),
    'idp-initiated': Flags.boolean({
      description:
        'SAML: a login may begin at the identity provider. '
        + 'Usually it may not: somebody else could sign a person in as themselves.',
      allowNo: true,
    }),
    'clock-skew': Flags.string({
      description: 'How far the clocks may be apart; at first 60s, at most 5m.', helpValue: '60s',
    }),
    jit: Flags.boolean({
      description: 'Somebody unknown gets an account at the first login; so it is at first.', allowNo: true,
    }),
    signer: Flags.string({
      description: 'Who hands it in: a mail address of the roles in onboard.config.yaml; you, where it is left out.',
      helpValue: 'MAIL',
    }),
    step: extent.step, format, 'secrets-out': secretsOut, 'fail-on': failOn,
  }

  override async perform(): Promise<Done<RunResult>> {
    const { args, context, flags } = this
    const ask = { customer: args.customer, phase: 'sso', step: flags.step }
    const { received } = await import('../src/cli/sso/received.ts')
    const { given, handIn } = await received(context, args.customer, {
      metadata: flags.metadata, entityId: flags['entity-id'], issuer: flags.issuer, clientId: flags['client-id'],
      clientSecretFile: flags['client-secret-file'], isPublic: flags['public-client'], scopes: flags.scope,
      mapping: flags.mapping, sample: flags.sample, signer: flags.signer,
      idpInitiated: flags['idp-initiated'], clockSkew: flags['clock-skew'], jit: flags.jit,
    })
    if (handIn !== null) {
      // The step that takes it may not have had its turn yet.
      if (!(await handIn.isReady())) await this.advance({ ...ask, step: undefined })
      await handIn.sign()
    }
    return this.advance({ ...ask, given })
  }
}
