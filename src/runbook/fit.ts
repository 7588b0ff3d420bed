/** Whether a value fits a schema: the subset of draft-07 that actions use, checked as far as the value is known. */
import { type ActionSchema, type Schema, type Step, UNKNOWN } from '../model.ts'
import {
  alternativesOf, enumOf, isSure, kindOfValue, kindsOf, type Kind, propertiesOf, subschema,
} from './cel/shape.ts'

export interface Misfit {
  /** Keys and indices from the value checked down to what does not fit. */
  readonly path: readonly (string | number)[]
  readonly message: string
  readonly rule: 'input-missing' | 'input-unknown' | 'input-type' | 'input-value'
  /** For an unknown field: the names that there are. */
  readonly known?: readonly string[]
}

/** What stands where a value is not there to be checked; it says itself what is wrong with it. */
export type Judge = (
  value: unknown,
  schema: Schema,
  path: Misfit['path'],
  optional: boolean,
) => readonly Misfit[] | undefined

const never: Judge = (value) => (value === UNKNOWN ? [] : undefined)

const NAMES: Readonly<Record<Kind, string>> = {
  string: 'text', int: 'an integer', double: 'a number', bool: 'true or false', list: 'a list', map: 'a map',
  null: 'null', timestamp: 'an instant', duration: 'a duration',
}

/** Kinds in words: `text or null`. */
export function inWords(kinds: Iterable<Kind>): string {
  return [...kinds].map((kind) => NAMES[kind]).join(' or ')
}

/** Whether a value of this kind may stand where that kind is wanted. */
export function kindFits(kind: Kind, wanted: ReadonlySet<Kind>): boolean {
  // Instants and durations leave an expression as texts.
  return (
    wanted.has(kind) ||
    (kind === 'int' && wanted.has('double')) ||
    ((kind === 'timestamp' || kind === 'duration') && wanted.has('string'))
  )
}

/** All that does not fit. `judge` takes over for values it knows, such as expressions: undefined = none of its own. */
export function misfits(value: unknown, schema: Schema, judge: Judge = never): Misfit[] {
  return walk(value, schema, [], judge, false)
}

function walk(value: unknown, schema: Schema, path: Misfit['path'], judge: Judge, optional: boolean): Misfit[] {
  const judged = judge(value, schema, path, optional)
  if (judged !== undefined) return [...judged]
  const alternatives = alternativesOf(schema)
  if (alternatives !== undefined && schema['type'] === undefined) {
    const results = alternatives.map((one) => walk(value, one, path, judge, optional))
    return results.find((found) => found.length === 0) ?? closest(results)
  }
  const wanted = kindsOf(schema)
  const kind = kindOfValue(value)
  if (wanted !== undefined && !kindFits(kind, wanted)) {
    return [{ path, rule: 'input-type', message: `${inWords(wanted)} is needed here, not ${inWords([kind])}` }]
  }
  const allowed = enumOf(schema)
  if (allowed !== undefined && !allowed.some((one) => one === value)) {
    const message = `${JSON.stringify(value)} is not one of ${allowed.join(', ')}`
    return [{ path, rule: 'input-value', message, known: allowed.map(String) }]
  }
  if (typeof value === 'string') return said(path, textTrouble(value, schema))
  if (typeof value === 'number') return said(path, numberTrouble(value, schema))
  if (Array.isArray(value)) {
    const items = subschema(schema['items'])
    const inside = items === undefined ? [] : value.flatMap((item, i) => walk(item, items, [...path, i], judge, true))
    return [...said(path, sizeTrouble(value.length, schema, 'minItems', 'maxItems', 'item')), ...inside]
  }
  return typeof value === 'object' && value !== null ? ofObject(value, schema, path, judge) : []
}

