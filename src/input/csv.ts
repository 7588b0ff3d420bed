/** Lines of comma-separated values (RFC 4180), each with the line that it begins on. */
import type { Finding } from './text.ts'

export interface Csv {
  readonly rows: readonly { readonly line: number; readonly offset: number; readonly cells: readonly string[] }[]
  readonly findings: readonly Finding[]
}

/**
 * Parts a text into rows. Spreadsheets in half of Europe write semicolons: what parts the header parts all. Empty lines
 * are left out; a quoted cell may hold separators, doubled quotes and line breaks. The first mistake ends it.
 */
export function parseCsv(text: string): Csv {
  const [header = ''] = text.split('\n', 1)
  const comma = !header.includes(',') && header.includes(';') ? ';' : ','
  const rows: { line: number; offset: number; cells: string[] }[] = []
  let at = 0
  let line = 1
  while (at < text.length) {
    const begun = { line, offset: at }
    const cells: string[] = []
    for (;;) {
      let cell = ''
      if (text[at] === '"') {
        const opened = at++
        for (;;) {
          const close = text.indexOf('"', at)
          if (close < 0) {
            return { rows, findings: [{ offset: opened, message: 'a quoted cell is not closed', rule: 'syntax' }] }
          }
          cell += text.slice(at, close)
          at = close + 1
          if (text[at] !== '"') break
          cell += '"'
          at++
        }
        line += cell.split('\n').length - 1
        const next = text[at]
        if (next !== undefined && next !== comma && next !== '\n' && next !== '\r') {
          const message = `after a quoted cell comes ${JSON.stringify(comma)} or the end of the line`
          return { rows, findings: [{ offset: at, message, rule: 'syntax' }] }
        }
      } else {
        const from = at
        while (at < text.length && text[at] !== comma && text[at] !== '\n') at++
        cell = text.slice(from, at).replace(/\r$/, '')
      }
      cells.push(cell.trim())
      if (text[at] === '\r') at++
      if (text[at] === comma) at++
      else break
    }
    at++
    line++
    if (cells.some((cell) => cell !== '')) rows.push({ ...begun, cells })
  }
  return { rows, findings: [] }
}
