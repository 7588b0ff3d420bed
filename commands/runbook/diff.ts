import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { dim } from '../../src/cli/style.ts'
import { showRunbookDiff } from '../../src/cli/views/runbook-diff.ts'
import { EXIT } from '../../src/errors.ts'
import type { Runbook } from '../../src/model.ts'
import type { RunbookChange } from '../../src/runbook/diff.ts'

interface Version {
  readonly name: string
  readonly version: string
  readonly digest: string
}

interface DiffResult {
  readonly from: Version
  readonly to: Version
  readonly changes: readonly RunbookChange[]
}

/** What a new version of a runbook changes. */
export default class RunbookDiff extends OnboardCommand<typeof RunbookDiff, DiffResult> {
  static override result = 'runbook-diff'
  static override summary = 'Show what differs between two runbooks, and what that means for onboardings under way.'
  static override examples = [
    'onboard runbook diff enterprise ./runbooks/enterprise',
    'onboard runbook diff ../released/runbooks/ours ours --detailed-exitcode',
  ]
  static override args = {
    before: Args.string({ description: 'Runbook by name or folder: the older.', required: true, ignoreStdin: true }),
    after: Args.string({ description: 'Runbook by name or folder: the newer.', required: true, ignoreStdin: true }),
  }
  static override flags = {
    'detailed-exitcode': Flags.boolean({ description: 'Exit with 4 where they differ.' }),
  }

  override async perform(): Promise<Done<DiffResult>> {
    const { validRunbook } = await import('../../src/cli/valid-runbook.ts')
    const { diffRunbooks } = await import('../../src/runbook/diff.ts')
    const before = await validRunbook(this.context, this.args.before)
    const after = await validRunbook(this.context, this.args.after)
    const changes = diffRunbooks(before.runbook, after.runbook, new Map([...before.schemas, ...after.schemas]))
    const differ = before.runbook.digest !== after.runbook.digest
    return {
      result: { from: versionOf(before.runbook), to: versionOf(after.runbook), changes },
      exit: this.flags['detailed-exitcode'] && differ ? EXIT.pending : EXIT.done,
    }
  }

  override view({ from, to, changes }: DiffResult, out: Output): void {
    showRunbookDiff(changes, out)
    const differ = changes.length === 0 ? 'they differ in schemas or comments alone' : `${changes.length} changes`
    const said = from.digest === to.digest ? 'the same' : differ
    const named = ({ name, version, digest }: typeof from) => `${name} ${version} (${digest.slice(0, 12)})`
    out.note(dim(`${named(from)} → ${named(to)}: ${said}`))
  }
}

function versionOf({ name, version, digest }: Runbook): Version {
  return { name, version, digest }
}
