/** Functions and macros. */
import type { Schema } from '../../model.ts'
import { inWords } from '../fit.ts'
import { field, stepOrPhase } from './access.ts'
import { isDateText } from '../../dates.ts'
import { DATE, isDate, isInstant } from './dates.ts'
import type { Facts } from './facts.ts'
import { FUNCTIONS, isInstantText, isSpanText, MACROS } from './functions.ts'
import { schemaOfKind } from './operators.ts'
import type { ASTNode } from './program.ts'
import { ANY, itemsOf, kindsOf, type Kind, only, type Shape, withoutNull } from './shape.ts'
import { BOOL, common, either, type Locals, meant, type Walk } from './walk.ts'

const TEXT: Shape = { schema: { type: 'string' } }

const SETTLED = ': a step has its turn once what it needs is settled, so leave it out'

/** What is said of functions that people know from elsewhere. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['matches', ': write glob(…), with * and ?'], ['success', SETTLED], ['always', SETTLED], ['cancelled', SETTLED],
  ['failure', ": nothing runs because a step failed; what is done then stands in a procedure's phase"],
  ['format', ': write the parts with ${{ }} into the text, or join them with +'], ['now', ': write onboarding.today'],
])

/** Texts of a form of their own. */
interface TextForm {
  /** Whether a text that stands in the expression is one. */
  right(literal: string): boolean
  /** Whether every text of a schema is. */
  sure(schema: Schema | undefined): boolean
  readonly like: string
  readonly unsure: string
}

const TEXTS: ReadonlyMap<string, TextForm> = new Map([
  ['date', {
    right: isDateText,
    sure: isDate,
    like: 'a date like 2026-02-03',
    unsure: 'needs a date, and this may be any text: write date(…) around it',
  }],
  ['instant', {
    right: isInstantText,
    sure: isInstant,
    like: 'an instant like 2026-02-03T09:30:00Z',
    unsure: 'needs an instant, as schemas with format: date-time give it; this may be any text',
  }],
  ['span', {
    right: isSpanText,
    sure: () => true,
    unsure: '',
    like: 'a duration of hours, minutes and seconds like 36h or 1h30m; '
      + 'days are counted by add_days() and add_business_days()',
  }],
])

const ANY_LIST: Schema = { type: 'array' }

/** The shape that a function or macro gives, `on` being what it is called on. */
export function call(
  walk: Walk, node: ASTNode, name: string, on: ASTNode | null, args: readonly ASTNode[], facts: Facts, locals: Locals,
): Shape {
  const [first] = args
  if (on === null && name === 'has') return has(walk, node, first, facts, locals)
  if (on !== null && (MACROS as readonly string[]).includes(name)) return macro(walk, name, on, args, facts, locals)
  const named = FUNCTIONS.filter((one) => one.name === name && (one.receiver === null) === (on === null))
  const receiver = on && walk.present(on, facts, locals)
  const given = args.map((arg) => walk.present(arg, facts, locals))
  const at = on === null ? node.start : node.input.indexOf(`.${name}`, on.end) + 1
  if (named.length === 0) {
    const rest = INSTEAD.get(name) ?? meant(name, FUNCTIONS.map((one) => one.name))
    walk.say(at, 'unknown-function', `there is no function '${name}'${rest}`)
    return ANY
  }
  for (const shape of [...(receiver === null ? [] : [receiver]), ...given]) {
    if (shape.optional) {
      walk.say(at, 'expression-type', `${name}() is given a value that may be absent: add .orValue(…)`)
    }
  }
  const fits = (wanted: string, shape: Shape): boolean => {
    const kinds = kindsOf(shape.schema)
    if (wanted === 'texts') return only(kinds, 'list') && only(kindsOf(itemsOf(shape.schema)), 'string')
    return wanted === 'any' || only(kinds, TEXTS.has(wanted) ? 'string' : (wanted as Kind))
  }
  const found = named.find(
    (one) =>
      one.args.length === args.length &&
      one.args.every((wanted, i) => fits(wanted, given[i] ?? ANY)) &&
      (receiver === null || fits(one.receiver ?? 'any', receiver)),
  )
  if (found === undefined) {
    const receiverName = (kind: string | null): string =>
      kind === null ? '' : `${kind === 'texts' ? 'list of texts' : kind}.`
    const forms = named.map((one) => `${receiverName(one.receiver)}${name}(${one.args.map(argName).join(', ')})`)
    walk.say(at, 'expression-type', `${name}() is called as ${forms.join(' or ')}`)
    return ANY
  }
  found.args.forEach((wanted, i) => {
    const arg = args[i]
    const text = TEXTS.get(wanted)
    if (arg === undefined || text === undefined) return
    const literal = arg.op === 'value' && typeof arg.args === 'string' ? arg.args : undefined
    if (literal === undefined ? text.sure(given[i]?.schema) : text.right(literal)) return
    walk.say(
      arg.start, 'expression-type',
      literal === undefined ? `${name}() ${text.unsure}` : `${literal} is not ${text.like}`,
    )
  })
  if (found.result === 'texts') return { schema: { type: 'array', items: { type: 'string' } } }
  if (found.result === 'date') return { schema: DATE }
  return found.result === 'any' ? ANY : { schema: schemaOfKind(found.result as Kind) }
}

