import { dirname, isAbsolute, join } from 'node:path'
import * as Flags from '@oclif/core/flags'
import { customer } from '../src/cli/args.ts'
import { OnboardCommand, type Done } from '../src/cli/base.ts'
import { quote, retyped } from '../src/cli/invocation.ts'
import type { Output } from '../src/cli/output.ts'
import { showAdopted } from '../src/cli/views/adopt.ts'
import { OnboardError } from '../src/errors.ts'
import type { Adopted } from '../src/onboarding/adopt.ts'

/** Takes over an onboarding that was half done by hand. */
export default class Adopt extends OnboardCommand<typeof Adopt, Adopted> {
  static override result = 'adopt'
  static override summary =
    'Take over an onboarding that was half done by hand: rows that are there, and words that were given.'
  static override description =
    'Only the journal is written. What differs from the handoff is shown, and is for plan and apply. '
    + 'What was adopted is never undone by a rollback. The handoff is accepted first.'
  static override examples = [
    'onboard adopt acme --from acme.adopt.yaml --dry-run', 'onboard adopt acme --from acme.adopt.yaml',
  ]
  static override args = { customer }
  static override flags = {
    from: Flags.string({
      description: 'What was done by hand, as schemas/adopt.schema.json says; - for standard input.', helpValue: 'FILE',
      required: true,
    }),
    'dry-run': Flags.boolean({ description: 'Show what would be adopted; write nothing.' }),
  }

  override async perform(): Promise<Done<Adopted>> {
    const { args, flags, context } = this
    const [{ adopt }, { readAdoptFile }, { givenFile }, { EVIDENCE_MAX_BYTES, readRegularFile }] = await Promise.all([
      import('../src/onboarding/adopt.ts'), import('../src/onboarding/adopt-file.ts'),
      import('../src/cli/given.ts'), import('../src/adapters/files.ts'),
    ])
    const { bytes, file: shown } = await givenFile(context, flags.from)
    const file = readAdoptFile(bytes, shown)
    if (file.customer !== args.customer) {
      throw new OnboardError(
        'usage', 'other-customer', `${shown} is of ${file.customer}, not of ${args.customer}`,
        { suggestions: [`onboard adopt ${file.customer} --from ${quote(flags.from)}`] },
      )
    }
    const folder = flags.from === '-' ? context.path('.') : dirname(context.path(flags.from))
    const work = await context.work(args.customer)
    const evidence = (name: string) => (
      readRegularFile(isAbsolute(name) ? name : join(folder, name), name, EVIDENCE_MAX_BYTES)
    )
    const adoption = { file, shown, evidence, config: await context.config(), today: await context.today() }
    const result = await adopt(work, adoption, flags['dry-run'])
    const { onboarding, outcome } = result
    return {
      result,
      next: [outcome === 'planned' ? retyped(this, 'dry-run') : `onboard plan ${onboarding}`],
    }
  }

  override view(result: Adopted, out: Output): void {
    showAdopted(result, out)
  }
}
