/** Numbers as far as conditions tell them apart: of each stretch between the numbers they are compared with, one. */
import type { Schema } from '../../model.ts'
import type { ASTNode } from './program.ts'
import { type Kind, kindsOf, only, withoutNull } from './shape.ts'

export type Comparator = '<' | '<=' | '>' | '>=' | '==' | '!='

export interface Comparison {
  readonly op: Comparator
  readonly literal: number
}

/** Numbers that a value may be. */
export interface Bounds {
  /** Inclusive; null: there is no such limit. */
  readonly least: number | null
  readonly most: number | null
  /** Integers alone. */
  readonly whole: boolean
  /** Every number between the limits is one that the value may be. */
  readonly sure: boolean
}

/** `5 < x` is `x > 5`. */
export const TURNED: Readonly<Record<Comparator, Comparator>> = {
  '<': '>', '<=': '>=', '>': '<', '>=': '<=', '==': '==', '!=': '!=',
}

/** A number as it is written; undefined where it is reckoned, or too long to be kept exactly. */
export function numberIn(node: ASTNode): number | undefined {
  if (node.op === '-_') {
    const inner = numberIn(node.args)
    return inner === undefined ? undefined : -inner
  }
  if (node.op !== 'value' || (typeof node.args !== 'bigint' && typeof node.args !== 'number')) return undefined
  const number = Number(node.args)
  return typeof node.args === 'number' || Number.isSafeInteger(number) ? number : undefined
}

export function holds(op: Comparator, value: number, literal: number): boolean {
  if (op === '<') return value < literal
  if (op === '<=') return value <= literal
  if (op === '>') return value > literal
  if (op === '>=') return value >= literal
  return (value === literal) === (op === '==')
}

/** Of a schema of numbers; undefined where it may be something else than a number or null. */
export function boundsOf(schema: Schema | undefined): Bounds | undefined {
  const kinds = kindsOf(schema)
  if (schema === undefined || kinds === undefined || !only(kinds, 'int', 'double', 'null')) return undefined
  if (kinds.size === (kinds.has('null') ? 1 : 0)) return undefined
  const plain = withoutNull(schema)
  const whole = !kinds.has('double')
  const number = (key: string): number | null => (typeof plain[key] === 'number' ? plain[key] : null)
  // Past an exclusive limit the next integer is the first;
  // of other numbers the limit itself stands in for the next one.
  const past = (limit: number | null, step: 1 | -1): number | null =>
    limit === null || !whole ? limit : step === 1 ? Math.floor(limit) + 1 : Math.ceil(limit) - 1
  return {
    least: greater(number('minimum'), past(number('exclusiveMinimum'), 1)),
    most: lesser(number('maximum'), past(number('exclusiveMaximum'), -1)),
    whole,
    sure:
      !kinds.has('null') &&
      plain['multipleOf'] === undefined &&
      (whole || (number('exclusiveMinimum') === null && number('exclusiveMaximum') === null)),
  }
}

/** What JSON Schema calls that of which minX and maxX limit the number. */
const COUNTED: Readonly<Partial<Record<Kind, string>>> = { list: 'Items', string: 'Length', map: 'Properties' }

/** Sizes that a text, a list or a map may have. */
export function sizesOf(schema: Schema | undefined): Bounds {
  const plain = schema === undefined ? {} : withoutNull(schema)
  const kinds = kindsOf(plain)
  const [kind] = kinds?.size === 1 ? kinds : []
  const limit = (word: 'min' | 'max'): number | null => {
    const given = kind === undefined ? undefined : plain[`${word}${COUNTED[kind]}`]
    return typeof given === 'number' ? given : null
  }
  return { least: limit('min') ?? 0, most: limit('max'), whole: true, sure: false }
}

/** One number for each way in which the comparisons can come out, of those that the bounds allow. */
export function representatives({ least, most, whole }: Bounds, comparisons: readonly Comparison[]): number[] {
  const literals = [...new Set(comparisons.map(({ literal }) => literal))].sort((a, b) => a - b)
  const near = literals.flatMap((literal, i) => {
    if (whole) return [Math.floor(literal) - 1, Math.floor(literal), Math.ceil(literal), Math.ceil(literal) + 1]
    const next = literals[i + 1]
    return [...(i === 0 ? [literal - 1] : []), literal, next === undefined ? literal + 1 : (literal + next) / 2]
  })
  const limits = [least, most].flatMap((limit) =>
    limit === null ? [] : whole ? [Math.ceil(limit), Math.floor(limit)] : [limit],
  )
  const seen = new Set<string>()
  const found = [...near, ...limits].filter((value) => {
    if ((least !== null && value < least) || (most !== null && value > most)) return false
    const outcome = comparisons.map(({ op, literal }) => holds(op, value, literal)).join()
    return !seen.has(outcome) && seen.add(outcome)
  })
  // Bounds that nothing fits are the schema's fault, not the condition's.
  return found.length === 0 ? [least ?? most ?? 0] : found
}

function greater(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b)
}

function lesser(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b)
}
