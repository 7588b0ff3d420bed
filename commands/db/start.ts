import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { embeddedTarget } from '../../src/cli/embedded-target.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim, green } from '../../src/cli/style.ts'
import type { About } from '../../src/database/about.ts'

/** Starts the embedded server; commands do so by themselves. */
export default class DbStart extends OnboardCommand<typeof DbStart, About> {
  static override result = 'db-status'
  static override summary = 'Start the embedded PostgreSQL and make its database; commands do so by themselves.'
  static override examples = ['onboard db start', 'ONBOARD_EMBEDDED_IDLE_SECONDS="3600" onboard db start']

  override async perform(): Promise<Done<About>> {
    const target = await embeddedTarget(this.context, 'start')
    const { openDatabase } = await import('../../src/database/open.ts')
    const { aboutDatabase } = await import('../../src/database/about.ts')
    const database = await openDatabase(target, { env: this.io.env })
    const result = await aboutDatabase(target, this.io.env).finally(() => database.close())
    return { result: { ...result }, next: ['onboard db url', 'onboard db stop'] }
  }

  override view({ database, version, embedded }: About, out: Output): void {
    out.line(green('✓'), ' ', bold(database), ` runs: PostgreSQL ${version}`)
    out.line(dim(`it ends by itself after ${embedded?.idle_seconds ?? 0} s without a connection`))
  }
}
