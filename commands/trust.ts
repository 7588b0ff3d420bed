import * as Flags from '@oclif/core/flags'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import type { Output } from '../src/cli/output.ts'
import { bold, dim, green, yellow } from '../src/cli/style.ts'
import { OnboardError } from '../src/errors.ts'

interface TrustResult {
  /** Folder of the workspace; null where it is about actions that an onboarding has pinned. */
  readonly dir: string | null
  /** The onboarding whose pinned actions it is about. */
  readonly onboarding: string | null
  readonly digest: string
  readonly outcome: 'trusted' | 'unchanged' | 'removed' | 'printed'
  /** Files that the digest covers. */
  readonly files: readonly string[]
  /** Schemas for editors that were written anew, by name. */
  readonly schemas: readonly string[]
  /** Actions that cannot be loaded, and why. */
  readonly broken: readonly { readonly action: string; readonly message: string }[]
}

/** A workspace may act: this user has looked at it. */
export default class Trust extends OnboardCommand<typeof Trust, TrustResult> {
  static override result = 'trust'
  static override summary =
    'Trust this workspace as it is: its programs, its actions, the database that its config names.'
  static override description =
    'Without it a workspace is looked at only: nothing runs a program, '
    + 'loads code or opens a database that the config names. '
    + 'Any change of its config, actions, runbooks, schemas or templates ends it. '
    + 'A pipeline gives the digest instead: onboard apply CUSTOMER --trust DIGEST (several with commas). '
    + 'Actions that an onboarding has pinned are trusted by themselves: those of this workspace are when it is.'
  static override examples = [
    'onboard trust', 'onboard trust --print', 'onboard trust --remove', 'onboard trust --pinned acme',
  ]
  static override flags = {
    print: Flags.boolean({ description: 'Print the digest; record nothing.', exclusive: ['remove'] }),
    remove: Flags.boolean({ description: 'Take the trust back.' }),
    pinned: Flags.string({
      description: 'Trust the actions that this onboarding has pinned, wherever they came from.', helpValue: 'CUSTOMER',
    }),
  }

  override async perform(): Promise<Done<TrustResult>> {
    return this.flags.pinned === undefined ? this.trustWorkspace() : this.trustPinned(this.flags.pinned)
  }

  private async trustWorkspace(): Promise<Done<TrustResult>> {
    const { recordTrust, removeTrust, trustedDigest, workspaceContent } = await import('../src/cli/trust.ts')
    const { env } = this.io
    const { dir } = await this.context.workspace()
    if (dir === null) {
      throw new OnboardError(
        'usage', 'no-workspace', 'There is no workspace here to trust.', { suggestions: ['onboard init'] },
      )
    }
    const content = await workspaceContent(dir)
    const { digest, files } = content
    const nothing = { schemas: [], broken: [] }
    const done = (outcome: TrustResult['outcome'], editor: Pick<TrustResult, 'schemas' | 'broken'> = nothing) => ({
      result: { dir, onboarding: null, digest, outcome, files, ...editor },
    })
    if (this.flags.print) return done('printed')
    if (this.flags.remove) return done((await removeTrust(dir, content, env)) ? 'removed' : 'unchanged')
    const same = (await trustedDigest(dir, env)) === digest
    await recordTrust(dir, content, env)
    return done(same ? 'unchanged' : 'trusted', await this.tellEditors(dir))
  }

  /** What an editor knows of this workspace's actions is what they are now. */
  private async tellEditors(dir: string): Promise<Pick<TrustResult, 'schemas' | 'broken'>> {
    const { actionsAt } = await import('../src/cli/actions.ts')
    const { editorSchemas, refreshEditorSchemas } = await import('../src/cli/editor-schemas.ts')
    const known = await editorSchemas(dir, await actionsAt(dir, async () => null))
    return { schemas: await refreshEditorSchemas(dir, known), broken: known.broken }
  }

  private async trustPinned(customer: string): Promise<Done<TrustResult>> {
    const { codeOf, codeTrusted, contentDigest, recordCode, removeCode } = await import('../src/cli/trust.ts')
    const { env } = this.io
    const code = codeOf(await this.context.pinnedFiles(customer))
    if (code.size === 0) {
      throw new OnboardError(
        'usage', 'no-actions', `${customer} has pinned no actions of its own: there is nothing to trust.`,
        { suggestions: [`onboard plan ${customer}`] },
      )
    }
    const digest = contentDigest(code)
    const done = (outcome: TrustResult['outcome']) => ({
      result: {
        dir: null, onboarding: customer, digest, outcome, files: [...code.keys()].sort(), schemas: [], broken: [],
      },
      next: outcome === 'trusted' ? [`onboard plan ${customer}`] : [],
    })
    if (this.flags.print) return done('printed')
    if (this.flags.remove) return done((await removeCode(digest, env)) ? 'removed' : 'unchanged')
    if (await codeTrusted(digest, env)) return done('unchanged')
    await recordCode(digest, env)
    return done('trusted')
  }

  override view({ dir, onboarding, digest, outcome, files, schemas, broken }: TrustResult, out: Output): void {
    if (outcome === 'printed') return out.line(digest)
    const said = { trusted: 'trusted as it is now', unchanged: 'as it was', removed: 'not trusted any more' }[outcome]
    out.line(
      green('✓ '), bold(dir ?? `The actions pinned with ${onboarding}`), ` ${said}`,
      dim(`  ${files.length} ${files.length === 1 ? 'file' : 'files'}`),
    )
    if (dir === null) for (const file of files) out.line(dim(`  ${file}`))
    out.line(dim(`digest ${digest}`))
    if (schemas.length > 0) out.line(dim('.onboard/schemas, which editors complete and check by, was written anew'))
    for (const { action, message } of broken) out.line(yellow(`! the action ${action} cannot be loaded: ${message}`))
  }
}
