import { visible } from './visible.ts'

/** Text → an iCalendar TEXT value (RFC 5545 3.3.11): line breaks as `\n`, what else is hidden is shown. */
export function calendarText(text: string): string {
  return text
    .split(/\r\n|[\n\r\u2028\u2029\u0085]/)
    .map((line) => visible(line.replaceAll('\t', ' ')).replaceAll(/[\\;,]/g, String.raw`\$&`))
    .join(String.raw`\n`)
}

/** One content line, folded so that no line has more than 75 bytes and no character is cut (3.1). Ends with CRLF. */
export function folded(line: string): string {
  const parts: string[] = []
  let part = ''
  let bytes = 0
  for (const char of line) {
    const size = Buffer.byteLength(char)
    if (bytes + size > 75) {
      parts.push(part)
      part = ' '
      bytes = 1
    }
    part += char
    bytes += size
  }
  return [...parts, part].map((one) => `${one}\r\n`).join('')
}
