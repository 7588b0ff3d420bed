/** Characters that a terminal would act on, or that reorder what is read: shown escaped, never sent. */
// oxlint-disable-next-line no-control-regex
const ACTIVE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\e' }

/**
 * Text from anywhere → one line that is safe to show on a terminal.
 * Control characters, escape sequences, bidirectional controls and invisible format characters come out as `\n`, `\e`
 * or `\u{202e}`. Joiners that scripts and emoji need (U+200C, U+200D) stay.
 */
export function terminal(text: string): string {
  return text.replace(ACTIVE, (char) => SHORT[char] ?? `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
}
