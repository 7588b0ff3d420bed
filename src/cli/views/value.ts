import type { FieldChange, Json } from '../../model.ts'
import { terminal } from '../encode/terminal.ts'
import { dim, green, red, yellow, type Piece } from '../style.ts'
import { width } from '../width.ts'

/** A value on one line: strings as they are, the rest as JSON. */
export function value(json: Json): string {
  return typeof json === 'string' ? json : JSON.stringify(json)
}

/** Shortens a text to columns, with `…` where something was left out. */
export function clip(text: string, columns: number): string {
  const shown = terminal(text)
  if (width(shown) <= columns) return text
  let clipped = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (width(terminal(clipped + segment)) > columns - 1) break
    clipped += segment
  }
  return `${clipped}…`
}

/** One field: what it is and will be. */
export function fieldChange({ before, after, unknown }: FieldChange, columns: number): Piece {
  if (unknown) {
    const later = yellow('(known after apply)')
    return before === null ? later : [red(clip(value(before), columns / 2)), dim(' → '), later]
  }
  if (before === null) return after === null ? dim('(nothing)') : green(clip(value(after), columns))
  if (after === null) return [red(clip(value(before), columns - 12)), dim(' → '), dim('(nothing)')]
  return [red(clip(value(before), columns / 2 - 2)), dim(' → '), green(clip(value(after), columns / 2 - 2))]
}
