import * as Flags from '@oclif/core/flags'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'

interface Url {
  readonly role: string
  readonly url: string
}

/** Prints how other programs connect. */
export default class DbUrl extends OnboardCommand<typeof DbUrl, Url> {
  static override result = 'db-url'
  static override summary = "Print the database's connection string, for psql and other programs."
  static override description =
    'The embedded server is started where it does not run, and goes on while somebody is connected. '
    + 'On a server of yours it is the URL you gave, with its password where it has one.'
  static override examples = ['onboard db url', 'onboard db url --role reader']
  static override flags = {
    role: Flags.option({
      options: ['app', 'reader', 'owner'] as const, default: 'app' as const,
      description: 'Who connects: app works (the default), reader only reads, owner makes tables.',
    })(),
  }

  override async perform(): Promise<Done<Url>> {
    const database = await this.context.database()
    return { result: { role: this.flags.role, url: database.url(this.flags.role) } }
  }

  override view({ url }: Url, out: Output): void {
    out.line(url)
  }
}
