/**
 * Text from anywhere → one line that is safe to show on a terminal: control characters, escape sequences, bidirectional
 * controls and invisible format characters come out as `\n`, `\e` or `\u{202e}`.
 */
export { visible as terminal } from '../../documents/encode/visible.ts'
