import type { Json } from '../../model.ts'
import type { OnboardError } from '../../errors.ts'
import type { Output } from '../output.ts'
import { bold, dim, red } from '../style.ts'
import { diagnostics } from './diagnostics.ts'

/** An error for people, on stderr: what happened, where, and what to type next. */
export function showError(error: OnboardError, out: Output, source?: (file: string) => string | undefined): void {
  const [first = '', ...rest] = error.message.split('\n')
  out.note(red(bold('error:')), ' ', first)
  for (const line of rest) out.note('       ', line)
  if (error.at !== undefined && error.diagnostics.length === 0) {
    out.note('       ', dim(`at ${error.at.file}:${error.at.line}:${error.at.col}`))
  }
  if (error.diagnostics.length > 0) diagnostics(error.diagnostics, out.note, source)
}

/** The same for programs: `schemas/results/error.schema.json`. */
export function errorJson(error: OnboardError): Json {
  const { kind, code, message, suggestions, diagnostics, at } = error
  return {
    error: {
      kind, code, message,
      exit: error.exit,
      suggestions: [...suggestions],
      diagnostics: diagnostics.map((one) => ({ ...one })),
      ...(at === undefined ? {} : { at: { file: at.file, line: at.line, col: at.col } }),
    },
  }
}
