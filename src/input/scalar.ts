import type { ScalarNode } from './tree.ts'

/**
 * Offset in the file of the character at `index` of a scalar's value, by replaying how its style is read.
 * Exact for plain, quoted and literal scalars on any number of lines; in folded ones exact within a line.
 */
export function offsetIn(scalar: ScalarNode, index: number): number {
  const { source, style, offset } = scalar
  const value = String(scalar.value)
  if (style === 'literal' || style === 'folded') return offset + inBlock(source, value, index)
  let at = style === 'plain' ? 0 : 1
  for (let done = 0; done < index && at < source.length; ) {
    const { length, gives } = style === 'double' && source[at] === '\\' ? escape(source, at) : piece(source, at, style)
    at += length
    done += gives
  }
  return offset + at
}

/** One readable unit of a flow scalar: how much source it takes and how much value it gives. */
function piece(source: string, at: number, style: ScalarNode['style']): { length: number; gives: number } {
  if (style === 'single' && source.startsWith("''", at)) return { length: 2, gives: 1 }
  const fold = /^[ \t]*(\r?\n[ \t]*)+/.exec(source.slice(at, at + 2000))?.[0]
  if (fold === undefined) return { length: 1, gives: 1 }
  return { length: fold.length, gives: Math.max(1, fold.split('\n').length - 2) }
}

function escape(source: string, at: number): { length: number; gives: number } {
  const kind = source[at + 1] ?? ''
  if (kind === '\n' || kind === '\r') return { length: (/^\\\r?\n[ \t]*/.exec(source.slice(at))?.[0] ?? '\\').length, gives: 0 }
  const digits = { x: 2, u: 4, U: 8 }[kind] ?? 0
  const wide = kind === 'U' && Number.parseInt(source.slice(at + 2, at + 10), 16) > 0xffff
  return { length: 2 + digits, gives: wide ? 2 : 1 }
}

/** Block scalars: the value's characters stand in the source in order; line breaks and indentation are stepped over. */
function inBlock(source: string, value: string, index: number): number {
  let at = source.indexOf('\n') + 1
  const indent = /^[ \t]*(?=\S)/m.exec(source.slice(at))?.[0].length ?? 0
  const start = (from: number) => from + Math.min(indent, /^ */.exec(source.slice(from, from + indent))?.[0].length ?? 0)
  at = start(at)
  for (let done = 0; done < index && at < source.length; ) {
    const wanted = value[done]
    if (source[at] === '\r') at++
    else if (source[at] === '\n') {
      at = start(at + 1)
      // A folded line break is a space, several are one less: what is not in the value is only stepped over.
      if (wanted === '\n' || wanted === ' ') done++
    } else {
      at++
      done++
    }
  }
  return at
}
