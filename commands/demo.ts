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
  static override summary = 'Take an example customer from the handoff to a provisioned tenant, on a database of its own.'
  static override description = `Makes the folder ./${FOLDER} and an embedded database named demo, whose clock stands still.\nPrints each command as you would type it, with its output. Run it again: everything is unchanged.`
  static override examples = ['onboard demo']

  override async perform(): Promise<Done<Result>> {
    const { DATABASE, EVIDENCE, script, tryNext } = await import('../src/cli/demo/script.ts')
    const { demoIo, play, typedAs } = await import('../src/cli/demo/play.ts')
    const { writeFiles } = await import('../src/cli/write-files.ts')
    const { createDatabase } = await import('../src/database/clock.ts')
    const { access } = await import('node:fs/promises')
    const quiet = { write: () => true }
    const io = demoIo(this.flags.json ? { ...this.io, stdout: quiet, stderr: quiet } : this.io)
    const out = this.flags.json ? createOutput(io, {}) : this.output
    // A new database's clock stands at the moment of its making, and a later run finds it there.
    const database = await createDatabase(DATABASE, { simulated: `${new Date().toISOString().slice(0, 19)}Z`, env: io.env })
    const today = (await database.clock()).now.slice(0, 10)
    await database.close()
    await writeFiles(this.context.path(FOLDER), EVIDENCE, { force: true, keep: [], name: FOLDER })
    const secrets = `${FOLDER}/acme.secrets.jsonl`
    const handedOver = await access(this.context.path(secrets)).then(() => true, () => false)
    const commands = await play(script({ folder: FOLDER, today, secrets: handedOver ? undefined : secrets, flags: ['--workspace', FOLDER] }), io, out)
    // A database named by the environment would come before the workspace's own.
    const elsewhere = this.io.env['ONBOARD_DATABASE_URL'] === undefined ? [] : ['--database-url', `embedded:${DATABASE}`]
    const next = tryNext(['--workspace', FOLDER, ...elsewhere]).map((argv) => typedAs(argv, io))
    out.line()
    return { result: { workspace: FOLDER, commands }, next }
  }

  override view(_result: Result, out: Output): void {
    out.line('That was all. Try next:')
  }
}
