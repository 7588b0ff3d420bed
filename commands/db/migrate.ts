import * as Flags from '@oclif/core/flags'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, green } from '../../src/cli/style.ts'

interface Migrated {
  readonly database: string
  /** Migrations that were run now. */
  readonly applied: readonly string[]
  /** SQL for an administrator, with --print-sql; nothing was run then. */
  readonly sql: readonly string[]
}

const FLAG = '--product-schema'

/** Creates or updates schema onboard: on a server of the user's nothing is made without it. */
export default class DbMigrate extends OnboardCommand<typeof DbMigrate, Migrated> {
  static override result = 'db-migrate'
  static override summary =
    'Create or update the schema onboard on your server; the embedded database is migrated by itself.'
  static override description =
    'Connects by ONBOARD_OWNER_DATABASE_URL where that is set, makes the roles onboard_owner, '
    + 'onboard_app and onboard_reader, and grants them to the logins of ONBOARD_DATABASE_URL and '
    + 'ONBOARD_READER_DATABASE_URL.'
  static override examples = [
    'onboard db migrate', 'onboard db migrate --product-schema', 'onboard db migrate --print-sql',
  ]
  static override flags = {
    'product-schema': Flags.string({
      description: "Make the reference product's tables too, in this schema; public where none is named.",
      helpValue: '[NAME]',
    }),
    'print-sql': Flags.boolean({ description: 'Print what an administrator has to run before, and run nothing.' }),
  }

  /** The flag's name may stand without a value, which oclif does not know. */
  override async execute(): Promise<number> {
    const at = this.argv.indexOf(FLAG)
    const value = this.argv[at + 1]
    if (at >= 0 && (value === undefined || value.startsWith('-'))) this.argv.splice(at, 1, `${FLAG}=public`)
    return super.execute()
  }

  override async perform(): Promise<Done<Migrated>> {
    const target = await this.context.target()
    const { labelOf } = await import('../../src/database/target.ts')
    const product = this.flags['product-schema'] ?? null
    const database = labelOf(target)
    if (target.kind === 'embedded') {
      if (this.flags['print-sql']) return { result: { database, applied: [], sql: [] } }
      const { migrateEmbedded } = await import('../../src/database/embedded/databases.ts')
      return {
        result: { database, applied: await migrateEmbedded(target.name, this.io.env), sql: [] },
        next: ['onboard status'],
      }
    }
    const { missingSetup, setUpServer } = await import('../../src/database/server-setup.ts')
    if (this.flags['print-sql']) return { result: { database, applied: [], sql: await missingSetup(target, product) } }
    return { result: { database, applied: await setUpServer(target, product), sql: [] }, next: ['onboard doctor'] }
  }

  override view({ database, applied, sql }: Migrated, out: Output): void {
    if (this.flags['print-sql']) {
      if (sql.length === 0) out.note('Nothing is left for an administrator to do.')
      for (const statement of sql) out.line(`${statement};`)
      return
    }
    if (applied.length === 0) out.line('= ', bold(database), ' is up to date')
    for (const name of applied) out.line(green('✓'), ' ', name)
  }
}
