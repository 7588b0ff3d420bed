import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim, type Piece } from '../../src/cli/style.ts'
import type { Handed } from '../../src/journal/evidence.ts'

interface Result {
  readonly onboarding: string
  readonly evidence: readonly Handed[]
}

/** The files that people handed in with their word. */
export default class EvidenceList extends OnboardCommand<typeof EvidenceList, Result> {
  static override result = 'evidence-list'
  static override summary = 'List the files that people handed in with their word.'
  static override examples = ['onboard evidence list acme']
  static override args = { customer }

  override async perform(): Promise<Done<Result>> {
    const { namedOnboarding } = await import('../../src/cli/assemble.ts')
    const { listEvidence } = await import('../../src/journal/evidence.ts')
    return this.context.connected('reader', async (client) => {
      const { onboarding: { id, key } } = await namedOnboarding(client, this.args.customer)
      const evidence = await listEvidence(client, id)
      const last = evidence.at(-1)
      return {
        result: { onboarding: key, evidence },
        next: [
          last === undefined
            ? `onboard status ${key}`
            : `onboard evidence show ${key} ${last.digest.slice(0, 12)} --out FILE`,
        ],
      }
    })
  }

  override view({ onboarding, evidence }: Result, out: Output): void {
    if (evidence.length === 0) return out.line(dim(`Nobody has handed in a file for ${onboarding} yet.`))
    out.table(evidence.map(({ digest, name, size, step, at, by }): Piece[] => [
      bold(digest.slice(0, 12)), name ?? dim('(erased)'), size === null ? '' : `${size} bytes`, step ?? '',
      by ?? dim('(erased)'), dim(out.time(at)),
    ]))
  }
}
