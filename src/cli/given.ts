import type { HandoffSource } from '../onboarding/handoff.ts'
import { OnboardError } from '../errors.ts'
import type { Context } from './context.ts'
import { readFileOnce, readStdin } from './source.ts'

/** The file that a flag names, or standard input for `-`. Its name in findings is as it was typed. */
export async function givenFile(context: Context, name: string): Promise<HandoffSource> {
  if (name !== '-') return { bytes: await readFileOnce(context.path(name), name), file: name }
  if (context.io.stdin.isTTY === true) context.io.stderr.write('Reading from the terminal; end with Ctrl-D.\n')
  return { bytes: await readStdin(context.io.stdin), file: 'stdin' }
}

/** `--file` and `--discovery`; only one of them can be standard input. */
export async function givenFiles(
  context: Context, flags: { readonly file: string; readonly discovery?: string | undefined },
): Promise<{ handoff: HandoffSource; discovery?: HandoffSource }> {
  if (flags.file === '-' && flags.discovery === '-') {
    throw new OnboardError(
      'usage', 'stdin-twice', '--file and --discovery cannot both be standard input',
      { suggestions: ['onboard handoff check --file FILE --discovery -'] },
    )
  }
  const handoff = await givenFile(context, flags.file)
  return flags.discovery === undefined ? { handoff } : { handoff, discovery: await givenFile(context, flags.discovery) }
}
