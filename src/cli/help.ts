import type { Config } from '@oclif/core/config'
import { CommandHelp, Help } from '@oclif/core/help'
import { OnboardError } from '../errors.ts'
import type { Io } from './output.ts'

/** Examples first: most people come for the line to type. */
class ExamplesFirst extends CommandHelp {
  protected override sections() {
    const all = super.sections()
    const examples = all.filter(({ header }) => header === 'EXAMPLES')
    return [...examples, ...all.filter((section) => !examples.includes(section))]
  }
}

const EXAMPLES = `$ onboard demo                                an example customer, start to finish
$ onboard init                                a workspace here
$ onboard handoff accept --file acme.handoff.yaml
$ onboard plan acme                           what would change
$ onboard apply acme                          do what is ready
$ onboard status acme                         where it stands, what to type next`

const EXITS = `0 done  1 a step failed  2 usage  3 invalid input  4 changes pending  5 waiting  6 a check failed
7 locked, stale or in conflict  8 unreachable  9 not permitted  70 a bug of ours  130 interrupted`

/** Prints the help that an argv asks for, to stdout, and resolves to exit code 0. */
export async function showHelp(config: Config, argv: readonly string[], io: Io): Promise<number> {
  class OnboardHelp extends Help {
    override CommandHelpClass = ExamplesFirst
    override formatRoot(): string {
      const [summary = '', ...rest] = super.formatRoot().split('\n\n')
      return [summary, this.section('EXAMPLES', EXAMPLES), ...rest, this.section('EXIT CODES', EXITS)].join('\n\n')
    }
    override log(...lines: string[]): void {
      io.stdout.write(lines.join(' ') + '\n')
    }
  }
  const maxWidth = Math.max(60, Math.min(io.stdout.columns ?? 100, 110))
  const colourless = io.stdout.isTTY !== true || Boolean(io.env['NO_COLOR']) || argv.includes('--no-color')
  const help = new OnboardHelp(
    config, { maxWidth, flagSortOrder: 'none', hideCommandSummaryInDescription: true, stripAnsi: colourless },
  )
  const words = argv.filter((word) => word !== '--json' && word !== '--no-color')
  try {
    await help.showHelp(words)
  } catch (error) {
    throw new OnboardError(
      'usage', 'unknown-command', (error as Error).message, { suggestions: ['onboard --help'], cause: error },
    )
  }
  return 0
}
