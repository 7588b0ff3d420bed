import { createRequire } from 'node:module'

type Measure = (typeof import('string-width'))['default']
let measure: Measure | undefined

/** ASCII, Latin-1 without the soft hyphen, the punctuation of typesetters, arrows and box drawing: one column each. */
const NARROW = /^[\x20-\x7e\xa0-\xac\xae-\xff\u2010-\u2027\u2030-\u203b\u2190-\u2193\u2500-\u257f]*$/

/** Columns that a text takes on a terminal: wide characters take two, combining ones none. */
export function width(text: string): number {
  if (NARROW.test(text)) return text.length
  // Loaded only for other text: it costs more than the rest of a short command's view.
  measure ??= (createRequire(import.meta.url)('string-width') as { default: Measure }).default
  return measure(text)
}
