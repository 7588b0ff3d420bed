import type { Diagnostic } from '../../errors.ts'
import { terminal } from '../encode/terminal.ts'
import { bold, cyan, dim, red, yellow, type Piece } from '../style.ts'
import { width } from '../width.ts'

/**
 * Findings of one look, each as `file:line:col: message [rule]`, with the line of the file below where it is at hand.
 */
export function diagnostics(
  findings: readonly Diagnostic[],
  line: (...pieces: Piece[]) => void,
  source: (file: string) => string | undefined = () => undefined,
): void {
  for (const found of findings) {
    const mark = found.severity === 'error' ? red('error') : yellow('warning')
    line(bold(`${found.file}:${found.line}:${found.col}`), ': ', mark, ' ', found.message, ' ', dim(`[${found.rule}]`))
    frame(found, line, source(found.file))
  }
}

function frame({ line: at, col }: Diagnostic, line: (...pieces: Piece[]) => void, text: string | undefined): void {
  const shown = text?.split(/\r\n|\n|\r/, at)[at - 1]
  if (shown === undefined || shown.length > 400) return
  const gutter = String(at)
  // Tabs are kept in step by showing what stands before the column in the very same escaped form.
  const before = width(terminal(shown.slice(0, col - 1)))
  line(dim(`  ${gutter} │ `), shown)
  line(dim(`  ${' '.repeat(gutter.length)} │ `), ' '.repeat(before), cyan('^'))
}