function ofObject(value: object, schema: Schema, path: Misfit['path'], judge: Judge): Misfit[] {
  const properties = propertiesOf(schema) ?? {}
  const others = schema['additionalProperties']
  const rest = subschema(others)
  const found: Misfit[] = []
  for (const key of requiredOf(schema)) {
    if (!Object.hasOwn(value, key)) found.push({ path, rule: 'input-missing', message: `'${key}' is missing` })
  }
  for (const [key, item] of Object.entries(value)) {
    const field = Object.hasOwn(properties, key) ? properties[key] : rest
    if (field !== undefined) found.push(...walk(item, field, [...path, key], judge, !requiredOf(schema).includes(key)))
    else if (others === false) {
      const message = `there is no '${key}' here`
      found.push({ path: [...path, key], rule: 'input-unknown', message, known: Object.keys(properties) })
    }
  }
  return [
    ...found, ...said(path, sizeTrouble(Object.keys(value).length, schema, 'minProperties', 'maxProperties', 'entry')),
  ]
}

export function requiredOf(schema: Schema): readonly string[] {
  const required = schema['required']
  return Array.isArray(required) ? required.map(String) : []
}

/** Of several alternatives none of which fits, the complaint of the one that came nearest. */
function closest(results: readonly Misfit[][]): Misfit[] {
  const reached = ({ path, rule }: Misfit) => path.length * 2 + (rule === 'input-type' ? 0 : 1)
  const depth = (found: readonly Misfit[]) => Math.min(...found.map(reached))
  return [...results].sort((a, b) => depth(b) - depth(a))[0] ?? []
}

function said(path: Misfit['path'], message: string | undefined): Misfit[] {
  return message === undefined ? [] : [{ path, rule: 'input-value', message }]
}

function limit(schema: Schema, keyword: string): number | undefined {
  const value = schema[keyword]
  return typeof value === 'number' ? value : undefined
}

function sizeTrouble(size: number, schema: Schema, low: string, high: string, thing: string): string | undefined {
  const [min, max] = [limit(schema, low), limit(schema, high)]
  const there = `there ${size === 1 ? 'is' : 'are'} ${size}`
  if (min !== undefined && size < min) return `at least ${min} ${thing}${min === 1 ? '' : 's'} needed, ${there}`
  return max !== undefined && size > max ? `at most ${max} ${thing}s allowed, there are ${size}` : undefined
}

function textTrouble(value: string, schema: Schema): string | undefined {
  const pattern = schema['pattern']
  if (typeof pattern === 'string' && !new RegExp(pattern, 'u').test(value)) {
    return `${JSON.stringify(value)} does not have the form ${pattern}`
  }
  return sizeTrouble([...value].length, schema, 'minLength', 'maxLength', 'character')
}

function numberTrouble(value: number, schema: Schema): string | undefined {
  const [min, max] = [limit(schema, 'minimum'), limit(schema, 'maximum')]
  const above = limit(schema, 'exclusiveMinimum')
  if (min !== undefined && value < min) return `${value} is less than ${min}`
  if (above !== undefined && value <= above) return `${value} is not more than ${above}`
  return max !== undefined && value > max ? `${value} is more than ${max}` : undefined
}

/** The value with the defaults of the schema filled in where a field is missing. */
export function withDefaults(value: unknown, schema: Schema): unknown {
  if (Array.isArray(value)) {
    const items = subschema(schema['items'])
    return items === undefined ? value : value.map((item) => withDefaults(item, items))
  }
  if (typeof value !== 'object' || value === null) return value
  const properties = propertiesOf(schema) ?? {}
  const filled: Record<string, unknown> = { ...value }
  for (const [key, field] of Object.entries(properties)) {
    if (Object.hasOwn(filled, key)) filled[key] = withDefaults(filled[key], field)
    else if (isSure(schema, key) && 'default' in field) filled[key] = field['default']
  }
  return filled
}

/** The schema of a step's outputs: of one that repeats, an object by instance. */
export function outputsOf(action: ActionSchema | undefined, step: Step): Schema | undefined {
  if (action === undefined) return undefined
  const output = outputFor(action, step)
  return repeats(step) ? { type: 'object', additionalProperties: output } : output
}

/** Whether a step has instances. */
export function repeats(step: Step): boolean {
  return step.for_each !== null || step.on !== undefined
}

function outputFor(action: ActionSchema, step: Step): Schema {
  try {
    return action.outputFor?.(step.with as never) ?? action.output
  } catch {
    return action.output // inputs that do not fit are found elsewhere
  }
}
