/**
 * Conditions over finitely many values, tried out:
 * every combination of the enums, booleans and ranges of numbers they read.
 */
import { combination, countOf, inWords, OTHER, type Place, type Value } from './combinations.ts'
import type { ASTNode } from './program.ts'
import {
  type Bounds, boundsOf, type Comparator, type Comparison, holds, numberIn, representatives, sizesOf, TURNED,
} from './ranges.ts'
import { enumOf, kindsOf, type Shape } from './shape.ts'

/** More combinations are not tried. */
export const MOST_COMBINATIONS = 4096

type Evaluate = (at: readonly Value[]) => Value

interface Variable extends Place {
  readonly domain: Value[]
  /** Of a number: what it is compared with, which makes its domain. */
  readonly range: { readonly bounds: Bounds; readonly comparisons: Comparison[] } | null
  /** false: a condition over something that is not finite, taken as true or false whatever else holds. */
  readonly exact: boolean
}

export interface Conditions {
  /** Truth of each condition for each combination. */
  readonly rows: readonly { readonly truths: readonly boolean[] }[]
  /** A combination in words, as far as it matters for `alike`; and of how many combinations they tell. */
  words(row: number, alike: (truths: readonly boolean[]) => boolean): { readonly words: string; readonly count: number }
  /** Whether each combination can really occur. */
  readonly exact: boolean
  /** Whether a number is among what they read: rows that follow from high to low hold together on purpose. */
  readonly ranges: boolean
  /** How many different values are read. */
  readonly variables: number
}

/**
 * Tries several conditions together. Of a number that is compared with numbers one is tried for each way in which that
 * can come out. What else is not finite counts as a truth value of its own, so that what holds for every combination
 * holds in truth; where all is finite, the reverse is true as well.
 *
 * @returns undefined where there are too many combinations to try
 */
export function enumerate(asts: readonly ASTNode[], shapeOf: (source: string) => Shape): Conditions | undefined {
  const compiler = new Compiler(shapeOf)
  const compiled = asts.map((ast) => compiler.condition(ast))
  const variables = compiler.variables.map((one) => (
    one.range === null ? one : { ...one, domain: representatives(one.range.bounds, one.range.comparisons) }
  ))
  const total = countOf(variables)
  if (total > MOST_COMBINATIONS) return undefined
  const rows = Array.from({ length: total }, (_, index) => {
    const values = combination(variables, index)
    return { truths: compiled.map((evaluate) => evaluate(values) === true) }
  })
  const words: Conditions['words'] = (row, alike) =>
    inWords(variables, row, (index) => alike(rows[index]?.truths ?? []))
  return {
    rows,
    words,
    exact: variables.every(({ exact }) => exact),
    ranges: variables.some(({ range }) => range !== null),
    variables: variables.length,
  }
}

class Compiler {
  readonly variables: Variable[] = []
  readonly #places = new Map<string, number>()
  readonly #shapeOf: (source: string) => Shape

  constructor(shapeOf: (source: string) => Shape) {
    this.#shapeOf = shapeOf
  }

  condition(node: ASTNode): Evaluate {
    switch (node.op) {
      case 'value':
        return constant(node.args)
      case '!_': {
        const inner = this.condition(node.args)
        return (at) => inner(at) !== true
      }
      case '&&':
      case '||': {
        const [left, right] = node.args.map((one) => this.condition(one)) as [Evaluate, Evaluate]
        return node.op === '&&'
          ? (at) => left(at) === true && right(at) === true
          : (at) => left(at) === true || right(at) === true
      }
      case '?:': {
        const [condition, yes, no] = node.args.map((one) => this.condition(one)) as [Evaluate, Evaluate, Evaluate]
        return (at) => (condition(at) === true ? yes(at) : no(at))
      }
      case '==':
      case '!=': {
        const equal = this.#equal(node.args[0], node.args[1])
        if (equal === undefined) return this.#atom(node)
        return node.op === '==' ? equal : (at) => equal(at) !== true
      }
      case 'in': {
        const [one, list] = node.args
        const items = list.op === 'list' ? list.args.map((item) => this.#equal(one, item)) : [undefined]
        return items.includes(undefined) ? this.#atom(node) : (at) => items.some((item) => item?.(at) === true)
      }
      case '<':
      case '<=':
      case '>':
      case '>=':
        return this.#compared(node.op, node.args[0], node.args[1]) ?? this.#atom(node)
      default:
        return this.#finite(node) ?? this.#atom(node)
    }
  }

  /** Of a number with a number that is written there; undefined: it is something else. */
  #compared(op: Comparator, left: ASTNode, right: ASTNode): Evaluate | undefined {
    const [a, b] = [numberIn(left), numberIn(right)]
    if (a !== undefined) return b === undefined ? this.#against(right, TURNED[op], a) : constant(holds(op, a, b))
    return b === undefined ? undefined : this.#against(left, op, b)
  }

