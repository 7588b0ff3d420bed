/** Text with `${{ }}` in it, taken apart. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  /** `offset` is where the expression begins in the whole text. */
  | { readonly kind: 'expression'; readonly source: string; readonly offset: number }

export type Template =
  /** No expression in it. */
  | { readonly kind: 'plain'; readonly text: string }
  /** Exactly one expression and nothing else: the value keeps its type. */
  | { readonly kind: 'single'; readonly source: string; readonly offset: number }
  | { readonly kind: 'mixed'; readonly parts: readonly Part[] }
  /** A `${{` without its end. */
  | { readonly kind: 'unclosed'; readonly offset: number }

/** Takes a text apart; quotes and braces inside an expression do not end it. */
export function parseTemplate(text: string): Template {
  const parts: Part[] = []
  let at = 0
  for (;;) {
    const open = text.indexOf('${{', at)
    if (open < 0) break
    const close = closing(text, open + 3)
    if (close < 0) return { kind: 'unclosed', offset: open }
    if (open > at) parts.push({ kind: 'text', text: text.slice(at, open) })
    parts.push({ kind: 'expression', source: text.slice(open + 3, close), offset: open + 3 })
    at = close + 2
  }
  const [first] = parts
  if (first === undefined) return { kind: 'plain', text }
  if (at < text.length) parts.push({ kind: 'text', text: text.slice(at) })
  const only = parts.filter((part) => part.kind === 'expression' || part.text.trim() !== '')
  if (only.length === 1 && only[0]?.kind === 'expression') {
    return { kind: 'single', source: only[0].source, offset: only[0].offset }
  }
  return { kind: 'mixed', parts }
}

function closing(text: string, from: number): number {
  let depth = 0
  for (let i = from; i < text.length; i++) {
    const char = text[i]
    if (char === '"' || char === "'") {
      i = endOfString(text, i)
      if (i < 0) return -1
    } else if (char === '{') depth++
    else if (char === '}') {
      if (depth === 0 && text[i + 1] === '}') return i
      depth--
    }
  }
  return -1
}

/** Index of the quote that ends the CEL string beginning at `start`; -1 where none does. */
function endOfString(text: string, start: number): number {
  const quote = text[start] ?? ''
  const raw = /[rR]/.test(text[start - 1] ?? '')
  const triple = text.startsWith(quote.repeat(3), start)
  const end = triple ? quote.repeat(3) : quote
  for (let i = start + end.length; i < text.length; i++) {
    if (text[i] === '\\' && !raw) i++
    else if (text.startsWith(end, i)) return i + end.length - 1
  }
  return -1
}
