import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'

interface Result {
  readonly template: string
}

/** The blank form of a handoff. */
export default class HandoffTemplate extends OnboardCommand<typeof HandoffTemplate, Result> {
  static override result = 'handoff-template'
  static override summary = 'Print a blank handoff with a comment for each field.'
  static override examples = ['onboard handoff template > acme.handoff.yaml']

  override async perform(): Promise<Done<Result>> {
    const { handoffTemplate } = await import('../../src/onboarding/example-handoff.ts')
    return { result: { template: handoffTemplate() } }
  }

  protected override rendered({ template }: Result): string {
    return template
  }

  override view(_result: Result, _out: Output): void {}
}
