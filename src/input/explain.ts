import type { ErrorObject } from 'ajv'
import type { Json, Schema } from '../model.ts'
import { meantBy, sentence } from './sentence.ts'
import type { Finding } from './text.ts'
import { find, type Path, type Tree } from './tree.ts'

/** Each error of a validation as a finding that a sales engineer understands, at the key or value it is about. */
export function explain(errors: readonly ErrorObject[], schema: Schema, tree: Tree): Finding[] {
  const kept = leaves(errors)
  return kept.filter((error) => !isMisspelt(error, kept)).map((error) => {
    const path = pathOf(error, tree)
    const { offset, node } = find(tree, path)
    const said = sentence(error, path, schema, node)
    // About a value the value is pointed at, about a key the key.
    const onKey = error.keyword === 'required' || error.keyword === 'additionalProperties' || node === undefined
    return { ...said, path, offset: onKey ? offset : node.offset }
  })
}

/** A missing key of which a misspelling stands beside it: said there. */
function isMisspelt(error: ErrorObject, all: readonly ErrorObject[]): boolean {
  if (error.keyword !== 'required') return false
  const missing = String(error.params['missingProperty'])
  const beside = all.filter(({ keyword, instancePath }) =>
    keyword === 'additionalProperties' && instancePath === error.instancePath)
  return beside.some((other) => meantBy(other) === missing)
}

/**
 * Without what only repeats others: `if`, the type of what is to be one of a list,
 * and of anyOf and oneOf all branches but the one that was most likely meant.
 */
function leaves(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const place = ({ instancePath, schemaPath }: ErrorObject) => `${instancePath} ${schemaPath.replace(/[^/]*$/, '')}`
  const chosen = new Set(errors.filter(({ keyword }) => keyword === 'enum' || keyword === 'const').map(place))
  let kept = errors.filter((error) => error.keyword !== 'if' && !(error.keyword === 'type' && chosen.has(place(error))))
  for (const choice of errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf')) {
    const inside = (error: ErrorObject) =>
      error !== choice &&
      error.schemaPath.startsWith(`${choice.schemaPath}/`) &&
      error.instancePath.startsWith(choice.instancePath)
    const branches = Map.groupBy(
      kept.filter(inside), (error) => error.schemaPath.slice(choice.schemaPath.length + 1).split('/')[0],
    )
    const fitting = [...branches.values()].filter((branch) => !branch.some((error) => isOfAnotherType(error, choice)))
    const meant = fitting.toSorted((a, b) => a.length - b.length)[0]
    kept = kept.filter((error) => !inside(error) && (error !== choice || meant === undefined))
    if (meant !== undefined) kept.push(...meant)
  }
  return kept
}

/** The branch is for values of another type than the one given. */
function isOfAnotherType(error: ErrorObject, choice: ErrorObject): boolean {
  if (error.instancePath !== choice.instancePath) return false
  if (error.keyword === 'type') return true
  if (error.keyword !== 'enum') return false
  return !(error.params['allowedValues'] as Json[]).some((one) => typeof one === typeof error.data)
}

function pathOf(error: ErrorObject, tree: Tree): Path {
  const path: (string | number)[] = []
  for (const part of error.instancePath.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    path.push(find(tree, path).node?.kind === 'list' ? Number(key) : key)
  }
  if (error.keyword === 'required') path.push(String(error.params['missingProperty']))
  if (error.keyword === 'additionalProperties') path.push(String(error.params['additionalProperty']))
  return path
}
