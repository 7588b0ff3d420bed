/** So many characters are written at once, at least. */
const PIECE = 65_536

/**
 * The text of `JSON.stringify(value, null, 2)`, item by item of the lists in it:
 * of very many onboardings the whole text would be the most that a command holds.
 */
export function* jsonPieces(value: object): Generator<string> {
  const all = Object.entries(value as Readonly<Record<string, unknown>>)
  const members = all.filter(([, member]) => member !== undefined)
  if (members.length === 0) return yield '{}'
  let piece = '{'
  for (const [at, [name, member]] of members.entries()) {
    piece += `${at === 0 ? '' : ','}\n  ${JSON.stringify(name)}: `
    if (!Array.isArray(member) || member.length === 0) {
      piece += indented(member, '  ')
      continue
    }
    for (const [n, item] of member.entries()) {
      piece += `${n === 0 ? '[' : ','}\n    ${indented(item, '    ')}`
      if (piece.length < PIECE) continue
      yield piece
      piece = ''
    }
    piece += '\n  ]'
  }
  yield `${piece}\n}`
}

/** No text in JSON has a line's end in it. */
function indented(value: unknown, by: string): string {
  return (JSON.stringify(value, null, 2) ?? 'null').replaceAll('\n', `\n${by}`)
}
