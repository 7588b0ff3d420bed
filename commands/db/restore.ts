import * as Args from '@oclif/core/args'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { embeddedTarget } from '../../src/cli/embedded-target.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim, green } from '../../src/cli/style.ts'
import type { Restored } from '../../src/database/embedded/restore.ts'

/** Puts a backup where there is no embedded database yet. */
export default class DbRestore extends OnboardCommand<typeof DbRestore, Restored> {
  static override result = 'db-restore'
  static override summary = 'Put a backup of the embedded PostgreSQL where there is none yet.'
  static override examples = [
    'onboard db restore onboard.backup', 'ONBOARD_HOME="/srv/onboard" onboard db restore onboard.backup',
  ]
  static override args = {
    file: Args.string({ description: 'File that db backup wrote.', required: true, ignoreStdin: true }),
  }

  override async perform(): Promise<Done<Restored>> {
    await embeddedTarget(this.context, 'restore')
    const { embeddedHome } = await import('../../src/database/embedded/home.ts')
    const { restoreEmbedded } = await import('../../src/database/embedded/restore.ts')
    const result = await restoreEmbedded(embeddedHome(this.io.env), this.context.path(this.args.file))
    return { result: { ...result }, next: ['onboard audit verify', 'onboard status'] }
  }

  override view({ databases, created_at, sha256 }: Restored, out: Output): void {
    out.line(green('✓'), ' ', bold(databases.join(', ')), ` as of ${created_at}`)
    out.line(dim(`sha256 of the content ${sha256}`))
  }
}
