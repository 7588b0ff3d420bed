import * as Args from '@oclif/core/args'
import { OnboardError } from '../../src/errors.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { embeddedTarget } from '../../src/cli/embedded-target.ts'
import type { Output } from '../../src/cli/output.ts'
import { dim } from '../../src/cli/style.ts'
import type { Ran } from '../../src/database/run-sql.ts'

interface Results {
  readonly database: string
  readonly statements: readonly Ran[]
}

/** For machines without psql: SQL in the embedded database, as its owner. */
export default class DbSql extends OnboardCommand<typeof DbSql, Results> {
  static override result = 'db-sql'
  static override summary = 'Run SQL in the embedded database as its owner: to make tables of your own, or to look.'
  static override description =
    'All statements are kept or none. Tables made in schema public can be used by steps at once.'
  static override examples = ['onboard db sql tables.sql', 'echo "SELECT slug, status FROM tenants" | onboard db sql']
  static override args = {
    file: Args.string({
      description: 'File with SQL; - or nothing for standard input.', ignoreStdin: true, default: '-',
    }),
  }

  override async perform(): Promise<Done<Results>> {
    const { name } = await embeddedTarget(this.context, 'sql')
    const { givenFile } = await import('../../src/cli/given.ts')
    const { runSql } = await import('../../src/database/run-sql.ts')
    const { bytes, file } = await givenFile(this.context, this.args.file)
    return {
      result: { database: `embedded:${name}`, statements: await runSql(name, textOf(bytes, file), file, this.io.env) },
    }
  }

  override view({ statements }: Results, out: Output): void {
    for (const { command, count, columns, rows } of statements) {
      if (columns.length > 0) {
        out.table([columns, ...rows.map((row) => row.map((cell) => cell ?? dim('null')))], { head: true })
      }
      out.note(dim(count === null ? command : `${command} ${count}`))
    }
  }
}

function textOf(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new OnboardError('invalid', 'not-utf8', `${file} is not UTF-8`, { cause })
  }
}
