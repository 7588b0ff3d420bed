import { OnboardError } from '../errors.ts'
import { nearest } from '../input/nearest.ts'
import { retyped } from './invocation.ts'

interface ParserError {
  readonly message: string
  readonly flags?: readonly string[]
  readonly args?: readonly unknown[]
}

/** What the base command knows of its command when something goes wrong. */
export interface Spoken {
  /** `handoff check` */
  readonly id: string
  /** Names of its flags, without dashes. */
  readonly flags: readonly string[]
  /** What was typed after them. */
  readonly argv: readonly string[]
}

/** Whatever was thrown → the one error that is shown. Foreign errors become usage errors, or a bug of ours. */
export async function asOnboardError(error: unknown, spoken: Spoken): Promise<OnboardError> {
  if (error instanceof OnboardError) return withFile(error, spoken)
  if (!(error instanceof Error)) {
    return new OnboardError('bug', 'bug', `something that is no error was thrown: ${String(error)}`)
  }
  if (error.name === 'ExitPromptError' || error.name === 'AbortPromptError') {
    return new OnboardError('interrupted', 'interrupted', 'Interrupted at a question; nothing was changed by it.')
  }
  if ('oclif' in error) return usage(error, spoken)
  const { code } = error as { code?: unknown }
  if (typeof code === 'string' && /^(?:[0-9A-Z]{5}|ECONN\w+|ENOTFOUND|ETIMEDOUT|EHOSTUNREACH|EPIPE)$/.test(code)) {
    const { databaseError } = await import('../database/trouble.ts')
    return databaseError(error, 'the database')
  }
  return new OnboardError('bug', 'bug', `This is a bug in onboard: ${error.message}`, { cause: error })
}

/** A file that cannot be taken: the line as it was typed, with FILE in its place. */
function withFile(error: OnboardError, { id, argv }: Spoken): OnboardError {
  const { kind, code, message, file, cause, at, diagnostics } = error
  if (file === undefined || error.suggestions.length > 0) return error
  const words = argv.map((word) => {
    if (word === file) return 'FILE'
    return word.endsWith(`=${file}`) ? `${word.slice(0, -file.length)}FILE` : word
  })
  const line = retyped({ id, argv: words })
  const again = line.split(' ').some((word) => word.endsWith('FILE')) ? line : `onboard ${id} --help`
  return new OnboardError(kind, code, message, {
    suggestions: [again], cause, diagnostics, file, ...(at ? { at } : {}),
  })
}

function usage(error: ParserError, { id, flags }: Spoken): OnboardError {
  const help = `onboard ${id} --help`.replace('  ', ' ')
  if (error.flags !== undefined) {
    const named = error.flags.map((flag) => {
      const near = nearest(flag.replace(/^-+/, ''), flags)
      return near === undefined ? flag : `${flag} (did you mean --${near}?)`
    })
    return new OnboardError(
      'usage', 'unknown-flag', `onboard ${id} has no flag ${named.join(', ')}.`, { suggestions: [help] },
    )
  }
  const text = error.message.replace(/\n?See more help with --help\s*$/, '')
  const missing = /^Missing (\d+) required arg/.test(text)
  if (missing) {
    const names = (error.args ?? []).map((arg) => (arg as { name: string }).name.toUpperCase()).join(' ')
    return new OnboardError('usage', 'missing-argument', `onboard ${id} needs ${names}.`, { suggestions: [help] })
  }
  if (text.startsWith('Unexpected argument')) {
    const extra = (error.args ?? []).map(String).join(' ')
    return new OnboardError(
      'usage', 'unexpected-argument', `onboard ${id} does not take: ${extra}`, { suggestions: [help] },
    )
  }
  // Several complaints come as a list under a heading of the parser's own.
  const said = text.replace(/^The following errors? occurred:\s*/, '').replace(/\s*\n\s*/g, '; ')
  return new OnboardError('usage', 'usage', `onboard ${id}: ${said}`, { suggestions: [help] })
}
