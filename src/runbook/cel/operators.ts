/** Which kinds of value the operators take, and what they give. */
import type { Schema } from '../../model.ts'
import type { Kind } from './shape.ts'

type Kinds = ReadonlySet<Kind> | undefined

const TYPES: Readonly<Record<Kind, string>> = {
  string: 'string', int: 'integer', double: 'number', bool: 'boolean', list: 'array', map: 'object', null: 'null',
  timestamp: 'timestamp', duration: 'duration',
}

export function schemaOfKind(kind: Kind): Schema {
  return { type: TYPES[kind] }
}

const ARITHMETIC: Readonly<Record<string, readonly Kind[]>> = {
  '+': ['int', 'double', 'string', 'list', 'duration', 'timestamp'],
  '-': ['int', 'double', 'duration', 'timestamp'],
  '*': ['int', 'double'],
  '/': ['int', 'double'],
  '%': ['int'],
}

/** What comes of kinds that are not one and the same, and where it is not theirs. */
const MIXED: Readonly<Record<string, Kind | 'wrong'>> = {
  // The library takes a duration plus an instant for a duration: the instant comes first.
  'timestamp + duration': 'timestamp', 'timestamp - duration': 'timestamp',
  'timestamp - timestamp': 'duration', 'timestamp + timestamp': 'wrong',
}

const NUMBERS: readonly Kind[] = ['int', 'double']
const ORDERED: readonly Kind[] = ['string', 'bool', 'timestamp', 'duration']

/** Every kind that the left operand may have beside every one of the right; undefined where one is not known. */
function pairs(left: Kinds, right: Kinds): readonly (readonly [Kind, Kind])[] | undefined {
  if (left === undefined || right === undefined) return undefined
  return [...left].flatMap((a) => [...right].map((b) => [a, b] as const))
}

/** Kind of the result of an arithmetic operator; 'wrong' where the operands may not go together. */
export function arithmetic(op: string, left: Kinds, right: Kinds): Kind | 'wrong' | undefined {
  const allowed = ARITHMETIC[op] ?? []
  const both = pairs(left, right)
  if (both === undefined) {
    return [...(left ?? right ?? [])].some((kind) => !allowed.includes(kind)) ? 'wrong' : undefined
  }
  const results = both.map(([a, b]) => MIXED[`${a} ${op} ${b}`] ?? (a === b && allowed.includes(a) ? a : 'wrong'))
  if (results.includes('wrong')) return 'wrong'
  return results.length === 1 ? results[0] : undefined
}

/** Whether `<` and its like can compare these, whatever kinds they have. */
export function comparable(left: Kinds, right: Kinds): boolean {
  const one = (a: Kind, b: Kind) => (NUMBERS.includes(a) && NUMBERS.includes(b)) || (a === b && ORDERED.includes(a))
  const both = pairs(left, right)
  if (both === undefined) {
    return [...(left ?? right ?? [])].every((kind) => NUMBERS.includes(kind) || ORDERED.includes(kind))
  }
  return both.every(([a, b]) => one(a, b))
}

/** Whether `==` of these can ever be true. */
export function equatable(left: Kinds, right: Kinds): boolean {
  if (left === undefined || right === undefined) return true
  const number = (kinds: ReadonlySet<Kind>) => NUMBERS.some((kind) => kinds.has(kind))
  return [...left].some((kind) => right.has(kind)) || (number(left) && number(right))
}
