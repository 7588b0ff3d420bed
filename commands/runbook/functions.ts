import { OnboardCommand, type Done } from '../../src/cli/base.ts'
import type { Output } from '../../src/cli/output.ts'
import { bold } from '../../src/cli/style.ts'
import type { FUNCTIONS } from '../../src/runbook/cel/functions.ts'

interface FunctionsResult {
  readonly functions: readonly { readonly form: string; readonly gives: string | null; readonly text: string }[]
}

/** What expressions can call. */
export default class RunbookFunctions extends OnboardCommand<typeof RunbookFunctions, FunctionsResult> {
  static override result = 'runbook-functions'
  static override summary = 'List the functions of expressions (CEL) in when: and ${{ }}.'
  static override description =
    'Dates are texts such as 2026-02-03: they compare with < and >, and date functions count in whole days. '
    + 'Instants and durations are values of their own, by timestamp() and duration(), '
    + 'and become texts where they leave an expression. Integers are exact.'
  static override examples = ['onboard runbook functions', 'onboard runbook functions --json']

  override async perform(): Promise<Done<FunctionsResult>> {
    const { FUNCTIONS, MACRO_TEXTS } = await import('../../src/runbook/cel/functions.ts')
    const functions = [
      ...FUNCTIONS.map((one) => ({
        form: formOf(one),
        gives: one.result === 'any' ? null : one.result === 'texts' ? 'list' : one.result,
        text: one.text,
      })),
      ...MACRO_TEXTS.map(([form, gives, text]) => ({ form, gives, text })),
    ]
    return { result: { functions }, next: ['onboard runbook lint'] }
  }

  override view({ functions }: FunctionsResult, out: Output): void {
    const rows = functions.map(({ form, gives, text }) => [bold(form), gives ?? '', text])
    out.table([['function', 'gives', 'what it does'], ...rows], { head: true })
  }
}

/** `list.join(string)` */
function formOf({ name, receiver, args }: (typeof FUNCTIONS)[number]): string {
  const of = receiver === null ? '' : `${receiver === 'texts' ? 'list' : receiver}.`
  return `${of}${name}(${args.map((arg) => (arg === 'instant' || arg === 'span' ? 'string' : arg)).join(', ')})`
}
