import { terminal } from './terminal.ts'

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

/** Text → XML 1.0 character data, also inside a quoted attribute. Characters that XML cannot hold are shown escaped. */
export function xml(text: string): string {
  const safe = text.split('\n').map(terminal).join('\n').replaceAll(/[\ufffe\uffff]/g, '\\u{fffe}')
  return safe.replaceAll(/[&<>"']/g, (char) => NAMED[char] ?? char).replaceAll('\n', '&#10;')
}
