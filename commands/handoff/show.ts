import * as Flags from '@oclif/core/flags'
import type { Client } from 'pg'
import { OnboardError } from '../../src/errors.ts'
import type { JsonObject } from '../../src/model.ts'
import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { dim } from '../../src/cli/style.ts'
import { heading, showDocument } from '../../src/cli/views/handoff.ts'

interface Given {
  readonly version: number
  /** ISO 8601 instant. */
  readonly given_at: string
  readonly digest: string
  readonly document: JsonObject
}

interface Result {
  readonly onboarding: string
  readonly company: string
  readonly runbook: { readonly name: string; readonly version: string; readonly digest: string }
  readonly handoff: Given
  readonly discovery: Given | null
}

/** What was accepted, as the runbook sees it, or the very bytes that were handed in. */
export default class HandoffShow extends OnboardCommand<typeof HandoffShow, Result> {
  static override result = 'handoff-show'
  static override summary = 'Show the handoff and discovery that an onboarding runs on.'
  static override examples = [
    'onboard handoff show acme', 'onboard handoff show acme --source > acme.handoff.yaml',
    'onboard handoff show acme --version 1', 'onboard handoff show acme --document > acme.handoff.md',
    'onboard handoff show acme --json',
  ]
  static override args = { customer }
  static override flags = {
    source: Flags.boolean({
      description: 'Print the handoff file as it was handed in.', exclusive: ['json', 'document'],
    }),
    version: Flags.integer({
      description: 'A former version of the handoff.', helpValue: 'N', min: 1, exclusive: ['document'],
    }),
    document: Flags.boolean({
      description: 'Print the filled checklist as a document, with how complete it is.', exclusive: ['json', 'source'],
    }),
  }

  #source = ''
  #document = ''

  override async perform(): Promise<Done<Result>> {
    const { namedOnboarding } = await import('../../src/cli/assemble.ts')
    const { inputSource } = await import('../../src/journal/onboardings.ts')
    if (this.flags.document) {
      const { handoffDocument } = await import('../../src/cli/handoff-document.ts')
      this.#document = await handoffDocument(this.context, this.args.customer)
    }
    return this.context.connected('reader', async (client) => {
      const found = await namedOnboarding(client, this.args.customer)
      const { id, key, company, runbook } = found.onboarding
      const about = async (kind: 'handoff' | 'discovery', document: JsonObject): Promise<Given> => {
        const stored = await inputSource(client, id, kind)
        if (kind === 'handoff' && stored !== null) this.#source = Buffer.from(stored.source).toString('utf8')
        return {
          version: stored?.version ?? 0, given_at: stored?.given_at ?? '', digest: stored?.digest ?? '', document,
        }
      }
      const { version } = this.flags
      const handoff = version === undefined
        ? await about('handoff', found.handoff)
        : await this.former(client, found.onboarding, version)
      const discovery = found.discovery === null ? null : await about('discovery', found.discovery)
      return { result: { onboarding: key, company, runbook, handoff, discovery }, next: [`onboard status ${key}`] }
    })
  }

  private async former(
    client: Client, { id, key }: { readonly id: string; readonly key: string }, number: number,
  ): Promise<Given> {
    const { inputVersion } = await import('../../src/journal/input-version.ts')
    const found = await inputVersion(client, id, 'handoff', number)
    if (found === undefined) {
      throw new OnboardError(
        'usage', 'unknown-version', `the handoff of ${key} has no version ${number}`,
        { suggestions: [`onboard handoff show ${key}`] },
      )
    }
    const { version, given_at, digest, document, source } = found
    this.#source = Buffer.from(source).toString('utf8')
    return { version, given_at, digest, document }
  }

  override view({ onboarding, company, runbook, handoff, discovery }: Result, out: Output): void {
    heading(`${onboarding} · ${company}`, out)
    const { version, given_at } = handoff
    out.line(dim(`handoff version ${version} of ${given_at} · runbook ${runbook.name} ${runbook.version}`))
    out.line()
    showDocument(handoff.document, out)
    out.line()
    if (discovery === null) {
      out.line(dim('no discovery yet'))
      return
    }
    heading('Discovery', out)
    showDocument(discovery.document, out)
  }

  protected override rendered(): string | undefined {
    if (this.flags.document) return this.#document
    return this.flags.source ? this.#source : undefined
  }
}
