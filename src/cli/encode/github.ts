import { terminal } from './terminal.ts'

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly message: string
  readonly title?: string
  readonly file?: string
  readonly line?: number
  readonly col?: number
}

/**
 * A finding as a workflow command of GitHub Actions, one line with its line break.
 * Nothing in it can begin another command.
 */
export function github({ level, message, title, file, line, col }: Annotation): string {
  const properties = Object.entries({ file, line, col, title })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${property(String(value))}`)
  return `::${level}${properties.length === 0 ? '' : ' '}${properties.join(',')}::${data(message)}\n`
}

/** Line breaks are data here (%0A); everything else that a terminal would act on is shown escaped. */
function data(text: string): string {
  const lines = text.split(/\r\n|\n|\r/).map((line) => terminal(line).replaceAll('%', '%25'))
  return lines.join('%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** An ordinary line of output in a GitHub job: text that happens to look like a workflow command is broken up. */
export function githubLine(line: string): string {
  return line.replace(/^(\s*):(?=:)/, '$1\\u{3a}').replaceAll('##[', '#\\u{23}[')
}
