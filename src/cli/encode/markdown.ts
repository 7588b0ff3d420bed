import { terminal } from './terminal.ts'

/**
 * Text → Markdown that reads as that very text: no emphasis, links, HTML, table cells, mentions or images of its own.
 * Every ASCII punctuation mark may carry a backslash (CommonMark 2.4); a comment keeps GitHub from seeing `@name`.
 */
export function markdown(text: string): string {
  return terminal(text.replaceAll(/\r\n|\n|\r/g, ' '))
    .replaceAll(/[!-/:-@[-`{-~]/g, '\\$&')
    .replaceAll('\\@', '@<!-- -->')
    .trim()
}
