/**
 * Characters that no field may hold: they drive terminals (C0 but tab and line feed, DEL, C1), turn the order of text
 * around so that it reads as something else (bidi embeddings, overrides, isolates), hide text (tags, byte order mark
 * inside), break lines where nobody sees a line break, or are half a character. Joiners and direction marks stay:
 * names in Persian, Hindi, Arabic and Hebrew need them.
 */
const UNSAFE = new RegExp([
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/u,
  /[\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/u,
  /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/u,
].map(({ source }) => source).join('|'), 'gu')

/** Same, for a whole file: a carriage return before a line feed is a line end there. */
const UNSAFE_SOURCE = new RegExp(`(?!\\r\\n)(?:${UNSAFE.source})`, 'gu')

/** Offsets and names of the unsafe characters of a value, or of a file's text with `source`. */
export function unsafe(text: string, source = false): { readonly offset: number; readonly name: string }[] {
  const found = []
  for (const match of text.matchAll(source ? UNSAFE_SOURCE : UNSAFE)) {
    found.push({ offset: match.index, name: codePoint(match[0]) })
  }
  return found
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}

/** A value as shown in a message: JSON, unsafe characters escaped, shortened. */
export function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value)
  const short = json.length > 60 ? `${json.slice(0, 57).replace(/[\ud800-\udbff]$/, '')}…` : json
  return escaped(short)
}

/** Text with its unsafe characters written as \u escapes. */
export function escaped(text: string): string {
  return text.replace(UNSAFE, (character) =>
    [...Array(character.length).keys()]
      .map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`)
      .join(''),
  )
}
