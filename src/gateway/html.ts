/** HTML as text that is known to be HTML: whatever else is put into it is escaped. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Piece = Html | string | number | null | undefined | false | readonly Piece[]

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
/** Controls have no place in a page, and characters that turn the direction of text could make it read otherwise. */
const HIDDEN = /[^\P{Cc}\t\n\r]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

export const escapeHtml = (text: string): string =>
  text.replaceAll(HIDDEN, '\ufffd').replaceAll(/[&<>"']/g, (one) => ESCAPES[one] ?? '')

/** html`<p>${anything}</p>`: what stands in it is escaped, for content and for quoted attributes alike. */
export function html(parts: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return new Html(parts.reduce((text, part, n) => text + written(pieces[n - 1]) + part))
}

function written(piece: Piece): string {
  if (piece === null || piece === undefined || piece === false) return ''
  if (piece instanceof Html) return piece.text
  if (typeof piece === 'object') return piece.map(written).join('')
  return escapeHtml(String(piece))
}
