/** What the parts of the expression checker share. */
import { nearest } from '../../input/nearest.ts'
import type { Schema } from '../../model.ts'
import type { Facts } from './facts.ts'
import type { ASTNode } from './program.ts'
import type { Shape } from './shape.ts'

export interface ExpressionFinding {
  /** Characters from the expression's start. */
  readonly offset: number
  readonly message: string
  readonly rule: string
}

/** What an expression may read. */
export interface Readable {
  /** Schemas of handoff, discovery, config and onboarding; `each` where the step repeats. */
  readonly contexts: ReadonlyMap<string, Schema>
  /** Phases and steps that come before, by name: of `steps` the phase is null. */
  phases(): readonly string[]
  steps(phase: string | null): readonly string[]
  /** Schema of `{ outputs }`, or why it cannot be read. */
  step(
    phase: string | null, id: string,
  ): { readonly schema: Schema } | { readonly message: string; readonly rule: string }
}

/** Names that the expression itself brings in: `x` of `list.map(x, …)`. */
export type Locals = ReadonlyMap<string, Shape>

/** The walk over one expression: findings are collected on the way. */
export interface Walk {
  readonly readable: Readable
  say(offset: number, rule: string, message: string): void
  /** The shape of a node. */
  shape(node: ASTNode, facts: Facts, locals: Locals): Shape
  /** The same of a value that must not be null where it stands: an operand, an argument, a receiver. */
  present(node: ASTNode, facts: Facts, locals: Locals): Shape
}

export const BOOL: Shape = { schema: { type: 'boolean' } }

/** `items` of a list of these; none where one of them is not known. */
export function common(items: readonly Shape[]): { readonly items?: Schema } {
  // Of the items of an empty list everything is true.
  if (items.length === 0) return { items: { enum: [] } }
  const schemas = items.map(({ schema }) => schema)
  const [first] = schemas
  if (first === undefined || schemas.includes(undefined)) return {}
  return { items: schemas.every((one) => one === first) ? first : { anyOf: schemas } }
}

/** The shape of a value that is one or the other. */
export function either(a: Shape, b: Shape): Shape {
  const optional = a.optional || b.optional ? { optional: true } : {}
  if (a.schema === undefined || b.schema === undefined) return { schema: undefined, ...optional }
  return { schema: a.schema === b.schema ? a.schema : { anyOf: [a.schema, b.schema] }, ...optional }
}

/** `; did you mean 'x'?`, or nothing. */
export function meant(name: string, names: readonly string[]): string {
  const found = nearest(name, names)
  return found === undefined || found === name ? '' : `; did you mean '${found}'?`
}
