/** Checks one expression without running it, and reports everything that is wrong with it, not only the first. */
import type { Schema } from '../../model.ts'
import { inWords } from '../fit.ts'
import { type Facts, factsOf, NO_FACTS, pathOf, withFacts } from './facts.ts'
import { arithmetic, comparable, equatable, schemaOfKind } from './operators.ts'
import { type ASTNode, CONTEXTS, parseExpression } from './program.ts'
import {
  ANY, enumOf, itemsOf, kindOfValue, kindsOf, type Kind, mayBeNull, only, type Shape, withoutNull,
} from './shape.ts'
import { access, optionalAccess } from './access.ts'
import { call } from './calls.ts'
import { BOOL, common, either, type ExpressionFinding, type Locals, meant, type Readable, type Walk } from './walk.ts'

export interface Checked {
  readonly findings: readonly ExpressionFinding[]
  readonly shape: Shape
  /** undefined: it could not be parsed. */
  readonly ast: ASTNode | undefined
}

/** Checks an expression against what it may read; `facts` hold where it is evaluated. */
export function checkExpression(source: string, readable: Readable, facts: Facts = NO_FACTS): Checked {
  const parsed = parseExpression(source)
  if (!parsed.ok) {
    return {
      findings: [{ offset: parsed.offset, message: parsed.message, rule: 'expression-syntax' }], shape: ANY,
      ast: undefined,
    }
  }
  const { ast } = parsed.program
  const walker = new Walker(readable)
  const shape = walker.shape(ast, facts, new Map())
  const findings = walker.findings
  if (findings.length === 0) {
    // What our own walk let pass, CEL's checker may still refuse: wrong arguments of its macros, for one.
    const result = parsed.program.check()
    if (!result.valid && result.error !== undefined) {
      findings.push({ offset: result.error.range?.start ?? 0, message: result.error.summary, rule: 'expression-type' })
    }
  }
  return { findings: findings.sort((a, b) => a.offset - b.offset), shape, ast }
}

class Walker implements Walk {
  readonly findings: ExpressionFinding[] = []
  readonly readable: Readable

  constructor(readable: Readable) {
    this.readable = readable
  }

  say(offset: number, rule: string, message: string): void {
    this.findings.push({ offset, rule, message })
  }

  /** The shape of a node; findings are collected on the way. */
  shape(node: ASTNode, facts: Facts, locals: Locals): Shape {
    switch (node.op) {
      case 'value':
        // In CEL 2.0 is a decimal number, though it is whole; as a constant of JSON it would be an integer.
        if (typeof node.args === 'number') return { schema: schemaOfKind('double') }
        return { schema: { ...schemaOfKind(kindOfValue(node.args)), const: constant(node.args) } }
      case 'id':
        return this.#name(node, node.args, locals)
      case '.':
      case '[]':
        return access(this, node, facts, locals)
      case '.?':
      case '[?]':
        return optionalAccess(this, node, facts, locals)
      case 'call':
        return call(this, node, node.args[0], null, node.args[1], facts, locals)
      case 'rcall':
        return call(this, node, node.args[0], node.args[1], node.args[2], facts, locals)
      case 'list': {
        const items = node.args.map((item) => this.shape(item, facts, locals))
        return { schema: { type: 'array', ...common(items) } }
      }
      case 'map':
        return this.#map(node.args, facts, locals)
      case '?:': {
        const [condition, yes, no] = node.args
        this.#needs(condition, 'bool', facts, locals)
        const a = this.shape(yes, withFacts(facts, factsOf(condition, true)), locals)
        const b = this.shape(no, withFacts(facts, factsOf(condition, false)), locals)
        return either(a, b)
      }
      case '&&':
      case '||': {
        const [left, right] = node.args
        this.#needs(left, 'bool', facts, locals)
        this.#needs(right, 'bool', withFacts(facts, factsOf(left, node.op === '&&')), locals)
        return BOOL
      }
      case '!_':
        this.#needs(node.args, 'bool', facts, locals)
        return BOOL
      case '-_': {
        const shape = this.present(node.args, facts, locals)
        const kinds = kindsOf(shape.schema)
        if (!only(kinds, 'int', 'double')) {
          this.say(node.args.start, 'expression-type', `a number is needed after -, not ${inWords(kinds ?? [])}`)
        }
        if (kinds === undefined || kinds.size > 1) return ANY
        return { schema: schemaOfKind(kinds.has('int') ? 'int' : 'double') }
      }
      case '==':
      case '!=':
      case 'in':
        return this.#equality(node.op, node.args, facts, locals)
      default:
        return this.#operator(node.op, node.args, facts, locals)
    }
  }

