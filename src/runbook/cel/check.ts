/** Checks one expression without running it, and reports everything that is wrong with it, not only the first. */
import { nearest } from '../../input/nearest.ts'
import type { Schema } from '../../model.ts'
import { inWords } from '../fit.ts'
import { type Facts, factsOf, NO_FACTS, pathOf, withFacts } from './facts.ts'
import { FUNCTIONS, MACROS } from './functions.ts'
import { arithmetic, comparable, equatable, schemaOfKind } from './operators.ts'
import { type ASTNode, CONTEXTS, parseExpression } from './program.ts'
import {
  alternativesOf, ANY, enumOf, isSure, kindOfValue, kindsOf, type Kind, mayBeNull, propertiesOf, type Shape, subschema, withoutNull,
} from './shape.ts'

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
  step(phase: string | null, id: string): { readonly schema: Schema } | { readonly message: string; readonly rule: string }
}

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
    return { findings: [{ offset: parsed.offset, message: parsed.message, rule: 'expression-syntax' }], shape: ANY, ast: undefined }
  }
  const { ast } = parsed.program
  const walker = new Walker(readable)
  const shape = walker.walk(ast, facts, new Map())
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

type Locals = ReadonlyMap<string, Shape>

const BOOL: Shape = { schema: { type: 'boolean' } }
const TEXT: Shape = { schema: { type: 'string' } }
const ANY_LIST: Schema = { type: 'array' }

class Walker {
  readonly findings: ExpressionFinding[] = []
  readonly #readable: Readable

  constructor(readable: Readable) {
    this.#readable = readable
  }

