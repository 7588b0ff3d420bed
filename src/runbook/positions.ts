/** Where a character of a scalar's value stands in the file: the scalar's style is replayed, character by character. */
import type { ScalarNode } from '../input/tree.ts'

/** Value and, for each of its UTF-16 units, the offset in the source that it came from. */
interface Replay {
  value: string
  readonly from: number[]
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0', a: '\x07', b: '\b', t: '\t', '\t': '\t', n: '\n', v: '\v', f: '\f', r: '\r', e: '\x1b', ' ': ' ', '"': '"',
  '/': '/', '\\': '\\', N: '\x85', _: '\xa0', L: '\u2028', P: '\u2029',
}

/**
 * Offset in the file of the character at `index` of the scalar's text; `index` may be one past its end.
 * A replay that does not come to the very value falls back to the beginning of the scalar, never to a wrong place.
 */
export function offsetInFile(node: ScalarNode, index: number): number {
  if (typeof node.value !== 'string') return node.offset
  const replay = replayed(node)
  if (replay === undefined) return node.offset
  const last = replay.from.at(-1)
  const offset = replay.from[index] ?? (last === undefined ? 0 : last + 1)
  return node.offset + offset
}

function replayed(node: ScalarNode): Replay | undefined {
  for (const replay of candidates(node)) if (replay.value === node.value) return replay
  return undefined
}

function* candidates({ style, source }: ScalarNode): Generator<Replay> {
  if (style === 'plain') yield flow(source, 0, source.length, '')
  else if (style === 'single') yield flow(source, 1, source.length - 1, "'")
  else if (style === 'double') yield flow(source, 1, source.length - 1, '"')
  else {
    // The indent is what the first line with text has, unless the header names one; then the longest that fits.
    const deepest = /^[^\n]*\n(?:[ \t]*\r?\n)*( *)/.exec(source)?.[1]?.length ?? 0
    for (let indent = deepest; indent >= 0; indent--) yield block(source, style === 'folded', indent)
  }
}

function push(replay: Replay, text: string, from: number): void {
  replay.value += text
  for (let i = 0; i < text.length; i++) replay.from.push(from)
}

/** Plain and quoted text: line breaks fold into a space, or into one break fewer than there are. */
function flow(source: string, start: number, end: number, quote: string): Replay {
  const replay: Replay = { value: '', from: [] }
  const fold = /[ \t]*(?:\r?\n[ \t]*)+/y
  let at = start
  while (at < end) {
    fold.lastIndex = at
    const folded = fold.exec(source)?.[0]
    const char = source[at] ?? ''
    if (folded !== undefined) {
      const breaks = folded.split('\n').length - 1
      push(replay, breaks === 1 ? ' ' : '\n'.repeat(breaks - 1), at)
      at += folded.length
    } else if (quote === "'" && char === "'") {
      push(replay, "'", at)
      at += 2
    } else if (quote === '"' && char === '\\') {
      at = escape(replay, source, at)
    } else {
      push(replay, char, at)
      at++
    }
  }
  return replay
}

/** One escape of a double-quoted text; gives the offset behind it. */
function escape(replay: Replay, source: string, at: number): number {
  const [continued] = /^\\\r?\n[ \t]*/.exec(source.slice(at, at + 1000)) ?? []
  if (continued !== undefined) return at + continued.length
  const code = source[at + 1] ?? ''
  const digits = { x: 2, u: 4, U: 8 }[code]
  if (digits === undefined) {
    push(replay, ESCAPES[code] ?? code, at)
    return at + 2
  }
  const point = Number.parseInt(source.slice(at + 2, at + 2 + digits), 16)
  if (point <= 0x10ffff) push(replay, String.fromCodePoint(point), at)
  return at + 2 + digits
}

/** Literal and folded blocks, their indent removed. */
function block(source: string, folded: boolean, indent: number): Replay {
  const header = /^([|>])([^\r\n]*)\r?\n/.exec(source)
  const replay: Replay = { value: '', from: [] }
  if (header === null) return replay
  const chomp = /[+-]/.exec(header[2]?.split(' #')[0] ?? '')?.[0] ?? ''
  const lines = linesOf(source, header[0].length, indent)
  let last = lines.length
  while (last > 0 && lines[last - 1]?.text === '') last--
  let breaks = ''
  let breaksAt = 0
  let wasDeep = false
  let begun = false
  for (const { text, at, end } of lines.slice(0, last)) {
    const deep = /^[ \t]/.test(text)
    if (text === '') {
      if (breaks === '') breaksAt = at
      breaks += '\n'
    } else {
      // Between two lines of running text a single break is a space, and of several one is swallowed.
      if (begun && !(folded && !deep && !wasDeep)) breaks += '\n'
      if (begun && folded && !deep && !wasDeep && breaks === '') breaks = ' '
      push(replay, breaks, breaksAt)
      for (let i = 0; i < text.length; i++) push(replay, text[i] ?? '', at + i)
      breaks = ''
      breaksAt = end
      wasDeep = deep
      begun = true
    }
  }
  const kept = chomp === '+' ? lines.length - last : 0
  const trailing = chomp === '-' ? 0 : kept + (begun ? 1 : 0)
  push(replay, '\n'.repeat(trailing), breaksAt)
  return replay
}

function linesOf(source: string, start: number, indent: number): { text: string; at: number; end: number }[] {
  const lines = []
  for (let at = start; at < source.length; ) {
    const found = source.indexOf('\n', at)
    const next = found < 0 ? source.length : found
    const end = next > at && source[next - 1] === '\r' ? next - 1 : next
    const spaces = /^ */.exec(source.slice(at, end))?.[0].length ?? 0
    const from = at + Math.min(indent, spaces)
    lines.push({ text: source.slice(from, end), at: from, end })
    at = next + 1
  }
  return lines
}