  #name(node: ASTNode, name: string, locals: Locals): Shape {
    const local = locals.get(name)
    if (local !== undefined) return local
    const schema = this.readable.contexts.get(name)
    if (schema !== undefined) return { schema, path: name }
    if (name === 'steps' || name === 'phases') return { schema: undefined, path: name }
    if (name === 'each') this.say(node.start, 'unknown-name', "'each' is only there in a step with for_each or on")
    else this.say(node.start, 'unknown-name', `there is no '${name}'${meant(name, [...locals.keys(), ...CONTEXTS])}`)
    return ANY
  }

  present(node: ASTNode, facts: Facts, locals: Locals): Shape {
    const shape = this.shape(node, facts, locals)
    return this.#withoutNull(node, shape, facts)
  }

  #withoutNull(node: ASTNode, shape: Shape, facts: Facts): Shape {
    if (shape.schema === undefined || shape.optional || !mayBeNull(shape.schema)) return shape
    const path = shape.path ?? pathOf(node)
    if (path === undefined) this.say(node.start, 'may-be-null', 'this may be null: give another value then')
    else if (!facts.has(`set:${path}`)) {
      const skipped = /^(?:phases\.\w+\.)?steps\.(\w+)\.outputs$/.exec(path)
      if (skipped === null) {
        this.say(node.start, 'may-be-null', `'${path}' may be null: ask \`${path} != null\` first, or read on with .?`)
      } else {
        const why = `step '${skipped[1]}' may be skipped or waived, and then has no outputs`
        this.say(node.start, 'may-be-skipped', `${why}: ask \`${path} != null\` first, or read with ${path}.?…`)
      }
    }
    return { ...shape, schema: withoutNull(shape.schema) }
  }

  #needs(node: ASTNode, kind: Kind, facts: Facts, locals: Locals): void {
    const shape = this.present(node, facts, locals)
    const kinds = kindsOf(shape.schema)
    if (shape.optional || !only(kinds, kind)) {
      const what = shape.optional ? 'a value that may be absent (add .orValue(…))' : inWords(kinds ?? [])
      this.say(node.start, 'expression-type', `${inWords([kind])} is needed here, not ${what}`)
    }
  }

  #map(entries: readonly (readonly [ASTNode, ASTNode])[], facts: Facts, locals: Locals): Shape {
    const properties: Record<string, Schema> = {}
    const required: string[] = []
    let open = false
    for (const [key, value] of entries) {
      const shape = this.shape(value, facts, locals)
      if (key.op === 'value' && typeof key.args === 'string') {
        properties[key.args] = shape.schema ?? {}
        if (!shape.optional) required.push(key.args)
      } else {
        this.shape(key, facts, locals)
        open = true
      }
    }
    return { schema: open ? { type: 'object' } : { type: 'object', properties, required, additionalProperties: false } }
  }

  #equality(op: '==' | '!=' | 'in', [left, right]: readonly [ASTNode, ASTNode], facts: Facts, locals: Locals): Shape {
    const a = this.shape(left, facts, locals)
    const b = op === 'in' ? this.present(right, facts, locals) : this.shape(right, facts, locals)
    for (const [shape, node] of [[a, left], [b, right]] as const) {
      if (shape.optional) {
        this.say(node.start, 'expression-type', 'this may be absent: add .orValue(…) before it is compared')
      }
    }
    const member: Shape = op !== 'in' ? b : { schema: itemsOf(b.schema) }
    this.#enumValues(a, right)
    if (op !== 'in') this.#enumValues(b, left)
    const [x, y] = [kindsOf(a.schema), kindsOf(member.schema)]
    const kinds = kindsOf(b.schema)
    if (op === 'in' && !only(kinds, 'list', 'map')) {
      this.say(right.start, 'expression-type', `a list or a map is needed after in, not ${inWords(kinds ?? [])}`)
    } else if (!equatable(x, y) && x !== undefined && y !== undefined) {
      const never = { '==': 'never equal to', '!=': 'always different from', in: 'never among' }[op]
      this.say(left.start, 'expression-type', `${inWords(x)} is ${never} ${inWords(y)}`)
    }
    return BOOL
  }

  /** A literal compared with an enum must be one of its values. */
  #enumValues(shape: Shape, other: ASTNode): void {
    const allowed = enumOf(shape.schema)
    if (allowed === undefined || 'const' in (shape.schema ?? {})) return
    for (const literal of other.op === 'list' ? other.args : [other]) {
      if (literal.op !== 'value' || typeof literal.args !== 'string' || allowed.includes(literal.args)) continue
      const names = allowed.map(String)
      this.say(
        literal.start, 'enum-value', `'${literal.args}' is not one of ${names.join(', ')}${meant(literal.args, names)}`,
      )
    }
  }

  #operator(op: string, args: unknown, facts: Facts, locals: Locals): Shape {
    const [left, right] = args as readonly [ASTNode, ASTNode]
    const lists = [this.present(left, facts, locals), this.present(right, facts, locals)]
    const [a, b] = lists.map(({ schema }) => kindsOf(schema))
    const mixed = [a, b].some((kinds) => kinds?.has('int')) && [a, b].some((kinds) => kinds?.has('double'))
    const hint = mixed ? ': write 2.0 or double(…) for the integer' : ''
    const both = `${inWords(a ?? [])} and ${inWords(b ?? [])}`
    const wrong = (): void => this.say(left.start, 'expression-type', `${op} does not go with ${both}${hint}`)
    if (['<', '<=', '>', '>='].includes(op)) {
      if (!comparable(a, b)) wrong()
      return BOOL
    }
    const kind = arithmetic(op, a, b)
    if (kind === 'wrong') wrong()
    const [x, y] = lists.map(({ schema }) => kindsOf(itemsOf(schema)))
    // CEL takes the items of a sum for what those of its first list are, and fails on the others when they are met.
    if (kind === 'list' && x?.size && y?.size && !(only(x, ...y) && only(y, ...x))) {
      this.say(left.start, 'expression-type', `+ does not go with lists of ${inWords(x)} and of ${inWords(y)}`)
    }
    if (kind === 'list') {
      return { schema: { type: 'array', ...common(lists.map(({ schema }) => ({ schema: itemsOf(schema) }))) } }
    }
    return kind === undefined || kind === 'wrong' ? ANY : { schema: schemaOfKind(kind) }
  }
}

/** A literal as JSON has it. */
function constant<T>(literal: T | bigint): T | number {
  return typeof literal === 'bigint' ? Number(literal) : literal
}
