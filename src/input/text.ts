import { isUtf8 } from 'node:buffer'

/** Something wrong in a text, at an offset in UTF-16 units; `path` where it belongs to a value. */
export interface Finding {
  readonly offset: number
  readonly message: string
  readonly rule: string
  readonly path?: readonly (string | number)[]
  readonly severity?: 'error' | 'warning'
}

/** What people write by hand is far smaller; a parser needs many times the size of the file. */
export const MAX_BYTES = 1024 * 1024

/**
 * Bytes → text without its byte order mark, or the one finding that makes it unreadable: too large, or not UTF-8
 * (naming the first wrong byte's offset).
 */
export function decode(
  bytes: Uint8Array, maxBytes = MAX_BYTES,
): { readonly text: string } | { readonly finding: Finding } {
  const refuse = (rule: string, message: string) => ({ finding: { offset: 0, rule, message } })
  if (bytes.length > maxBytes) {
    return refuse(
      'size', `the file has ${bytes.length} bytes; at most ${maxBytes} are read: give the right file, or split it`,
    )
  }
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return refuse('encoding', 'the file is UTF-16: save it as UTF-8')
  }
  if (!isUtf8(bytes)) {
    const at = firstWrongByte(bytes)
    const hex = (bytes[at] ?? 0).toString(16).padStart(2, '0')
    return refuse(
      'encoding', `the file is not UTF-8: byte 0x${hex} at offset ${at} (line ${lineOf(bytes, at)}); save it as UTF-8`,
    )
  }
  return { text: new TextDecoder('utf-8', { ignoreBOM: false }).decode(bytes) }
}

/** The longest valid start ends here: halving finds it, as a valid start stays valid where it ends on a character. */
function firstWrongByte(bytes: Uint8Array): number {
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (startsWell(bytes, middle)) good = middle
    else bad = middle
  }
  return good
}

/** Whether the first `length` bytes are UTF-8 up to a last character that may be cut off. */
function startsWell(bytes: Uint8Array, length: number): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length), { stream: true })
    return true
  } catch {
    return false
  }
}

function lineOf(bytes: Uint8Array, at: number): number {
  let line = 1
  for (let i = 0; i < at; i++) if (bytes[i] === 0x0a) line++
  return line
}

/** Offset → line and column, both from 1, columns in UTF-16 units as editors count them. */
export function lines(text: string): (offset: number) => { line: number; col: number } {
  const starts = [0]
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) starts.push(i + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, col: offset - (starts[low] ?? 0) + 1 }
  }
}
