/** Evaluates what a runbook's author wrote: `when`, `for_each`, `${{ }}` in `with`, and `binds`. */
import {
  type ActionSchemas, type Draft, type Json, type JsonObject, type Phase, type Runbook, type Schema, type Scope,
  type Step, UNKNOWN,
} from '../model.ts'
import { ABSENT } from './cel/convert.ts'
import { propertiesOf, subschema } from './cel/shape.ts'
import { parseTemplate } from './cel/template.ts'
import { misfits, withDefaults } from './fit.ts'
import { createInterpreter, failure, type Place } from './interpreter.ts'
import { isDateText } from '../dates.ts'
import { type Due, dueOf, plainDate } from './dates.ts'
import { valueAt } from './value-at.ts'

/** What the engine asks of a runbook's expressions; every method throws OnboardError (invalid) where one fails. */
export interface Evaluator {
  when(step: Step, scope: Scope): boolean | typeof UNKNOWN
  inputs(step: Step, scope: Scope): { readonly [key: string]: unknown }
  instances(step: Step, scope: Scope): readonly string[] | typeof UNKNOWN
  bound(step: Step, scope: Scope): JsonObject
  /** When this instance may begin; null where it may as soon as what it needs is done. */
  due(phase: Phase, step: Step, scope: Scope): Due | null
}

/**
 * An evaluator for one runbook. `schemas` tell integers from decimals in outputs and fill the defaults of inputs.
 * Expressions are compiled when they are first met.
 */
export function createEvaluator(runbook: Runbook, schemas: ActionSchemas): Evaluator {
  const run = createInterpreter(runbook, schemas)

  const text = (value: string, given: Scope, place: Place): Draft | typeof ABSENT => {
    const template = parseTemplate(value)
    if (template.kind === 'plain') return value
    if (template.kind === 'unclosed') throw failure(place, 'expression', '`${{` has no `}}`')
    if (template.kind === 'single') return run(template.source, given, place)
    let result = ''
    for (const part of template.parts) {
      const one = part.kind === 'text' ? part.text : run(part.source, given, place)
      if (one === UNKNOWN) return UNKNOWN
      if (one === ABSENT || one === null || typeof one === 'object') {
        const what = one === ABSENT ? 'no value' : one === null ? 'null' : 'a list or a map'
        throw failure(place, 'expression', `${what} cannot stand inside text`)
      }
      result += String(one)
    }
    return result
  }

  const draft = (value: Json, schema: Schema | undefined, given: Scope, place: Place): Draft | typeof ABSENT => {
    if (typeof value === 'string') return text(value, given, place)
    if (Array.isArray(value)) {
      const first = schema?.['x-first']
      if (typeof first === 'string') return untilFirst(value as readonly Json[], first, schema, given, place)
      const items = subschema(schema?.['items'])
      const made = (value as readonly Json[]).map((item, i) =>
        draft(item, items, given, { ...place, field: `${place.field}[${i}]` }),
      )
      return made.filter((item) => item !== ABSENT)
    }
    if (typeof value !== 'object' || value === null) return value
    const properties = schema === undefined ? undefined : propertiesOf(schema)
    const fields = Object.entries(value).flatMap(([key, item]) => {
      const one = draft(item, properties?.[key], given, { ...place, field: `${place.field}.${key}` })
      return one === ABSENT ? [] : [[key, one] as const]
    })
    return Object.fromEntries(fields)
  }

  /**
   * The items of a list up to the first whose field `first` is true or left out. Nothing after it is evaluated;
   * of those before it that field alone, and the rest stays as it is written.
   */
  const untilFirst = (
    items: readonly Json[], first: string, schema: Schema | undefined, given: Scope, place: Place,
  ): Draft => {
    const made: Draft[] = []
    for (const [i, item] of items.entries()) {
      const at = { ...place, field: `${place.field}[${i}]` }
      if (typeof item !== 'object' || item === null || Array.isArray(item)) return [...made, item]
      const fields = item as JsonObject
      const holds = fields[first] === undefined
        ? true
        : draft(fields[first], undefined, given, { ...at, field: `${at.field}.${first}` })
      if (holds === UNKNOWN) return [...made, UNKNOWN]
      if (holds !== false && holds !== ABSENT) {
        const { [first]: _known, ...rest } = fields
        const whole = draft(rest, subschema(schema?.['items']), given, at) as { readonly [key: string]: Draft }
        return [...made, { ...(fields[first] === undefined ? {} : { [first]: holds }), ...whole }]
      }
      made.push({ ...fields, [first]: false })
    }
    return made
  }

  return {
    when(step, given) {
      if (step.when === null) return true
      const place = { step, field: 'when' }
      const value = run(step.when, given, place)
      if (value === UNKNOWN || typeof value === 'boolean') return value
      throw failure(place, 'expression', `\`${step.when}\` must be true or false`)
    },

    inputs(step, given) {
      const place = { step, field: 'with' }
      const schema = schemas.get(step.uses)?.input
      const value = draft(step.with, schema, given, place)
      const filled = schema === undefined ? value : withDefaults(value, schema)
      const [first] = schema === undefined ? [] : misfits(filled, schema)
      if (first !== undefined) {
        throw failure({ step, field: ['with', ...first.path].join('.') }, 'step-input', first.message)
      }
      return filled as { readonly [key: string]: unknown }
    },

    instances(step, given) {
      if (step.on !== undefined) return step.on.map(({ key }) => key)
      if (step.for_each === null) return ['']
      const place = { step, field: 'for_each' }
      const value = run(step.for_each, given, place)
      if (value === UNKNOWN) return UNKNOWN
      if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
        throw failure(place, 'expression', `\`${step.for_each}\` must be a list of texts`)
      }
      const unfit = value.find(
        (item, i) => !/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(item) || value.indexOf(item) !== i,
      )
      if (unfit === undefined) return value
      const names = 'letters, digits, dot, hyphen, underscore (use slug())'
      throw failure(place, 'expression', `instance ${JSON.stringify(unfit)} is there twice or not a name: ${names}`)
    },

    due(phase, step, given) {
      return dueOf(phase, step, given.each, given.config, (at, field) => {
        const plain = plainDate(at, given)
        const found = plain === undefined ? run(at, given, { step, field }) : plain
        if (found === null || (typeof found === 'string' && isDateText(found))) return found
        throw failure({ step, field }, 'expression', `\`${at}\` must be a date`)
      })
    },

    bound(step, given) {
      const found: Record<string, Json> = {}
      for (const path of step.binds) found[path] = valueAt(path, given)
      return found
    },
  }
}