  #say(offset: number, rule: string, message: string): void {
    this.findings.push({ offset, rule, message })
  }

  /** The shape of a node; findings are collected on the way. */
  walk(node: ASTNode, facts: Facts, locals: Locals): Shape {
    switch (node.op) {
      case 'value':
        return { schema: { const: typeof node.args === 'bigint' ? Number(node.args) : node.args, ...schemaOfKind(kindOfValue(node.args)) } }
      case 'id':
        return this.#name(node, node.args, locals)
      case '.':
      case '[]':
        return this.#access(node, facts, locals)
      case '.?':
      case '[?]':
        return this.#optionalAccess(node, facts, locals)
      case 'call':
        return this.#call(node, node.args[0], null, node.args[1], facts, locals)
      case 'rcall':
        return this.#call(node, node.args[0], node.args[1], node.args[2], facts, locals)
      case 'list': {
        const items = node.args.map((item) => this.walk(item, facts, locals))
        return { schema: { type: 'array', ...common(items) } }
      }
      case 'map':
        return this.#map(node.args, facts, locals)
      case '?:': {
        const [condition, yes, no] = node.args
        this.#needs(condition, 'bool', facts, locals)
        const a = this.walk(yes, withFacts(facts, factsOf(condition, true)), locals)
        const b = this.walk(no, withFacts(facts, factsOf(condition, false)), locals)
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
        const shape = this.#present(node.args, facts, locals)
        const kinds = kindsOf(shape.schema)
        if (kinds !== undefined && !kinds.has('int') && !kinds.has('double')) {
          this.#say(node.args.start, 'expression-type', `a number is needed after -, not ${inWords(kinds)}`)
        }
        return kinds === undefined ? ANY : { schema: schemaOfKind(kinds.has('int') ? 'int' : 'double') }
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
    const schema = this.#readable.contexts.get(name)
    if (schema !== undefined) return { schema, path: name }
    if (name === 'steps' || name === 'phases') return { schema: undefined, path: name }
    if (name === 'each') this.#say(node.start, 'unknown-name', "'each' is only there in a step with for_each")
    else this.#say(node.start, 'unknown-name', `there is no '${name}'${meant(name, [...locals.keys(), ...CONTEXTS])}`)
    return ANY
  }

  /** A value that must not be null here: operands, arguments, receivers. */
  #present(node: ASTNode, facts: Facts, locals: Locals): Shape {
    const shape = this.walk(node, facts, locals)
    return this.#withoutNull(node, shape, facts)
  }

  #withoutNull(node: ASTNode, shape: Shape, facts: Facts): Shape {
    if (shape.schema === undefined || shape.optional || !mayBeNull(shape.schema)) return shape
    const path = shape.path ?? pathOf(node)
    if (path !== undefined && !facts.has(`set:${path}`)) {
      const skipped = /^(?:phases\.\w+\.)?steps\.(\w+)\.outputs$/.exec(path)
      if (skipped === null) this.#say(node.start, 'may-be-null', `'${path}' may be null: ask \`${path} != null\` first, or read on with .?`)
      else {
        const why = `step '${skipped[1]}' may be skipped or waived, and then has no outputs`
        this.#say(node.start, 'may-be-skipped', `${why}: ask \`${path} != null\` first, or read with ${path}.?…`)
      }
    }
    return { ...shape, schema: withoutNull(shape.schema) }
  }

  #needs(node: ASTNode, kind: Kind, facts: Facts, locals: Locals): void {
    const shape = this.#present(node, facts, locals)
    const kinds = kindsOf(shape.schema)
    if (shape.optional || (kinds !== undefined && !kinds.has(kind))) {
      const what = shape.optional ? 'a value that may be absent (add .orValue(…))' : inWords(kinds ?? [])
      this.#say(node.start, 'expression-type', `${inWords([kind])} is needed here, not ${what}`)
    }
  }

  #access(node: ASTNode & { op: '.' | '[]' }, facts: Facts, locals: Locals): Shape {
    const [left] = node.args
    const receiver = this.#present(left, facts, locals)
    const key = keyOf(node)
    if (key === undefined) return this.#index(node as ASTNode & { op: '[]' }, receiver, facts, locals)
    const path = receiver.path === undefined ? undefined : `${receiver.path}.${key}`
    const at = node.op === '.' ? node.end - key.length : node.args[1].start
    const special = this.#stepOrPhase(receiver.path, key, at)
    if (special !== undefined) return special
    if (receiver.optional) return { ...this.#field(receiver, key, at).shape, optional: true }
    const { shape, sure } = this.#field(receiver, key, at)
    if (!sure && path !== undefined && !facts.has(`has:${path}`)) {
      const dot = path.lastIndexOf('.')
      const instead = `${path.slice(0, dot)}.?${key}.orValue(…)`
      this.#say(at, 'optional-field', `'${path}' may be absent: ask has(${path}) first, or write ${instead}`)
    }
    const known = path !== undefined && facts.has(`set:${path}`) && shape.schema !== undefined ? { schema: withoutNull(shape.schema) } : shape
    return path === undefined ? known : { ...known, path }
  }

  /** `steps.x`, `phases.p`, `phases.p.steps`, `phases.p.steps.x`. */
  #stepOrPhase(receiver: string | undefined, key: string, at: number): Shape | undefined {
    const phase = receiver === 'steps' ? null : /^phases\.(\w+)\.steps$/.exec(receiver ?? '')?.[1]
    if (phase !== undefined) {
      const found = this.#readable.step(phase, key)
      if ('schema' in found) return { schema: found.schema, path: `${receiver}.${key}` }
      this.#say(at, found.rule, `${found.message}${meant(key, this.#readable.steps(phase))}`)
      return ANY
    }
    if (receiver === 'phases') {
      if (this.#readable.phases().includes(key)) return { schema: undefined, path: `phases.${key}` }
      this.#say(at, 'step-reference', `no phase '${key}' comes before this one${meant(key, this.#readable.phases())}`)
      return ANY
    }
    if (receiver === undefined || !/^phases\.\w+$/.test(receiver)) return undefined
    if (key !== 'steps') this.#say(at, 'unknown-field', `a phase has only steps: phases.<phase>.steps.<id>.outputs`)
    return key === 'steps' ? { schema: undefined, path: `${receiver}.steps` } : ANY
  }

  #field({ schema }: Shape, key: string, at: number): { readonly shape: Shape; readonly sure: boolean } {
    const unknown = { shape: ANY, sure: true }
    if (schema === undefined) return unknown
    const kinds = kindsOf(schema)
    if (kinds !== undefined && !kinds.has('map')) {
      this.#say(at, 'unknown-field', `${inWords(kinds)} has no field '${key}'`)
      return unknown
    }
    if (alternativesOf(schema) !== undefined) return unknown
    const properties = propertiesOf(schema)
    const field = properties !== undefined && Object.hasOwn(properties, key) ? properties[key] : undefined
    if (field !== undefined) return { shape: { schema: field }, sure: isSure(schema, key) }
    const others = schema['additionalProperties']
    if (others === false) {
      this.#say(at, 'unknown-field', `there is no field '${key}'${meant(key, Object.keys(properties ?? {}))}`)
      return unknown
    }
    const rest = subschema(others)
    return rest === undefined ? unknown : { shape: { schema: rest }, sure: false }
  }

  #index(node: ASTNode & { op: '[]' | '[?]' }, receiver: Shape, facts: Facts, locals: Locals): Shape {
    const index = this.#present(node.args[1], facts, locals)
    const kinds = kindsOf(receiver.schema)
    const given = kindsOf(index.schema)
    const wanted: Kind | undefined = kinds?.has('list') ? 'int' : kinds?.has('map') ? 'string' : undefined
    if (wanted !== undefined && given !== undefined && !given.has(wanted)) {
      this.#say(node.args[1].start, 'expression-type', `${inWords([wanted])} is needed in [ ], not ${inWords(given)}`)
    }
    if (receiver.path === 'steps') this.#say(node.args[1].start, 'step-reference', 'steps are named in the text: steps.<id>.outputs')
    const inner = subschema(receiver.schema?.['items']) ?? subschema(receiver.schema?.['additionalProperties'])
    return { schema: inner }
  }

  #optionalAccess(node: ASTNode & { op: '.?' | '[?]' }, facts: Facts, locals: Locals): Shape {
    const receiver = this.walk(node.args[0], facts, locals)
    const schema = receiver.schema && withoutNull(receiver.schema)
    const key = keyOf(node)
    if (key === undefined) return { ...this.#index(node as ASTNode & { op: '[?]' }, { schema }, facts, locals), optional: true }
    const at = node.op === '.?' ? node.end - key.length : node.args[1].start
    const special = this.#stepOrPhase(receiver.path, key, at)
    const shape = special ?? this.#field({ schema }, key, at).shape
    return { schema: shape.schema, optional: true }
  }

  #map(entries: readonly (readonly [ASTNode, ASTNode])[], facts: Facts, locals: Locals): Shape {
    const properties: Record<string, Schema> = {}
    const required: string[] = []
    let open = false
    for (const [key, value] of entries) {
      const shape = this.walk(value, facts, locals)
      if (key.op === 'value' && typeof key.args === 'string') {
        properties[key.args] = shape.schema ?? {}
        if (!shape.optional) required.push(key.args)
      } else {
        this.walk(key, facts, locals)
        open = true
      }
    }
    return { schema: open ? { type: 'object' } : { type: 'object', properties, required, additionalProperties: false } }
  }

  #equality(op: '==' | '!=' | 'in', [left, right]: readonly [ASTNode, ASTNode], facts: Facts, locals: Locals): Shape {
    const a = this.walk(left, facts, locals)
    const b = op === 'in' ? this.#present(right, facts, locals) : this.walk(right, facts, locals)
    for (const [shape, node] of [[a, left], [b, right]] as const) {
      if (shape.optional) this.#say(node.start, 'expression-type', 'this may be absent: add .orValue(…) before it is compared')
    }
    const member: Shape = op !== 'in' ? b : { schema: subschema(b.schema?.['items']) }
    this.#enumValues(a, right)
    if (op !== 'in') this.#enumValues(b, left)
    const [x, y] = [kindsOf(a.schema), kindsOf(member.schema)]
    const kinds = kindsOf(b.schema)
    if (op === 'in' && kinds !== undefined && !kinds.has('list') && !kinds.has('map')) {
      this.#say(right.start, 'expression-type', `a list or a map is needed after in, not ${inWords(kinds)}`)
    } else if (!equatable(x, y) && x !== undefined && y !== undefined) {
      const never = op === '!=' ? 'always' : 'never'
      this.#say(left.start, 'expression-type', `${inWords(x)} is ${never} ${op === 'in' ? 'among' : op === '==' ? 'equal to' : 'different from'} ${inWords(y)}`)
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
      this.#say(literal.start, 'enum-value', `'${literal.args}' is not one of ${names.join(', ')}${meant(literal.args, names)}`)
    }
  }

  #operator(op: string, args: unknown, facts: Facts, locals: Locals): Shape {
    const [left, right] = args as readonly [ASTNode, ASTNode]
    const a = kindsOf(this.#present(left, facts, locals).schema)
    const b = kindsOf(this.#present(right, facts, locals).schema)
    const mixed = [a, b].some((kinds) => kinds?.has('int')) && [a, b].some((kinds) => kinds?.has('double'))
    const hint = mixed ? ': write 2.0 or double(…) for the integer' : ''
    const wrong = (): void => this.#say(left.start, 'expression-type', `${op} does not go with ${inWords(a ?? [])} and ${inWords(b ?? [])}${hint}`)
    if (['<', '<=', '>', '>='].includes(op)) {
      if (!comparable(a, b)) wrong()
      return BOOL
    }
    const kind = arithmetic(op, a, b)
    if (kind === 'wrong') wrong()
    return kind === undefined || kind === 'wrong' ? ANY : { schema: schemaOfKind(kind) }
  }

  #call(node: ASTNode, name: string, on: ASTNode | null, args: readonly ASTNode[], facts: Facts, locals: Locals): Shape {
    const [first] = args
    if (on === null && name === 'has') return this.#has(node, first, facts, locals)
    if (on !== null && (MACROS as readonly string[]).includes(name)) return this.#macro(name, on, args, facts, locals)
    const named = FUNCTIONS.filter((one) => one.name === name && (one.receiver === null) === (on === null))
    const receiver = on && this.#present(on, facts, locals)
    const given = args.map((arg) => this.#present(arg, facts, locals))
    const at = on === null ? node.start : node.start + node.input.slice(node.start, node.end).indexOf(`.${name}`, on.end - node.start) + 1
    if (named.length === 0) {
      const rest = name === 'matches' ? ': write glob(…), with * and ?' : meant(name, FUNCTIONS.map((one) => one.name))
      this.#say(at, 'unknown-function', `there is no function '${name}'${rest}`)
      return ANY
    }
    for (const shape of [...(receiver === null ? [] : [receiver]), ...given]) {
      if (shape.optional) this.#say(at, 'expression-type', `${name}() is given a value that may be absent: add .orValue(…)`)
    }
    const fits = (wanted: string, shape: Shape): boolean => {
      const kinds = kindsOf(shape.schema)
      return wanted === 'any' || kinds === undefined || kinds.has(wanted as Kind)
    }
    const found = named.find(
      (one) => one.args.length === args.length && one.args.every((wanted, i) => fits(wanted, given[i] ?? ANY)) && (receiver === null || fits(one.receiver ?? 'any', receiver)),
    )
    if (found === undefined) {
      const forms = named.map((one) => `${one.receiver === null ? '' : `${one.receiver}.`}${name}(${one.args.join(', ')})`)
      this.#say(at, 'expression-type', `${name}() is called as ${forms.join(' or ')}`)
      return ANY
    }
    return found.result === 'any' ? ANY : { schema: schemaOfKind(found.result as Kind) }
  }

  #has(node: ASTNode, tested: ASTNode | undefined, facts: Facts, locals: Locals): Shape {
    if (tested === undefined || (tested.op !== '.' && tested.op !== '.?')) {
      this.#say(node.start, 'expression-type', 'has() takes the path of a field: has(handoff.technical.sso)')
      return BOOL
    }
    // The last receiver may be null: has() is false then; everything before it must be there.
    const receiver = this.walk(tested.args[0], facts, locals)
    const schema = receiver.schema && withoutNull(receiver.schema)
    const at = tested.end - tested.args[1].length
    if (this.#stepOrPhase(receiver.path, tested.args[1], at) === undefined) this.#field({ schema }, tested.args[1], at)
    return BOOL
  }

  #macro(name: string, on: ASTNode, args: readonly ASTNode[], facts: Facts, locals: Locals): Shape {
    const [first] = args
    if (name === 'orValue' || name === 'or' || name === 'value' || name === 'hasValue') {
      const receiver = this.walk(on, facts, locals)
      if (!receiver.optional && receiver.schema !== undefined) {
        this.#say(on.start, 'expression-type', `.${name}() belongs after a value that may be absent, as .? gives it`)
      }
      if (name === 'hasValue') return BOOL
      const value: Shape = { schema: receiver.schema }
      if (first === undefined) return value
      const other = this.walk(first, facts, locals)
      return name === 'or' ? { ...either(value, other), optional: true } : either(value, other)
    }
    const list = this.#present(on, facts, locals)
    const kinds = kindsOf(list.schema)
    if (kinds !== undefined && !kinds.has('list') && !kinds.has('map')) {
      this.#say(on.start, 'expression-type', `a list is needed before .${name}(), not ${inWords(kinds)}`)
    }
    if (first?.op !== 'id') {
      this.#say(first?.start ?? on.end, 'expression-syntax', `${name}() begins with a name for the item: .${name}(x, …)`)
      return ANY
    }
    const item: Shape = kinds?.has('map') ? TEXT : { schema: subschema(list.schema?.['items']) }
    const inner = new Map(locals).set(first.args, item)
    const shapes = args.slice(1).map((arg) => this.walk(arg, facts, inner))
    if (name === 'filter') return { schema: list.schema === undefined ? ANY_LIST : { type: 'array', ...common([item]) } }
    if (name === 'map') return { schema: { type: 'array', ...common(shapes.slice(-1)) } }
    const condition = kindsOf(shapes[0]?.schema)
    if (condition !== undefined && !condition.has('bool')) {
      this.#say(args[1]?.start ?? on.end, 'expression-type', `${name}() needs a condition, not ${inWords(condition)}`)
    }
    return BOOL
  }
}