  #against(node: ASTNode, op: Comparator, literal: number): Evaluate | undefined {
    const finite = this.#finite(node)
    const bounds = finite === undefined ? this.#bounds(node) : undefined
    const place = bounds && this.#place(text(node), [], isPath(node) && bounds.sure, { bounds, comparisons: [] })
    const read = finite ?? (place === undefined ? undefined : (at: readonly Value[]) => at[place] ?? null)
    if (place !== undefined) this.variables[place]?.range?.comparisons.push({ op, literal })
    if (read === undefined) return undefined
    return (at) => {
      const value = read(at)
      return typeof value === 'number' ? holds(op, value, literal) : op === '!='
    }
  }

  #bounds(node: ASTNode): Bounds | undefined {
    const measured = node.op === 'call' ? node.args[1][0] : node.op === 'rcall' ? node.args[1] : undefined
    if (measured !== undefined && (node.op === 'call' || node.op === 'rcall') && node.args[0] === 'size') {
      return sizesOf(this.#shapeOf(text(measured)).schema)
    }
    return boundsOf(this.#shapeOf(text(node)).schema)
  }

  #equal(left: ASTNode, right: ASTNode): Evaluate | undefined {
    const [literal, other] = right.op === 'value' ? [right, left] : [left, right]
    if (literal.op === 'value' && literal.args === null) {
      const place = this.#place(`${text(other)} is set`, [true, false], false)
      return (at) => at[place] === false
    }
    const compared = this.#compared('==', left, right)
    if (compared !== undefined) return compared
    const a = this.#operand(left, right)
    const b = this.#operand(right, left)
    return a === undefined || b === undefined ? undefined : (at) => a(at) === b(at)
  }

  #operand(node: ASTNode, other: ASTNode): Evaluate | undefined {
    if (node.op === 'value') return constant(node.args)
    if (node.op === '?:') return undefined
    const found = this.#finite(node)
    if (found !== undefined) return found
    if (other.op !== 'value' || typeof other.args !== 'string') return undefined
    const kinds = kindsOf(this.#shapeOf(text(node)).schema)
    if (kinds === undefined || !kinds.has('string')) return undefined
    // A text that is only compared with literals is one of them, or another.
    const place = this.#place(text(node), [OTHER], true)
    const domain = this.variables[place]?.domain
    if (domain?.includes(OTHER) === true && !domain.includes(other.args)) domain.push(other.args)
    return (at) => at[place] ?? null
  }

  /** A value of an enum, or a truth value that is read and not computed. */
  #finite(node: ASTNode): Evaluate | undefined {
    if (!['id', '.', '[]', 'rcall', 'call'].includes(node.op)) return undefined
    const { schema } = this.#shapeOf(text(node))
    const kinds = kindsOf(schema)
    if (kinds === undefined) return undefined
    const listed = enumOf(schema)
    if (listed !== undefined) {
      const place = this.#place(
        text(node),
        [...listed, ...(kinds.has('null') && !listed.includes(null) ? [null] : [])] as Value[],
        isPath(node),
      )
      return (at) => at[place] ?? null
    }
    if (!kinds.has('bool') || [...kinds].some((kind) => kind !== 'bool' && kind !== 'null')) return undefined
    const place = this.#place(text(node), kinds.has('null') ? [true, false, null] : [true, false], isPath(node))
    return (at) => at[place] ?? null
  }

  #atom(node: ASTNode): Evaluate {
    const place = this.#place(text(node), [true, false], false)
    return (at) => at[place] ?? null
  }

  #place(label: string, domain: readonly Value[], exact: boolean, range: Variable['range'] = null): number {
    const known = this.#places.get(label)
    if (known !== undefined) return known
    const place = this.variables.push({ label, domain: [...domain], exact, range }) - 1
    this.#places.set(label, place)
    return place
  }
}

function constant(value: unknown): Evaluate {
  const plain = typeof value === 'bigint' ? Number(value) : (value as Value)
  return () => plain
}

function isPath({ op }: ASTNode): boolean {
  return op === '.' || op === '[]' || op === 'id'
}

function text(node: ASTNode): string {
  return node.input.slice(node.start, node.end).trim().replace(/\s+/g, ' ')
}
