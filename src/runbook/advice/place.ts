/** Line and column, from 1, of an offset in a text that is no YAML. */
export function placeIn(text: string, offset: number): { readonly line: number; readonly col: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, col: (before.at(-1)?.length ?? 0) + 1 }
}
