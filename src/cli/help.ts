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

/** Prints the help that an argv asks for, to stdout, and resolves to exit code 0. */
export async function showHelp(config: Config, argv: readonly string[], io: Io): Promise<number> {
  class OnboardHelp extends Help {
    override CommandHelpClass = ExamplesFirst
    override log(...lines: string[]): void {
      io.stdout.write(lines.join(' ') + '\n')
    }
  }
  const maxWidth = Math.max(60, Math.min(io.stdout.columns ?? 100, 110))
  const colourless = io.stdout.isTTY !== true || Boolean(io.env['NO_COLOR']) || argv.includes('--no-color')
  const help = new OnboardHelp(config, { maxWidth, flagSortOrder: 'none', hideCommandSummaryInDescription: true, stripAnsi: colourless })
  const words = argv.filter((word) => word !== 'help' && word !== '--json' && word !== '--no-color')
  try {
    await help.showHelp(words)
  } catch (error) {
    throw new OnboardError('usage', 'unknown-command', (error as Error).message, { suggestions: ['onboard --help'], cause: error })
  }
  return 0
}
