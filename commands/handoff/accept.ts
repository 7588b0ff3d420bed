import * as Flags from '@oclif/core/flags'
import type { Acceptance, Accepted } from '../../src/onboarding/accept.ts'
import type { IntakeStore, PinnedRunbook } from '../../src/onboarding/intake-store.ts'
import { OnboardError } from '../../src/errors.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { RunbookFolder } from '../../src/cli/runbook-files.ts'
import { retyped } from '../../src/cli/invocation.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim, green } from '../../src/cli/style.ts'
import { showAnswers } from '../../src/cli/views/handoff.ts'

/** Takes a handoff in and begins the onboarding, with the runbook pinned as it is now. */
export default class HandoffAccept extends OnboardCommand<typeof HandoffAccept, Accepted> {
  static override result = 'handoff-accept'
  static override summary = 'Accept a handoff: begin the onboarding of a customer.'
  static override examples = [
    'onboard handoff accept --file acme.handoff.yaml --runbook enterprise',
    'onboard handoff accept --file acme.handoff.yaml --accepted-by eva@vendor.example',
    'onboard handoff accept --file acme.handoff.yaml --discovery acme.discovery.yaml',
    'onboard handoff accept --file acme-eu.handoff.yaml --name eu',
  ]
  static override flags = {
    file: Flags.string({
      char: 'f', description: 'The handoff, YAML or JSON; - for standard input.', helpValue: 'FILE', required: true,
    }),
    discovery: Flags.string({ description: 'The discovery, where it has a file of its own.', helpValue: 'FILE' }),
    runbook: Flags.string({
      description: 'Runbook by name or folder; may be left out where there is only one.', helpValue: 'RUNBOOK',
    }),
    name: Flags.string({
      description: 'Name of this onboarding, where the customer has several: eu makes acme/eu.', helpValue: 'NAME',
      default: '',
    }),
    'accepted-by': Flags.string({
      description:
        'Who of engineering takes it on: a mail address of the roles engineering or engineering-lead; '
        + 'you, where you are one of them.',
        helpValue: 'MAIL',
    }),
  }

  override async perform(): Promise<Done<Accepted>> {
    const { givenFiles } = await import('../../src/cli/given.ts')
    const { acceptHandoff } = await import('../../src/onboarding/accept.ts')
    const { createIntakeStore } = await import('../../src/journal/onboardings.ts')
    const files = await givenFiles(this.context, this.flags)
    const [runbook, config, actor, today] = [
      await this.runbook(), await this.context.config(), await this.context.actor(), await this.context.today(),
    ]
    const { acceptorOf } = await import('../../src/cli/acceptor.ts')
    const accepted_by = acceptorOf(
      this.flags['accepted-by'], actor, config, retyped(this, 'accepted-by'),
    )
    const accept = (store: IntakeStore) => acceptHandoff({
      ...files, store, runbook, name: this.flags.name, actor, accepted_by, config, today,
    })
    const result = await this.context.connected('app', (client) => accept(createIntakeStore(client)))
    return { result, next: [`onboard plan ${result.onboarding}`, `onboard status ${result.onboarding}`] }
  }

  override view(result: Accepted, out: Output): void {
    const { onboarding, company, runbook, outcome, accepted_by, head } = result
    const said = {
      opened: 'accepted: the onboarding begins',
      updated: 'the discovery was added',
      unchanged: 'unchanged: this was accepted before',
    }[outcome]
    out.line(green(outcome === 'unchanged' ? '= ' : '✓ '), bold(onboarding), ` ${company} · ${said}`)
    const entry = head === null ? '' : ` · journal entry ${head.seq}`
    out.line(dim(`runbook ${runbook.name} ${runbook.version} (${runbook.digest.slice(0, 12)})${entry}`))
    if (accepted_by) {
      const { person: { name, email }, role } = accepted_by
      out.line(dim(`taken on by ${name} <${email}> as ${role}`))
    } else if (head !== null) {
      out.line(dim('nobody of engineering is named as having taken it on: --accepted-by MAIL does that'))
    }
    showAnswers(result, out, this.context.sourceOf)
  }

  private async runbook(): Promise<Acceptance['runbook']> {
    const { findRunbook, listRunbooks, onlyOne, writtenName } = await import('../../src/cli/runbook-files.ts')
    const { dir } = await this.context.workspace()
    const given = this.flags.runbook ?? onlyOne(
      (await listRunbooks(dir)).map(({ name }) => name), (name) => `${retyped(this)} --runbook ${name}`,
    )
    const folder = await findRunbook(given, dir, this.io.cwd)
    return { name: await writtenName(folder), load: () => this.loaded(given, folder) }
  }

  private async loaded(given: string, folder: RunbookFolder): Promise<PinnedRunbook> {
    const { readRunbook } = await import('../../src/cli/runbook-files.ts')
    const { knownActions } = await import('../../src/cli/known-actions.ts')
    const { loadRunbook } = await import('../../src/runbook/load.ts')
    const source = await readRunbook({ ...folder, cwd: this.io.cwd })
    const catalogue = await this.context.catalogue()
    const { schemas, names } = await knownActions(source, catalogue)
    const { runbook, diagnostics, paths } = loadRunbook(source, schemas, undefined, names)
    if (runbook === undefined) {
      throw new OnboardError(
        'invalid', 'runbook-invalid', `the runbook ${given} cannot be used`,
        { diagnostics, suggestions: [`onboard runbook lint ${given}`] },
      )
    }
    const files = new Map(paths.flatMap((path) => {
      const bytes = source.files.get(path)
      return bytes === undefined ? [] : [[path, bytes] as const]
    }))
    return { runbook, files: { root: source.root, files } }
  }
}