function has(walk: Walk, node: ASTNode, tested: ASTNode | undefined, facts: Facts, locals: Locals): Shape {
  if (tested === undefined || (tested.op !== '.' && tested.op !== '.?')) {
    walk.say(node.start, 'expression-type', 'has() takes the path of a field: has(handoff.technical.sso)')
    return BOOL
  }
  // The last receiver may be null: has() is false then; everything before it must be there.
  const receiver = walk.shape(tested.args[0], facts, locals)
  const schema = receiver.schema && withoutNull(receiver.schema)
  const at = tested.end - tested.args[1].length
  if (stepOrPhase(walk, receiver.path, tested.args[1], at) === undefined) field(walk, { schema }, tested.args[1], at)
  return BOOL
}

function macro(walk: Walk, name: string, on: ASTNode, args: readonly ASTNode[], facts: Facts, locals: Locals): Shape {
  const [first] = args
  if (name === 'orValue' || name === 'or' || name === 'value' || name === 'hasValue') {
    const receiver = walk.shape(on, facts, locals)
    if (!receiver.optional && receiver.schema !== undefined) {
      walk.say(on.start, 'expression-type', `.${name}() belongs after a value that may be absent, as .? gives it`)
    }
    if (name === 'hasValue') return BOOL
    const value: Shape = { schema: receiver.schema }
    if (first === undefined) return value
    const other = walk.shape(first, facts, locals)
    return name === 'or' ? { ...either(value, other), optional: true } : either(value, other)
  }
  const list = walk.present(on, facts, locals)
  const kinds = kindsOf(list.schema)
  if (!only(kinds, 'list', 'map')) {
    walk.say(on.start, 'expression-type', `a list is needed before .${name}(), not ${inWords(kinds ?? [])}`)
  }
  if (first?.op !== 'id') {
    walk.say(first?.start ?? on.end, 'expression-syntax', `${name}() begins with a name for the item: .${name}(x, …)`)
    return ANY
  }
  const item: Shape = kinds?.has('map') ? TEXT : { schema: itemsOf(list.schema) }
  const inner = new Map(locals).set(first.args, item)
  // What was known of another value of this name does not hold for the item.
  const about = new RegExp(`^\\w+:${first.args}(\\.|$)`)
  const still: Facts = new Set([...facts].filter((fact) => !about.test(fact)))
  const shapes = args.slice(1).map((arg) => walk.shape(arg, still, inner))
  if (name === 'filter') return { schema: list.schema === undefined ? ANY_LIST : { type: 'array', ...common([item]) } }
  if (name === 'map') return { schema: { type: 'array', ...common(shapes.slice(-1)) } }
  const condition = kindsOf(shapes[0]?.schema)
  if (!only(condition, 'bool')) {
    walk.say(
      args[1]?.start ?? on.end, 'expression-type', `${name}() needs a condition, not ${inWords(condition ?? [])}`,
    )
  }
  return BOOL
}

/** An argument as it is shown: the texts of a form of their own are texts. */
export function argName(wanted: string): string {
  return wanted === 'instant' || wanted === 'span' ? 'string' : wanted
}
