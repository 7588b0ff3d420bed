import { OnboardCommand, type Done } from '../src/cli/base.ts'
import type { Played } from '../src/cli/demo/play.ts'
import { createOutput, type Output } from '../src/cli/output.ts'

interface Result {
  readonly workspace: string
  readonly commands: readonly Played[]
}

const FOLDER = 'onboard-demo'

/** The example customer's onboarding, from the handoff to a provisioned tenant. */
export default class Demo extends OnboardCommand<typeof Demo, Result> {
  static override result = 'demo'
  static override summary =
    'Take an example customer from the handoff to a provisioned tenant, on a database of its own.'
  static override description =
    `Makes the folder ./${FOLDER} and an embedded database named demo, whose clock stands still.\n`
    + 'Prints each command as you would type it, with its output. Run it again: everything is unchanged.'
  static override examples = ['onboard demo']

  override async perform(): Promise<Done<Result>> {
    const { DATABASE, script, tryNext } = await import('../src/cli/demo/script.ts')
    const { borealis, FILES } = await import('../src/cli/demo/papers.ts')
    const { demoIo, play, typedAs } = await import('../src/cli/demo/play.ts')
    const { openTown } = await import('../src/cli/demo/town.ts')
    const { LEAVER } = await import('../src/cli/demo/directory.ts')
    const { Context } = await import('../src/cli/context.ts')
    const { writeFiles } = await import('../src/cli/write-files.ts')
    const { createDatabase } = await import('../src/database/clock.ts')
    const { keepConnections } = await import('../src/database/kept.ts')
    const { keepRunbooks } = await import('../src/journal/kept-runbooks.ts')
    const { toldBefore } = await import('../src/cli/demo/begun.ts')
    const { exampleDates } = await import('../src/onboarding/example-handoff.ts')
    const { HOLIDAYS } = await import('../src/onboarding/example-config.ts')
    const { access, rm } = await import('node:fs/promises')
    const quiet = { write: () => true }
    const io = demoIo(this.flags.json ? { ...this.io, stdout: quiet, stderr: quiet } : this.io)
    const out = this.flags.json ? createOutput(io, {}) : this.output
    this.context.closeLater({ close: keepConnections() })
    keepRunbooks()
    // A new database's clock stands at the moment of its making; a later run finds it where the story has moved it.
    const database = await createDatabase(
      DATABASE, { simulated: `${new Date().toISOString().slice(0, 19)}Z`, env: io.env },
    )
    this.context.closeLater(database)
    const { now } = await database.clock()
    const told = await toldBefore(database, LEAVER)
    const today = told.since ?? now.slice(0, 10)
    // As init makes them.
    const dates = exampleDates(today)
    const files = new Map([...FILES, ['borealis.handoff.yaml', borealis(dates)]])
    const folder = this.context.path(FOLDER)
    await writeFiles(folder, files, { force: true, keep: [], name: FOLDER })
    const unseen = { ...io, stdout: quiet, stderr: quiet }
    const context = (): InstanceType<typeof Context> => new Context(unseen, { workspace: FOLDER })
    const town = await openTown({ folder, database, told, env: io.env, context })
    this.context.closeLater(town)
    const secret = async (name: string): Promise<string | undefined> => {
      const file = `${FOLDER}/${name}.secrets.jsonl`
      // What a database that is gone has handed over opens nothing.
      if (told.since === null) await rm(this.context.path(file), { force: true })
      return access(this.context.path(file)).then(() => undefined, () => file)
    }
    const commands = await play(script({
      folder: FOLDER, today, now, rolledBack: told.rolledBack, goLive: dates.go_live, holidays: HOLIDAYS, flags: [
        '--workspace', FOLDER,
      ],
      secrets: { acme: await secret('acme'), borealis: await secret('borealis') },
      scimSecrets: await secret('acme.scim'), ...town,
    }), io, out)
    const last = context()
    this.context.closeLater(last)
    await last.database()
    await last.keepLooks()
    // A database named by the environment would come before the workspace's own.
    const elsewhere = this.io.env['ONBOARD_DATABASE_URL'] === undefined
      ? []
      : ['--database-url', `embedded:${DATABASE}`]
    const next = tryNext(['--workspace', FOLDER, ...elsewhere]).map((argv) => typedAs(argv, io))
    out.line()
    return { result: { workspace: FOLDER, commands }, next }
  }

  override view(_result: Result, out: Output): void {
    out.line('That was all. Try next:')
  }
}
