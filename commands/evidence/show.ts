import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { customer } from '../../src/cli/args.ts'
import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import { retyped } from '../../src/cli/invocation.ts'
import { mustNameFile } from '../../src/cli/named-file.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold, dim, green } from '../../src/cli/style.ts'
import type { Handed } from '../../src/journal/evidence.ts'

interface Result extends Handed {
  readonly onboarding: string
  /** Where it was written; null where that was not asked for. */
  readonly file: string | null
}

/** A file that a person handed in, as it was. */
export default class EvidenceShow extends OnboardCommand<typeof EvidenceShow, Result> {
  static override result = 'evidence-show'
  static override summary =
    'Show who handed in a file, check that its bytes are the same still, and write them to a file.'
  static override examples = ['onboard evidence show acme 9f86d081884c --out contract.pdf']
  static override args = {
    customer,
    digest: Args.string({
      description: 'Beginning of its sha256, as evidence list and audit log show it.', required: true,
      ignoreStdin: true,
    }),
  }
  static override flags = { out: Flags.string({ description: 'Write it to this new file.', helpValue: 'FILE' }) }

  override async perform(): Promise<Done<Result>> {
    const { args, context, flags } = this
    mustNameFile(flags.out, 'out', 'evidence may be any bytes', `${retyped(this, 'out')} --out FILE`)
    const { namedOnboarding } = await import('../../src/cli/assemble.ts')
    const { findEvidence } = await import('../../src/cli/evidence.ts')
    return context.connected('reader', async (client) => {
      const { onboarding } = await namedOnboarding(client, args.customer)
      const { about, bytes } = await findEvidence(client, onboarding, args.digest)
      if (flags.out !== undefined) {
        const { writeNew } = await import('../../src/cli/draft.ts')
        await writeNew(
          context.path(flags.out), flags.out, bytes,
          `onboard evidence show ${onboarding.key} ${args.digest} --out OTHER`,
        )
      }
      const again = `onboard evidence show ${onboarding.key} ${about.digest.slice(0, 12)} --out FILE`
      return {
        result: { onboarding: onboarding.key, ...about, file: flags.out ?? null },
        next: [flags.out === undefined ? again : `onboard evidence list ${onboarding.key}`],
      }
    })
  }

  override view({ digest, name, size, step, at, by, file, seq }: Result, out: Output): void {
    out.line(
      green('✓ '), bold(name ?? '(erased)'), size === null ? '' : ` · ${size} bytes`,
      file === null ? ': its bytes are those that were handed in' : `: written to ${file}`,
    )
    out.line('  ', dim(`sha256 ${digest}`))
    out.line(
      '  ',
      dim(`handed in for ${step ?? 'the onboarding'} by ${by ?? '(erased)'}, ${out.time(at)}, journal entry ${seq}`),
    )
  }
}
