import * as Flags from '@oclif/core/flags'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import type { Output } from '../src/cli/output.ts'
import { bold, dim, green } from '../src/cli/style.ts'
import { OnboardError } from '../src/errors.ts'

interface TrustResult {
  readonly dir: string
  readonly digest: string
  readonly outcome: 'trusted' | 'unchanged' | 'removed' | 'printed'
  /** Files that the digest covers. */
  readonly files: readonly string[]
}

/** A workspace may act: this user has looked at it. */
export default class Trust extends OnboardCommand<typeof Trust, TrustResult> {
  static override result = 'trust'
  static override summary = 'Trust this workspace as it is: its programs, its actions, the database that its config names.'
  static override description =
    'Without it a workspace is looked at only: nothing runs a program, loads code or opens a database that the config names. Any change of its config, actions, runbooks, schemas or templates ends it. A pipeline gives the digest instead: onboard apply CUSTOMER --trust DIGEST.'
  static override examples = ['onboard trust', 'onboard trust --print', 'onboard trust --remove']
  static override flags = {
    print: Flags.boolean({ description: 'Print the digest; record nothing.', exclusive: ['remove'] }),
    remove: Flags.boolean({ description: 'Take the trust back.' }),
  }

  override async perform(): Promise<Done<TrustResult>> {
    const { recordTrust, removeTrust, trustedDigest, workspaceContent } = await import('../src/cli/trust.ts')
    const { env } = this.io
    const { dir } = await this.context.workspace()
    if (dir === null) throw new OnboardError('usage', 'no-workspace', 'There is no workspace here to trust.', { suggestions: ['onboard init'] })
    const { digest, files } = await workspaceContent(dir)
    const done = (outcome: TrustResult['outcome']) => ({ result: { dir, digest, outcome, files } })
    if (this.flags.print) return done('printed')
    if (this.flags.remove) return done((await removeTrust(dir, env)) ? 'removed' : 'unchanged')
    if ((await trustedDigest(dir, env)) === digest) return done('unchanged')
    await recordTrust(dir, digest, env)
    return done('trusted')
  }

  override view({ dir, digest, outcome, files }: TrustResult, out: Output): void {
    if (outcome === 'printed') return out.line(digest)
    const said = { trusted: 'trusted as it is now', unchanged: 'as it was', removed: 'not trusted any more' }[outcome]
    out.line(green('✓ '), bold(dir), ` ${said}`, dim(`  ${files.length} files`))
    out.line(dim(`digest ${digest}`))
  }
}
