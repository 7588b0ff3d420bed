/** Which kinds of value the operators take, and what they give. */
import type { Schema } from '../../model.ts'
import type { Kind } from './shape.ts'

type Kinds = ReadonlySet<Kind> | undefined

const TYPES: Readonly<Record<Kind, string>> = {
  string: 'string', int: 'integer', double: 'number', bool: 'boolean', list: 'array', map: 'object', null: 'null',
}

export function schemaOfKind(kind: Kind): Schema {
  return { type: TYPES[kind] }
}

/** The only kind of a value whose kind is certain. */
function one(kinds: Kinds): Kind | undefined {
  const [only] = kinds ?? []
  return kinds?.size === 1 ? only : undefined
}

const ARITHMETIC: Readonly<Record<string, readonly Kind[]>> = {
  '+': ['int', 'double', 'string', 'list'],
  '-': ['int', 'double'],
  '*': ['int', 'double'],
  '/': ['int', 'double'],
  '%': ['int'],
}

const NUMBERS: readonly Kind[] = ['int', 'double']

/** Kind of the result of an arithmetic operator; 'wrong' where the operands do not go together. */
export function arithmetic(op: string, left: Kinds, right: Kinds): Kind | 'wrong' | undefined {
  const allowed = ARITHMETIC[op] ?? []
  const [a, b] = [one(left), one(right)]
  if (a === undefined || b === undefined) return undefined
  return a === b && allowed.includes(a) ? a : 'wrong'
}

/** Whether `<` and its like can compare these. */
export function comparable(left: Kinds, right: Kinds): boolean {
  const [a, b] = [one(left), one(right)]
  if (a === undefined || b === undefined) return true
  if (NUMBERS.includes(a) && NUMBERS.includes(b)) return true
  return a === b && (a === 'string' || a === 'bool')
}

/** Whether `==` of these can ever be true. */
export function equatable(left: Kinds, right: Kinds): boolean {
  if (left === undefined || right === undefined) return true
  const number = (kinds: ReadonlySet<Kind>) => NUMBERS.some((kind) => kinds.has(kind))
  return [...left].some((kind) => right.has(kind)) || (number(left) && number(right))
}
