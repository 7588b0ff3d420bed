/** The schema of phases as editors use it: each action by name, with what it takes. */
import type { ActionSchema, ActionSchemas, Json, Schema } from '../model.ts'

type Node = { readonly [key: string]: unknown }

const EXPRESSION = { type: 'string', pattern: '\\$\\{\\{', title: 'Expression' }
/** What a text must be like is known once its expressions are evaluated. */
const OF_TEXTS = ['pattern', 'format', 'minLength', 'maxLength']

/** Begins the description of what an action takes: the map itself is never an expression. */
const OF = 'Inputs of '

const node = (value: unknown): Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Node) : {}

/**
 * The format of phase files with the actions taken out again: what is read is checked by the linter's own rules, which
 * know expressions and say more.
 */
export function bareFormat(schema: Schema): Schema {
  return changeStep(schema, ({ allOf: _generated, ...step }) => ({
    ...step,
    properties: { ...node(step['properties']), uses: bareUses(node(node(step['properties'])['uses'])) },
  }))
}

/** The format with `uses:` listing the actions and `with:` depending on it; what was generated before is replaced. */
export function editorSchema(format: Schema, actions: ActionSchemas): Schema {
  const all = [...actions].sort(([a], [b]) => (a < b ? -1 : 1))
  return changeStep(bareFormat(format), (step) => {
    const { minLength: _any, ...uses } = node(node(step['properties'])['uses'])
    const listed = {
      ...uses, oneOf: all.map(([name, action]) => ({ const: name, title: name, description: about(action) })),
    }
    // What `with` holds is said by the action: an editor shows the first description that it meets.
    return {
      ...step, properties: { ...node(step['properties']), uses: listed, with: { type: 'object' } },
      allOf: all.map(([name, action]) => branch(name, action)),
    }
  })
}

function changeStep(schema: Schema, change: (step: Node) => Node): Schema {
  const definitions = node(schema['definitions'])
  return { ...schema, definitions: { ...definitions, step: change(node(definitions['step'])) } }
}

function bareUses({ description }: Node): Node {
  return { type: 'string', minLength: 1, ...(description === undefined ? {} : { description }) }
}

function branch(name: string, action: ActionSchema): Node {
  const input = loose({ ...action.input, description: `${OF}${name}. ${action.title}` })
  const needed = Array.isArray(action.input['required']) && action.input['required'].length > 0
  return {
    if: { properties: { uses: { const: name } }, required: ['uses'] },
    // oxlint-disable-next-line unicorn/no-thenable
    then: { properties: { with: input }, ...(needed ? { required: ['with'] } : {}) },
  }
}

function about({ kind, title, reversible }: ActionSchema): string {
  const traits = {
    effect: reversible === false ? 'An effect that cannot be undone.' : 'An effect.', probe: 'A check.',
    ask: "A person's word.",
  }
  return `${title} ${traits[kind]}`
}

/** A schema under which an expression may stand wherever a value may. */
function loose(schema: Node): Node {
  const words = Object.entries(schema).filter(([key]) => !key.startsWith('x-'))
  const kept = Object.fromEntries(words.map(([key, value]) => [key, loosePart(key, value)]))
  const { description, default: standard, ...rest } = kept
  const said = {
    ...(description === undefined ? {} : { description }), ...(standard === undefined ? {} : { default: standard }),
  }
  const types = [schema['type']].flat()
  if (types.includes('string') && schema['enum'] === undefined) {
    return { ...said, ...Object.fromEntries(Object.entries(rest).filter(([key]) => !OF_TEXTS.includes(key))) }
  }
  if (types.includes('object') && description?.toString().startsWith(OF) === true) return { ...said, ...rest }
  return Object.keys(rest).length === 0 ? kept : { ...said, anyOf: [rest, EXPRESSION] }
}

function loosePart(key: string, value: unknown): unknown {
  const all = (map: Node) => Object.fromEntries(Object.entries(map).map(([name, one]) => [name, loose(node(one))]))
  if (key === 'properties' || key === 'patternProperties') return all(node(value))
  if (key === 'anyOf' || key === 'oneOf') return (value as unknown[]).map((one) => loose(node(one)))
  if ((key === 'items' || key === 'additionalProperties') && typeof value === 'object') return loose(node(value))
  return value
}

/** JSON as people lay it out: on one line where it fits into so many columns. */
export function laidOut(value: unknown, indent = 0, columns = 140): string {
  const flat = inline(value)
  if (flat.length + indent <= columns || typeof value !== 'object' || value === null) return flat
  const pad = ' '.repeat(indent + 2)
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const parts = Array.isArray(value)
    ? value.map((one) => pad + laidOut(one, indent + 2, columns))
    : Object.entries(value).map(([key, one]) => `${pad}${JSON.stringify(key)}: ${laidOut(one, indent + 2, columns)}`)
  return `${open}\n${parts.join(',\n')}\n${' '.repeat(indent)}${close}`
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value as Json)
  const fields = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${inline(one)}`)
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
}
