/** Fields, list items, steps and phases: what is read by a path. */
import { inWords } from '../fit.ts'
import { type Facts, pathOf } from './facts.ts'
import type { ASTNode } from './program.ts'
import {
  alternativesOf, ANY, itemsOf, isSure, kindsOf, type Kind, only, propertiesOf, type Shape, subschema, withoutNull,
} from './shape.ts'
import { type Locals, meant, type Walk } from './walk.ts'

/** The shape of `a.b` or `a[b]`. */
export function access(walk: Walk, node: ASTNode & { op: '.' | '[]' }, facts: Facts, locals: Locals): Shape {
  const [left] = node.args
  const receiver = walk.present(left, facts, locals)
  const key = keyOf(node)
  if (key === undefined) return index(walk, node as ASTNode & { op: '[]' }, receiver, facts, locals)
  // A name that a macro brought in has no path of its own; facts know it by how it is written.
  const path = receiver.path === undefined ? pathOf(node) : `${receiver.path}.${key}`
  const at = node.op === '.' ? node.end - key.length : node.args[1].start
  const special = stepOrPhase(walk, receiver.path, key, at)
  if (special !== undefined) return special
  if (receiver.optional) return { ...field(walk, receiver, key, at).shape, optional: true }
  const { shape, sure } = field(walk, receiver, key, at)
  if (!sure && (path === undefined || !facts.has(`has:${path}`))) {
    const ask = path === undefined ? '' : `ask has(${path}) first, or `
    const instead = `${path === undefined ? '' : path.slice(0, path.lastIndexOf('.'))}.?${key}.orValue(…)`
    walk.say(at, 'optional-field', `'${path ?? `.${key}`}' may be absent: ${ask}write ${instead}`)
  }
  const isSet = path !== undefined && facts.has(`set:${path}`)
  const known = isSet && shape.schema !== undefined ? { schema: withoutNull(shape.schema) } : shape
  return receiver.path === undefined || path === undefined ? known : { ...known, path }
}

/** `steps.x`, `phases.p`, `phases.p.steps`, `phases.p.steps.x`. */
export function stepOrPhase(walk: Walk, receiver: string | undefined, key: string, at: number): Shape | undefined {
  const phase = receiver === 'steps' ? null : /^phases\.(\w+)\.steps$/.exec(receiver ?? '')?.[1]
  if (phase !== undefined) {
    const found = walk.readable.step(phase, key)
    if ('schema' in found) return { schema: found.schema, path: `${receiver}.${key}` }
    walk.say(at, found.rule, `${found.message}${meant(key, walk.readable.steps(phase))}`)
    return ANY
  }
  if (receiver === 'phases') {
    if (walk.readable.phases().includes(key)) return { schema: undefined, path: `phases.${key}` }
    walk.say(at, 'step-reference', `no phase '${key}' comes before this one${meant(key, walk.readable.phases())}`)
    return ANY
  }
  if (receiver === undefined || !/^phases\.\w+$/.test(receiver)) return undefined
  if (key !== 'steps') walk.say(at, 'unknown-field', `a phase has only steps: phases.<phase>.steps.<id>.outputs`)
  return key === 'steps' ? { schema: undefined, path: `${receiver}.steps` } : ANY
}

export function field(
  walk: Walk, { schema }: Shape, key: string, at: number,
): { readonly shape: Shape; readonly sure: boolean } {
  const unknown = { shape: ANY, sure: true }
  if (schema === undefined) return unknown
  const kinds = kindsOf(schema)
  if (!only(kinds, 'map')) {
    walk.say(
      at, 'unknown-field', `${inWords([...(kinds ?? [])].filter((kind) => kind !== 'map'))} has no field '${key}'`,
    )
    return unknown
  }
  if (alternativesOf(schema) !== undefined) return unknown
  const properties = propertiesOf(schema)
  const field = properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined
  if (field !== undefined) return { shape: { schema: field }, sure: isSure(schema, key) }
  const others = schema['additionalProperties']
  if (others === false) {
    walk.say(at, 'unknown-field', `there is no field '${key}'${meant(key, Object.keys(properties ?? {}))}`)
    return unknown
  }
  const rest = subschema(others)
  return rest === undefined ? unknown : { shape: { schema: rest }, sure: false }
}

function index(walk: Walk, node: ASTNode & { op: '[]' | '[?]' }, receiver: Shape, facts: Facts, locals: Locals): Shape {
  const index = walk.present(node.args[1], facts, locals)
  const kinds = kindsOf(receiver.schema)
  const given = kindsOf(index.schema)
  if (kinds !== undefined && !only(kinds, 'list', 'map')) {
    const others = [...kinds].filter((kind) => kind !== 'list' && kind !== 'map')
    walk.say(node.args[0].start, 'expression-type', `a list or a map is needed before [ ], not ${inWords(others)}`)
    return ANY
  }
  const wanted = [...(kinds ?? [])].map((kind): Kind => (kind === 'list' ? 'int' : 'string'))
  const unfit = given === undefined ? undefined : wanted.find((one) => !only(given, one))
  if (unfit !== undefined) {
    walk.say(node.args[1].start, 'expression-type', `${inWords([unfit])} is needed in [ ], not ${inWords(given ?? [])}`)
  }
  if (receiver.path === 'steps') {
    walk.say(node.args[1].start, 'step-reference', 'steps are named in the text: steps.<id>.outputs')
  }
  const inner = itemsOf(receiver.schema) ?? subschema(receiver.schema?.['additionalProperties'])
  return { schema: inner }
}

/** The shape of `a.?b` or `a[?b]`: an optional. */
export function optionalAccess(walk: Walk, node: ASTNode & { op: '.?' | '[?]' }, facts: Facts, locals: Locals): Shape {
  const receiver = walk.shape(node.args[0], facts, locals)
  const schema = receiver.schema && withoutNull(receiver.schema)
  const key = keyOf(node)
  if (key === undefined) {
    return { ...index(walk, node as ASTNode & { op: '[?]' }, { schema }, facts, locals), optional: true }
  }
  const at = node.op === '.?' ? node.end - key.length : node.args[1].start
  const special = stepOrPhase(walk, receiver.path, key, at)
  const shape = special ?? field(walk, { schema }, key, at).shape
  return { schema: shape.schema, optional: true }
}

function keyOf(node: ASTNode & { op: '.' | '[]' | '.?' | '[?]' }): string | undefined {
  const [, key] = node.args
  if (typeof key === 'string') return key
  return key.op === 'value' && typeof key.args === 'string' ? key.args : undefined
}
