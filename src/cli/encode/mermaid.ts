import { terminal } from './terminal.ts'

/** Text → a Mermaid label in double quotes, as its entity codes: nothing in it is read as syntax, HTML or Markdown. */
export function mermaid(text: string): string {
  const line = terminal(text.replaceAll(/\r\n|\n|\r/g, ' '))
  const coded = line.replaceAll(/["#&<>;`\\]/g, (mark) => `#${mark.codePointAt(0)};`)
  return `"${coded}"`
}
