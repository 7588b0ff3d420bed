import { ScimError, type ScimType } from '../error.ts'
import type { Comparison, Filter, Literal, Path } from './filter.ts'

/** A filter that is longer, deeper or has more conditions than these is nobody's but an attacker's. */
const LONGEST = 4_000
const DEEPEST = 20
const MOST = 100

const COMPARISONS: ReadonlySet<string> = new Set<Comparison>(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'])
/** A blank, a bracket, a quoted string as JSON has it, or a word: an attribute with URN, an operator, a bare value. */
const TOKEN = /\s+|[()[\]]|"(?:[^"\\]|\\.)*"|[^\s()[\]"]+/gy

/**
 * Reads a filter. A value without quotes, as Entra ID sends it now and then, is taken as text;
 * True and False in any case as booleans. Throws ScimError 400 invalidFilter.
 */
export function parseFilter(text: string): Filter {
  const reader = new Reader(text, 'invalidFilter')
  const filter = reader.either(0)
  reader.end()
  return filter
}

/** Reads the path of a PATCH operation (RFC 7644 §3.5.2, figure 7). Throws ScimError 400 invalidPath. */
export function parsePath(text: string): Path {
  const reader = new Reader(text, 'invalidPath')
  const path = reader.path()
  reader.end()
  return path
}

class Reader {
  readonly #tokens: readonly string[]
  readonly #type: ScimType
  #at = 0
  #count = 0

  constructor(text: string, type: ScimType) {
    this.#type = type
    if (text.length > LONGEST) throw this.wrong(`it is longer than ${LONGEST} characters`)
    this.#tokens = tokensOf(text) ?? this.fail('a quotation mark is not closed')
    if (this.#tokens.length === 0) throw this.wrong('it is empty')
  }

  either(depth: number): Filter {
    return this.chain('or', depth, () => this.chain('and', depth, () => this.one(depth)))
  }

  path(): Path {
    const path = this.name()
    if (this.peek() !== '[') return { path, where: null, sub: null }
    const where = this.bracket(0)
    const next = this.peek()
    if (next === undefined || !next.startsWith('.')) return { path, where, sub: null }
    this.#at++
    return { path, where, sub: next.slice(1) }
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw this.wrong(`"${this.#tokens[this.#at]}" is not expected there`)
  }

  wrong(why: string): ScimError {
    return new ScimError(
      400,
      this.#type,
      `the ${this.#type === 'invalidPath' ? 'path' : 'filter'} cannot be read: ${why}`,
    )
  }

  private fail(why: string): never {
    throw this.wrong(why)
  }

  private peek(): string | undefined {
    return this.#tokens[this.#at]
  }

  private chain(word: 'and' | 'or', depth: number, next: () => Filter): Filter {
    if (depth > DEEPEST) throw this.wrong(`it is nested deeper than ${DEEPEST}`)
    const of = [next()]
    while (this.peek()?.toLowerCase() === word) {
      this.#at++
      of.push(next())
    }
    const [only] = of
    return of.length === 1 && only !== undefined ? only : { kind: word, of }
  }

  private one(depth: number): Filter {
    if (++this.#count > MOST) throw this.wrong(`it has more than ${MOST} conditions`)
    const token = this.peek()
    if (token === '(') return this.group(depth)
    if (token?.toLowerCase() === 'not' && this.#tokens[this.#at + 1] === '(') {
      this.#at++
      return { kind: 'not', of: this.group(depth) }
    }
    const path = this.name()
    if (this.peek() === '[') return this.element(path, depth)
    return this.condition(path)
  }

  private group(depth: number): Filter {
    this.#at++
    const inner = this.either(depth + 1)
    this.expect(')')
    return inner
  }

  private bracket(depth: number): Filter {
    this.#at++
    const inner = this.either(depth + 1)
    this.expect(']')
    return inner
  }

  /** `emails[type eq "work"]`, or with a condition behind it on that element: `emails[type eq "work"].value eq "x"`. */
  private element(path: string, depth: number): Filter {
    const where = this.bracket(depth)
    const next = this.peek()
    if (next === undefined || !next.startsWith('.')) return { kind: 'element', path, of: where }
    this.#at++
    return { kind: 'element', path, of: { kind: 'and', of: [where, this.condition(next.slice(1))] } }
  }

  private condition(path: string): Filter {
    const op = this.peek()?.toLowerCase()
    if (op === undefined) throw this.wrong(`an operator is missing after ${path}`)
    this.#at++
    if (op === 'pr') return { kind: 'present', path }
    if (!COMPARISONS.has(op)) throw this.wrong(`${op} is no operator; they are eq, ne, co, sw, ew, pr, gt, ge, lt, le`)
    const value = this.peek()
    if (value === undefined || /^[()[\]]$/.test(value)) throw this.wrong(`a value is missing after ${path} ${op}`)
    this.#at++
    return { kind: 'compare', path, op: op as Comparison, value: this.literal(value) }
  }

  private literal(token: string): Literal {
    if (token.startsWith('"')) {
      try {
        return JSON.parse(token) as string
      } catch {
        throw this.wrong(`${token} is no text as JSON has it`)
      }
    }
    const lower = token.toLowerCase()
    if (lower === 'true') return true
    if (lower === 'false') return false
    if (lower === 'null') return null
    return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(token) ? Number(token) : token
  }

  private name(): string {
    const token = this.peek()
    if (token === undefined || !/^[a-z$][\w$:.-]*$/i.test(token))
      throw this.wrong(token === undefined ? 'it ends too early' : `${token} is no attribute`)
    this.#at++
    return token
  }

  private expect(token: string): void {
    if (this.peek() !== token) throw this.wrong(`a ${token} is missing`)
    this.#at++
  }
}

/** undefined: a quotation mark is not closed. */
function tokensOf(text: string): string[] | undefined {
  const tokens: string[] = []
  let end = 0
  for (const match of text.matchAll(TOKEN)) {
    const [token] = match
    end = match.index + token.length
    if (token.trim() !== '') tokens.push(token)
  }
  return end === text.length ? tokens : undefined
}
