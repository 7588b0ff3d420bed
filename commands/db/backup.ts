import * as Args from '@oclif/core/args'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { embeddedTarget } from '../../src/cli/embedded-target.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim, green } from '../../src/cli/style.ts'
import type { Backup } from '../../src/database/embedded/backup.ts'

/** Writes the embedded server into one file. */
export default class DbBackup extends OnboardCommand<typeof DbBackup, Backup> {
  static override result = 'db-backup'
  static override summary = 'Write the embedded PostgreSQL, every database of it, into one new file while it runs.'
  static override examples = ['onboard db backup onboard.backup']
  static override args = { file: Args.string({ description: 'File to create.', required: true, ignoreStdin: true }) }

  override async perform(): Promise<Done<Backup>> {
    const target = await embeddedTarget(this.context, 'backup')
    const { embeddedHome } = await import('../../src/database/embedded/home.ts')
    const { backupEmbedded } = await import('../../src/database/embedded/backup.ts')
    const { databaseError } = await import('../../src/database/trouble.ts')
    const file = this.context.path(this.args.file)
    const made = await backupEmbedded(embeddedHome(this.io.env), file).catch((error: unknown) => {
      throw databaseError(error, `embedded:${target.name}`)
    })
    const command = `ONBOARD_HOME=EMPTY_FOLDER onboard db restore ${this.args.file}`
    return { result: { ...made, file: this.args.file }, next: [command] }
  }

  override view({ file, bytes, sha256, databases }: Backup, out: Output): void {
    out.line(green('✓'), ' ', bold(file), `: ${databases.join(', ')}, ${(bytes / 1e6).toFixed(1)} MB`)
    out.line(dim(`sha256 of the content ${sha256}`))
  }
}