function keyOf(node: ASTNode & { op: '.' | '[]' | '.?' | '[?]' }): string | undefined {
  const [, key] = node.args
  if (typeof key === 'string') return key
  return key.op === 'value' && typeof key.args === 'string' ? key.args : undefined
}

/** `items` where all have one and the same kind. */
function common(items: readonly Shape[]): { readonly items?: Schema } {
  const [first, ...rest] = items
  if (first?.schema === undefined) return {}
  const kind = [...(kindsOf(first.schema) ?? [])].join()
  const same = kind !== '' && rest.every(({ schema }) => [...(kindsOf(schema) ?? [])].join() === kind)
  if (!same) return {}
  const { const: _one, ...schema } = first.schema as { const?: unknown }
  return { items: rest.length === 0 ? first.schema : schema }
}

function either(a: Shape, b: Shape): Shape {
  const optional = a.optional || b.optional ? { optional: true } : {}
  if (a.schema === undefined || b.schema === undefined) return { schema: undefined, ...optional }
  return { schema: a.schema === b.schema ? a.schema : { anyOf: [a.schema, b.schema] }, ...optional }
}

function meant(name: string, names: readonly string[]): string {
  const found = nearest(name, names)
  return found === undefined || found === name ? '' : `; did you mean '${found}'?`
}
