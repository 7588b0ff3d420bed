/** Runs single expressions of a runbook in a scope: inputs, and the outputs of steps, as they are read. */
import type { ParseResult } from '@marcbachmann/cel-js'
import { OnboardError } from '../errors.ts'
import { UNKNOWN } from '../model.ts'
import type { ActionSchemas, Json, Phase, Runbook, Schema, Scope, Step } from '../model.ts'
import { ABSENT, fromCel, toCel } from './cel/convert.ts'
import { parseExpression, troubleOf } from './cel/program.ts'
import { CONTEXT_SCHEMAS, procedureSchema } from './contexts.ts'
import { outputsOf } from './fit.ts'

/** Thrown from inside an expression that reads what is known only after apply; `unknown || true` is still true. */
class Unknown extends Error {}

/** One for all: where it was thrown is of no interest, and to find that out takes longer than the rest. */
const UNKNOWN_READ = new Unknown()

/** Thrown by action schemas that were not loaded; passed on as it is. */
export class SchemaNeeded extends Error {}

/** What is needed to say where something failed. */
export interface Place {
  readonly step: Step
  /** `when`, or a path in `with`: `with.slug`. */
  readonly field: string
}

export function failure(place: Place, code: string, message: string, cause?: unknown): OnboardError {
  const { step, field } = place
  const { file, line } = step.at
  return new OnboardError('invalid', code, `${file}:${line}: step ${step.id}, ${field}: ${message}`, {
    at: step.at,
    suggestions: [`onboard runbook lint ${/(?:^|\/)([^/]+)\/phases\/[^/]*$/.exec(file)?.[1] ?? ''}`.trim()],
    ...(cause === undefined ? {} : { cause }),
  })
}

/** The value of an expression; throws OnboardError (invalid) where it cannot be read, or fails. */
export type Interpret = (source: string, scope: Scope, place: Place) => Json | typeof UNKNOWN | typeof ABSENT

/**
 * Runs the expressions of one runbook. `schemas` tell integers from decimals in outputs.
 * Expressions are compiled when they are first met.
 */
export function createInterpreter(runbook: Runbook, schemas: ActionSchemas): Interpret {
  const programs = new Map<string, ParseResult>()
  const converted = new WeakMap<object, unknown>()
  let scope: Scope | undefined

  const cel = (value: unknown, schema: Schema | undefined): unknown => {
    if (typeof value !== 'object' || value === null) return toCel(value, schema)
    const known = converted.get(value)
    if (known !== undefined) return known
    const made = toCel(value, schema)
    converted.set(value, made)
    return made
  }

  const output = (phase: Phase, step: Step): unknown => {
    const value = scope?.outputs.get(phase.id)?.get(step.id)
    if (value === undefined || value === UNKNOWN) throw UNKNOWN_READ
    if (value === null) return null // of a step that was skipped or waived: no schema is needed to know that
    return cel(value, outputsOf(schemas.get(step.uses), step))
  }
  const stepsOf = (phase: Phase): object => {
    const steps: object = Object.create(null)
    for (const step of phase.steps) {
      const one = Object.create(null, { outputs: { enumerable: true, get: () => output(phase, step) } })
      Object.defineProperty(steps, step.id, { enumerable: true, value: one })
    }
    return steps
  }
  const all = [...runbook.phases, ...runbook.procedures]
  const phases: object = Object.create(null)
  for (const phase of all) {
    Object.defineProperty(phases, phase.id, { enumerable: true, value: { steps: stepsOf(phase) } })
  }

  const context = (given: Scope): Record<string, unknown> => ({
    handoff: cel(given.handoff, runbook.inputs['handoff']),
    discovery: cel(given.discovery, runbook.inputs['discovery']),
    config: cel(given.config, runbook.inputs['config']),
    onboarding: cel(given.onboarding, CONTEXT_SCHEMAS.onboarding),
    steps: (phases as Record<string, { steps: object }>)[given.phase]?.steps ?? {},
    phases,
    ...(given.each === undefined ? {} : { each: given.each }),
    ...(given.procedure === undefined ? {} : { procedure: cel(given.procedure, procedureSchema({})) }),
  })

  const compiled = (source: string, place: Place): ParseResult => {
    const known = programs.get(source)
    if (known !== undefined) return known
    const parsed = parseExpression(source)
    if (!parsed.ok) throw failure(place, 'expression', `\`${source.trim()}\` cannot be read: ${parsed.message}`)
    programs.set(source, parsed.program)
    return parsed.program
  }

  return (source, given, place) => {
    const program = compiled(source, place)
    const outer = scope
    scope = given
    try {
      return fromCel(program(context(given)))
    } catch (error) {
      if (error instanceof Unknown) return UNKNOWN
      if (error instanceof SchemaNeeded) throw error
      throw failure(place, 'expression', `\`${source.trim()}\` failed: ${troubleOf(error).message}`, error)
    } finally {
      scope = outer
    }
  }
}
