import * as Flags from '@oclif/core/flags'
import { customer } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import type { Output } from '../src/cli/output.ts'
import { bold, dim, green, yellow } from '../src/cli/style.ts'
import { showRunbookDiff } from '../src/cli/views/runbook-diff.ts'
import type { Head } from '../src/engine/ports.ts'
import { OnboardError } from '../src/errors.ts'
import type { SignOff } from '../src/onboarding/upgrade.ts'
import type { RunbookChange } from '../src/runbook/diff.ts'

interface Version {
  readonly name: string
  readonly version: string
  readonly digest: string
}

interface UpgradeResult {
  readonly onboarding: string
  readonly outcome: 'upgraded' | 'unchanged' | 'planned'
  readonly from: Version
  readonly to: Version
  readonly changes: readonly RunbookChange[]
  readonly sign_offs: readonly SignOff[]
  readonly head: Head | null
}

/** An onboarding under way goes on by a newer version of its runbook. */
export default class Upgrade extends OnboardCommand<typeof Upgrade, UpgradeResult> {
  static override result = 'upgrade'
  static override summary = 'Move an onboarding to the runbook as it is now: what differs, and which sign-offs hold.'
  static override description =
    'A sign-off is kept where what it was given on reads the same. '
    + 'Nothing is applied: plan shows what there is to do then.'
  static override examples = [
    'onboard upgrade acme --dry-run', 'onboard upgrade acme', 'onboard upgrade acme --runbook ./runbooks/enterprise',
  ]
  static override args = { customer }
  static override flags = {
    runbook: Flags.string({
      description: 'The newer version, by name or folder; default: the runbook of the same name.', helpValue: 'RUNBOOK',
    }),
    'dry-run': Flags.boolean({ description: 'Show what would differ; change nothing.' }),
  }

  override async perform(): Promise<Done<UpgradeResult>> {
    const { validRunbook } = await import('../src/cli/valid-runbook.ts')
    const { evaluatorOf } = await import('../src/cli/evaluator.ts')
    const { diffRunbooks } = await import('../src/runbook/diff.ts')
    const { signOffsUnder } = await import('../src/onboarding/upgrade.ts')
    const { moveRunbook } = await import('../src/journal/move-runbook.ts')
    const work = await this.context.work(this.args.customer)
    const { onboarding, runbook: before } = work
    const { runbook, source, paths } = await validRunbook(this.context, this.flags.runbook ?? before.name)
    if (runbook.name !== before.name) {
      throw new OnboardError(
        'conflict', 'other-runbook',
        `${onboarding.key} runs the runbook ${before.name}, of which ${runbook.name} is no version`,
        { suggestions: [`onboard status ${onboarding.key}`] },
      )
    }
    const about = { onboarding: onboarding.key, from: versionOf(before), to: versionOf(runbook) }
    const next = [`onboard plan ${onboarding.key}`]
    if (runbook.digest === before.digest) {
      return { result: { ...about, outcome: 'unchanged', changes: [], sign_offs: [], head: null }, next }
    }
    const catalogue = await this.context.catalogue()
    const sign_offs = await signOffsUnder({
      ...work, runbook, catalogue, evaluator: await evaluatorOf(runbook, catalogue),
    })
    const found = { ...about, changes: diffRunbooks(before, runbook, await catalogue.schemas()), sign_offs }
    if (this.flags['dry-run']) {
      return { result: { ...found, outcome: 'planned', head: null }, next: [`onboard upgrade ${onboarding.key}`] }
    }
    const files = new Map(paths.flatMap((path) => {
      const bytes = source.files.get(path)
      return bytes === undefined ? [] : [[path, bytes] as const]
    }))
    const move = {
      onboarding, from: about.from, pinned: { runbook, files: { root: source.root, files } }, actor: work.actor,
    }
    const head = await this.context.connected('app', (client) => moveRunbook(client, move))
    return { result: { ...found, outcome: 'upgraded', head }, next }
  }

  override view({ onboarding, outcome, from, to, changes, sign_offs }: UpgradeResult, out: Output): void {
    showRunbookDiff(changes, out)
    const marks = { kept: green('✓ kept'), void: yellow('~ void'), gone: yellow('- gone') }
    out.table(sign_offs.map(({ step, state }) => [marks[state], `sign-off of ${step}`]))
    const said = { upgraded: 'goes on by', planned: 'would go on by', unchanged: 'runs already' }[outcome]
    out.line(
      bold(onboarding), ` ${said} ${to.name} ${to.version} (${to.digest.slice(0, 12)})`,
      outcome === 'unchanged' ? '' : dim(`, before ${from.version} (${from.digest.slice(0, 12)})`),
    )
  }
}

function versionOf({ name, version, digest }: Version): Version {
  return { name, version, digest }
}
