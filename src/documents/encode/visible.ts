/** Characters that a terminal or reader would act on, or that reorder what is read. */
const ACTIVE = new RegExp([
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e]/u,
  /[\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/u,
  /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/u,
].map(({ source }) => source).join('|'), 'gu')
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\e' }

/**
 * Text from anywhere → one line in which nothing is hidden: control characters, escape sequences, bidirectional
 * controls and invisible format characters come out as `\n`, `\e` or `\u{202e}`. Joiners that scripts and emoji need
 * stay.
 */
export function visible(text: string): string {
  return text.replace(ACTIVE, (char) => SHORT[char] ?? `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
}

/** Text from anywhere → one line: line breaks and tabs become blanks, what else is hidden is shown. */
export function oneLine(text: string): string {
  return visible(text.replaceAll(/[\r\n\t\u2028\u2029\u0085]+/g, ' ')).trim()
}
