/** What a condition tells about paths once it is known to be true or false. */
import type { ASTNode } from './program.ts'

/** `has:p`: the optional field p is there. `set:p`: p is not null. */
export type Facts = ReadonlySet<string>

export const NO_FACTS: Facts = new Set()

/** `handoff.technical.sso` of a chain of fields; undefined where it is something else. */
export function pathOf(node: ASTNode): string | undefined {
  if (node.op === 'id') return node.args
  if (node.op === '.' || node.op === '.?') {
    const receiver = pathOf(node.args[0])
    return receiver === undefined ? undefined : `${receiver}.${node.args[1]}`
  }
  if (node.op === '[]' || node.op === '[?]') {
    const [left, index] = node.args
    const receiver = pathOf(left)
    if (receiver === undefined || index.op !== 'value' || typeof index.args !== 'string') return undefined
    return `${receiver}.${index.args}`
  }
  return undefined
}

/** Facts that hold where `node` came out as `truth`. */
export function factsOf(node: ASTNode, truth: boolean): string[] {
  switch (node.op) {
    case '!_':
      return factsOf(node.args, !truth)
    case '&&':
      return truth ? node.args.flatMap((one) => factsOf(one, true)) : []
    case '||':
      return truth ? [] : node.args.flatMap((one) => factsOf(one, false))
    case '==':
    case '!=': {
      const isNull = (one: ASTNode) => one.op === 'value' && one.args === null
      const other = isNull(node.args[1]) ? node.args[0] : isNull(node.args[0]) ? node.args[1] : undefined
      const path = other && pathOf(other)
      return path !== undefined && truth === (node.op === '!=') ? [`set:${path}`] : []
    }
    case 'call': {
      const [name, args] = node.args
      const [tested] = args
      if (!truth || name !== 'has' || tested === undefined) return []
      const path = pathOf(tested)
      return path === undefined ? [] : along(path)
    }
    default:
      return []
  }
}

/** A field that is there: it, and all that leads to it. */
function along(path: string): string[] {
  const keys = path.split('.')
  return keys.flatMap((_, i) => {
    const prefix = keys.slice(0, i + 1).join('.')
    return i === keys.length - 1 ? [`has:${prefix}`] : [`has:${prefix}`, `set:${prefix}`]
  })
}

export function withFacts(facts: Facts, more: readonly string[]): Facts {
  return more.length === 0 ? facts : new Set([...facts, ...more])
}
