import * as Flags from '@oclif/core/flags'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { embeddedTarget } from '../../src/cli/embedded-target.ts'
import type { Output } from '../../src/cli/output.ts'
import { green } from '../../src/cli/style.ts'

interface Stopped {
  /** false: it did not run. */
  readonly stopped: boolean
  readonly folder: string
}

/** Ends the embedded server; it does so by itself when idle. */
export default class DbStop extends OnboardCommand<typeof DbStop, Stopped> {
  static override result = 'db-stop'
  static override summary = 'Stop the embedded PostgreSQL; it does so by itself when nobody uses it.'
  static override examples = ['onboard db stop', 'onboard db stop --force']
  static override flags = { force: Flags.boolean({ description: 'End the connections of others too.' }) }

  override async perform(): Promise<Done<Stopped>> {
    await embeddedTarget(this.context, 'stop')
    const { embeddedHome } = await import('../../src/database/embedded/home.ts')
    const { stopEmbedded } = await import('../../src/database/embedded/stop.ts')
    const home = embeddedHome(this.io.env)
    return {
      result: { stopped: await stopEmbedded(home, this.flags.force), folder: home.dir }, next: ['onboard db status'],
    }
  }

  override view({ stopped, folder }: Stopped, out: Output): void {
    out.line(stopped ? [green('✓'), ' stopped: '] : '= was not running: ', folder)
  }
}
