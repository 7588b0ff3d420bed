import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim } from '../../src/cli/style.ts'
import type { About } from '../../src/database/about.ts'

/** How the database stands; starts nothing. */
export default class DbStatus extends OnboardCommand<typeof DbStatus, About> {
  static override result = 'db-status'
  static override summary = 'Show which database is used, whether it runs, and how far it is migrated; start nothing.'
  static override examples = ['onboard db status', 'onboard db status --database-url embedded:demo --json']

  override async perform(): Promise<Done<About>> {
    const { aboutDatabase } = await import('../../src/database/about.ts')
    const about = await aboutDatabase(await this.context.target(), this.io.env)
    const isPending = about.migrations !== null && about.migrations.pending.length > 0
    const start = about.running ? [] : ['onboard db start']
    const next = isPending ? ['onboard db migrate'] : start
    return { result: { ...about }, next }
  }

  override view({ database, running, version, read_only, migrations, embedded }: About, out: Output): void {
    out.line(bold(database), running ? ` · PostgreSQL ${version}${read_only ? ' · read-only' : ''}` : ' · not running')
    const rows: [string, string][] = []
    if (migrations) rows.push(['migrated', migrations.applied.join(', ') || 'never'])
    if (migrations && migrations.pending.length > 0) rows.push(['to migrate', migrations.pending.join(', ')])
    if (embedded) {
      rows.push(['folder', embedded.folder], ['log', embedded.log])
      for (const { name, bytes } of embedded.databases) {
        rows.push(['database', `${name}, ${(bytes / 1e6).toFixed(1)} MB`])
      }
      if (embedded.connected.length > 0) rows.push(['connected', embedded.connected.join(', ')])
      if (running) {
        const once = embedded.kept ? '' : ', once a command has seen to it'
        rows.push(['ends', `after ${embedded.idle_seconds} s without a connection${once}`])
      }
    }
    out.table(rows.map(([name, value]) => [dim(name), value]), { indent: 2 })
  }
}
