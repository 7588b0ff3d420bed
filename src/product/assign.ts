import type { To } from './port.ts'
import { IN_THE_WAY } from './sql-error.ts'
import { type Params, quoted, type Slot, wishText } from './slot.ts'

type Tree = Map<string, Tree | string>

/** Column and value expressions of an INSERT; slots inside one JSON column become one document. */
export function insertion(values: readonly (readonly [Slot, To])[], params: Params): (readonly [string, string])[] {
  const plain: (readonly [string, string])[] = []
  const documents = new Map<string, { slot: Slot; tree: Tree }>()
  for (const [slot, to] of values) {
    const text = wishText(slot, to)
    if (slot.path.length === 0) {
      plain.push([quoted(slot.column), params.add(text, slot.column.cast)])
      continue
    }
    const document = documents.get(slot.column.name) ?? { slot, tree: new Map() }
    documents.set(slot.column.name, document)
    if (text !== null) plant(document.tree, slot.path, text)
  }
  return [
    ...plain,
    ...[...documents.values()].map(
      ({ slot, tree }) => [quoted(slot.column), params.add(written(tree), slot.column.cast)] as const,
    ),
  ]
}

function plant(tree: Tree, path: readonly string[], text: string): void {
  const [head, ...rest] = path as [string, ...string[]]
  if (rest.length === 0) {
    tree.set(head, text)
    return
  }
  const below = tree.get(head)
  const branch: Tree = below instanceof Map ? below : new Map()
  tree.set(head, branch)
  plant(branch, rest, text)
}

// The leaves are JSON already, and stay as they are written: parsing would round large numbers.
function written(tree: Tree): string {
  const members = [...tree].map(([name, value]) => {
    return `${JSON.stringify(name)}:${value instanceof Map ? written(value) : value}`
  })
  return `{${members.join(',')}}`
}

/** `column = value` of an UPDATE; null takes a slot away. */
export function assignments(values: readonly (readonly [Slot, string | null])[], params: Params): string[] {
  const sets: string[] = []
  const documents = new Map<string, (readonly [Slot, string | null])[]>()
  for (const [slot, text] of values) {
    if (slot.path.length === 0) sets.push(`${quoted(slot.column)} = ${params.add(text, slot.column.cast)}`)
    else documents.set(slot.column.name, [...(documents.get(slot.column.name) ?? []), [slot, text]])
  }
  for (const leaves of documents.values()) {
    const column = (leaves[0] as (typeof leaves)[number])[0].column
    sets.push(`${quoted(column)} = ${patched(`t.${quoted(column)}`, leaves, params)}::${column.cast}`)
  }
  return sets
}

/*
 * A JSON document with some leaves changed and all else as it is. Each change is one lateral step, so the statement
 * grows with the number of leaves: nested jsonb_set calls would repeat the document for every missing parent.
 * An object that is left empty is taken away, so that undoing restores what was there.
 */
function patched(column: string, leaves: readonly (readonly [Slot, string | null])[], params: Params): string {
  const steps: string[] = []
  let at = 'v0'
  const step = (expression: string): void => {
    const next = `v${steps.length + 1}`
    steps.push(`LATERAL (SELECT ${expression} AS ${next}) s${steps.length + 1}`)
    at = next
  }
  const parents = new Map<string, readonly string[]>()
  for (const [{ path }, text] of leaves) {
    for (let n = 1; n < path.length; n++)
      if (text !== null) parents.set(JSON.stringify(path.slice(0, n)), path.slice(0, n))
  }
  for (const parent of [...parents.values()].sort((a, b) => a.length - b.length)) {
    const path = params.add(parent, 'text[]')
    const kind = `coalesce(jsonb_typeof(${at} #> ${path}), 'null')`
    // A text that is no number: jsonb_set would leave a scalar in the way as it is, and say nothing.
    const inTheWay = `('${IN_THE_WAY}' || array_to_string(${path}, '.') || ' ' || ${kind})::int::text::jsonb`
    step(`CASE ${kind} WHEN 'object' THEN ${at} WHEN 'null' THEN jsonb_set(${at}, ${path}, '{}') ELSE ${inTheWay} END`)
  }
  const emptied = new Map<string, readonly string[]>()
  for (const [{ path }, text] of leaves) {
    const place = params.add(path, 'text[]')
    step(text === null ? `${at} #- ${place}` : `jsonb_set(${at}, ${place}, ${params.add(text, 'jsonb')})`)
    for (let n = 1; n < path.length; n++)
      if (text === null) emptied.set(JSON.stringify(path.slice(0, n)), path.slice(0, n))
  }
  for (const parent of [...emptied.values()].sort((a, b) => b.length - a.length)) {
    const path = params.add(parent, 'text[]')
    step(`CASE WHEN ${at} #> ${path} = '{}' THEN ${at} #- ${path} ELSE ${at} END`)
  }
  return `(SELECT ${at} FROM (SELECT coalesce(${column}::jsonb, '{}') AS v0) s0, ${steps.join(', ')})`
}
