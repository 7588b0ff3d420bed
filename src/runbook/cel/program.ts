/** Parsing and running of single expressions: the only place that touches the CEL library. */
import { type ASTNode, Environment, type ParseResult } from '@marcbachmann/cel-js'
import { FUNCTIONS } from './functions.ts'

export type { ASTNode }

export const CONTEXTS = [
  'handoff', 'discovery', 'config', 'onboarding', 'steps', 'phases', 'each', 'procedure',
] as const

/** What CEL calls our kinds. A date is a text to it; that it is one is the checker's to know. */
const TYPES: Readonly<Record<string, string>> = {
  date: 'string', timestamp: 'google.protobuf.Timestamp', duration: 'google.protobuf.Duration',
}

const LIMITS = { maxAstNodes: 500, maxDepth: 30, maxListElements: 100, maxMapEntries: 100, maxCallArguments: 8 }

let loaded: Environment | undefined

/**
 * The environment in which all expressions are parsed and run. Its variables are dynamic: types are the checker's, who
 * knows schemas, null and enums, where CEL's own checker does not.
 * Made on first use, for commands that evaluate nothing.
 */
function environment(): Environment {
  if (loaded !== undefined) return loaded
  const built = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false, limits: LIMITS })
  for (const name of CONTEXTS) built.registerVariable(name, 'dyn')
  for (const { name, receiver, args, result, handler } of FUNCTIONS) {
    if (handler === undefined) continue
    const type = (kind: string): string => TYPES[kind] ?? kind
    const on = receiver === null ? '' : `${type(receiver)}.`
    const signature = `${on}${name}(${args.map(type).join(', ')}): ${type(result)}`
    built.registerFunction(signature, handler as (...given: unknown[]) => unknown)
  }
  loaded = built
  return built
}

export interface Trouble {
  readonly message: string
  /** Where in the expression, in characters from its start. */
  readonly offset: number
}

export type Parsed = { readonly ok: true; readonly program: ParseResult } | ({ readonly ok: false } & Trouble)

/** By source: several rules look at one expression, and steps are written alike. */
const known = new Map<string, Parsed>()

/** Parses one expression. */
export function parseExpression(source: string): Parsed {
  const before = known.get(source)
  if (before !== undefined) return before
  const parsed = parseAnew(source)
  if (known.size > 20_000) known.clear()
  known.set(source, parsed)
  return parsed
}

function parseAnew(source: string): Parsed {
  if (source.trim() === '') return { ok: false, message: 'the expression is empty', offset: 0 }
  try {
    return { ok: true, program: environment().parse(source) }
  } catch (error) {
    const { message, offset } = troubleOf(error)
    const [word] = /^(?:and|or|not)\b/.exec(source.slice(offset)) ?? []
    if (word !== undefined) {
      return { ok: false, message: `'${word}' joins nothing: write ${{ and: '&&', or: '||', not: '!' }[word]}`, offset }
    }
    const words = /\b(?:and|or|not)\b/.test(source) ? '; conditions are joined with &&, || and !' : ''
    const equals = /^=(?!=)/.test(source.slice(offset)) ? '; values are compared with ==' : words
    return { ok: false, message: `${message}${equals}`, offset }
  }
}

/** Message and place of an error that the CEL library threw, or a handler of ours under it. */
export function troubleOf(error: unknown): Trouble {
  const known = error as { summary?: unknown; range?: { start?: unknown }; message?: unknown }
  const message = typeof known.summary === 'string' ? known.summary : String(known.message ?? error)
  const start = known.range?.start
  return { message: plain(message), offset: typeof start === 'number' ? start : 0 }
}

/** What the library says, as we say it. */
const SAID: readonly (readonly [RegExp, string])[] = [
  [/^Unexpected token: EOF/, 'the expression ends too early'],
  [/^Expected (\w+), got EOF/, 'the expression ends too early: <$1> is missing'],
  [/^Expected (\w+), got (\w+)/, '<$1> is expected here, not <$2>'],
  [/^Unexpected token: (\w+)/, '<$1> does not fit here'],
  [/^No such key: index out of bounds, index (-?\d+) .*/, 'the list has no item $1'],
  [/^No such key: (.*)/, "there is no '$1'"],
  [/^(\w+)\(\) type error: cannot convert to \w+/, '$1() cannot read this text as a number'],
]

/** How the library calls what stands in an expression. */
const TOKENS: Readonly<Record<string, string>> = {
  EOF: 'the end', NUMBER: 'a number', STRING: 'a text', BOOLEAN: 'true or false', NULL: 'null', IDENTIFIER: 'a name',
  BYTES: 'bytes', PLUS: '`+`', MINUS: '`-`', MULTIPLY: '`*`', DIVIDE: '`/`', MODULO: '`%`', EQ: '`==`', NE: '`!=`',
  LT: '`<`', LE: '`<=`', GT: '`>`', GE: '`>=`', AND: '`&&`', OR: '`||`', NOT: '`!`', IN: '`in`', LPAREN: '`(`',
  RPAREN: '`)`', LBRACKET: '`[`', RBRACKET: '`]`', LBRACE: '`{`', RBRACE: '`}`', DOT: '`.`', COMMA: '`,`', COLON: '`:`',
  QUESTION: '`?`',
}

function plain(message: string): string {
  const [pattern, said] = SAID.find(([one]) => one.test(message)) ?? []
  if (pattern !== undefined && said !== undefined) {
    return message.replace(pattern, said).replace(/<([A-Z]+)>/g, (_, token: string) => TOKENS[token] ?? token)
  }
  return /^(NaN|Infinity)/.test(message) ? message : message.charAt(0).toLowerCase() + message.slice(1)
}
