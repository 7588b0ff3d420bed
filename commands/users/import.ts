import * as Flags from '@oclif/core/flags'
import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { retyped } from '../../src/cli/invocation.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim, green, yellow } from '../../src/cli/style.ts'
import type { Imported } from '../../src/onboarding/import-users.ts'

/** Users from a file. */
export default class UsersImport extends OnboardCommand<typeof UsersImport, Imported> {
  static override result = 'users-import'
  static override summary = 'Bring users from a file into the tenant, for a customer whose directory does not sync.'
  static override description =
    'CSV with a line of names (email, full_name, and where wanted role, active), or a JSON list of such objects.\n'
    + 'All lines are checked before anybody is written. Run again it goes on where it stopped, '
    + 'and changes nothing twice.\n'
    + 'Nobody is removed; no administrator loses that role; whom a directory describes is left to it. '
    + 'Passwords are not imported.'
  static override examples = [
    'onboard users import acme --file users.csv --dry-run',
    'onboard users import acme --file users.csv',
    'onboard users import acme --file users.json',
  ]
  static override args = { customer }
  static override flags = {
    file: Flags.string({
      char: 'f',
      description: 'The users, .csv or .json; - is CSV from standard input.',
      helpValue: 'FILE',
      required: true,
    }),
    'dry-run': Flags.boolean({ description: 'Say what would be done; change nothing.' }),
  }

  override async perform(): Promise<Done<Imported>> {
    const { args, context, flags, output } = this
    const [{ givenFile }, { usersIn }, { importUsers }] = await Promise.all([
      import('../../src/cli/given.ts'),
      import('../../src/onboarding/user-file.ts'),
      import('../../src/onboarding/import-users.ts'),
    ])
    const { file, bytes } = await givenFile(context, flags.file)
    const rows = usersIn(file, bytes)
    const told =
      flags.json === true
        ? {}
        : { told: (done: number, all: number) => void (all > done && output.note(`${done} of ${all}`)) }
    const result = await importUsers(await context.work(args.customer), {
      file,
      bytes,
      rows,
      dryRun: flags['dry-run'] === true,
      ...told,
    })
    const again = retyped(this, 'dry-run')
    return {
      result,
      next:
        result.outcome === 'planned' && result.created + result.changed > 0
          ? [again]
          : [`onboard status ${result.onboarding}`],
    }
  }

  override view(
    { outcome, rows, created, changed, unchanged, left_to_directory, found, others }: Imported,
    out: Output,
  ): void {
    const head = {
      imported: 'imported',
      unchanged: 'unchanged, all are there as the file says',
      planned: 'checked, nothing was changed',
    }[outcome]
    out.line(outcome === 'planned' ? yellow('~') : green('✓'), ' ', bold(`${rows} users`), ` ${head}`)
    const word = outcome === 'planned' ? 'to be ' : ''
    out.line(`  ${created} ${word}created, ${changed} ${word}changed, ${unchanged} unchanged`)
    if (left_to_directory > 0)
      out.line('  ', `${left_to_directory} left to the customer's directory, which describes them`)
    if (found !== null)
      out.line(
        '  ',
        dim(`looked at again: ${found} of ${rows - left_to_directory} are in the product as the file says`),
      )
    if (others !== null && others > 0)
      out.line('  ', dim(`${others} users of the tenant are not in the file; they are left as they are`))
  }
}
