import { createRequire } from 'node:module'

type Measure = (typeof import('string-width'))['default']
let measure: Measure | undefined

/** Columns that a text takes on a terminal: wide characters take two, combining ones none. */
export function width(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  // Loaded only for text beyond ASCII: it costs more than the rest of a short command's view.
  measure ??= (createRequire(import.meta.url)('string-width') as { default: Measure }).default
  return measure(text)
}
