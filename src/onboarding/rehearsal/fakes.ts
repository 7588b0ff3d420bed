import type { Action, Reader } from '../../contract.ts'
import { canonical } from '../../engine/digest.ts'
import type { Catalogue } from '../../engine/ports.ts'
import { OnboardError } from '../../errors.ts'
import type { ActionSchema, ActionSchemas, Change, Evidence, Json, JsonObject } from '../../model.ts'
import type { Given } from './script.ts'
import { sample } from './sample.ts'

/** Says how a step's action behaves; the step by `phase.step`, with `/instance` where it repeats. */
export type Behaviour = (step: string) => Given | undefined

interface Seen {
  readonly step: string
  readonly state: JsonObject | null
}

/**
 * Actions that do nothing but remember. Of the real ones those are run that cannot do anything either: a question, and
 * a probe that looks at its inputs alone; `isOutside` tells the error of one that wanted to see more.
 */
export function fakeCatalogue(
  schemas: ActionSchemas, real: Catalogue, behaviour: Behaviour, isOutside: (error: unknown) => boolean,
): Catalogue {
  const world = new Map<string, JsonObject>()
  const made = new Map<string, Promise<Action | undefined>>()
  const make = async (name: string): Promise<Action | undefined> => {
    const schema = schemas.get(name)
    if (schema === undefined) return undefined
    if (schema.kind === 'ask') return real.load(name)
    if (schema.kind === 'effect') return effect(name, schema, world, behaviour)
    return probe(schema, await real.load(name), behaviour, isOutside)
  }
  return {
    names: () => [...schemas.keys()],
    load: (name) => {
      const action = made.get(name) ?? make(name)
      made.set(name, action)
      return action
    },
  }
}

/** `acme/provision/tenant` → `provision.tenant`; the onboarding's name may have a slash of its own in no test. */
function stepOf(key: string): string {
  const [, phase, step, instance] = key.split('/')
  return `${phase}.${step}${instance === undefined ? '' : `/${instance}`}`
}

function effect(name: string, schema: ActionSchema, world: Map<string, JsonObject>, behaviour: Behaviour): Action {
  const desired = (input: unknown) => JSON.parse(canonical(input)) as JsonObject
  return {
    kind: 'effect',
    title: schema.title, example: schema.example, input: schema.input, output: schema.output,
    where: 'database',
    issues: [],
    owns: () => [],
    async check(read: Reader, input: unknown): Promise<Seen> {
      const step = stepOf(read.key)
      return { step, state: world.get(step) ?? (behaviour(step)?.exists === true ? desired(input) : null) }
    },
    plan(input: unknown, { step, state }: Seen): Change | null {
      const after = desired(input)
      return canonical(state) === canonical(after) ? null : { target: `${name} of ${step}`, before: state, after, step }
    },
    async apply(_write: unknown, change: Change & { readonly step: string }) {
      const fails = behaviour(change.step)?.fails
      if (fails !== undefined) throw new OnboardError('failed', 'given', fails)
      world.set(change.step, change.after ?? {})
    },
    outputs: (input: unknown, { step }: Seen): Json => made(schema, input, behaviour(step)),
    undo: async () => undefined,
    reissue: undefined,
  } as unknown as Action
}

function probe(
  schema: ActionSchema, real: Action | undefined, behaviour: Behaviour, isOutside: (error: unknown) => boolean,
): Action {
  const outputs = new WeakMap<Evidence, Json>()
  return {
    kind: 'probe',
    title: schema.title, example: schema.example, input: schema.input, output: schema.output,
    touches: 'nothing',
    pure: real?.kind === 'probe' && real.pure,
    max_age_ms: real?.kind === 'probe' ? real.max_age_ms : null,
    due: real?.kind === 'probe' ? real.due : undefined,
    async probe(read: Reader, input: unknown): Promise<Evidence> {
      const given = behaviour(stepOf(read.key))
      if (real?.kind === 'probe' && given?.result === undefined) {
        try {
          return await real.probe(read, input as never)
        } catch (error) {
          if (!isOutside(error)) throw error
        }
      }
      const { result = 'pass', summary = 'as the test says' } = given ?? {}
      const evidence: Evidence = result === 'not_checked'
        ? { result, reason: summary }
        : { result, summary, data: null }
      outputs.set(evidence, made(schema, input, given))
      return evidence
    },
    outputs: (input: unknown, evidence: Evidence): Json =>
      outputs.get(evidence) ?? (real?.kind === 'probe' ? real.outputs(input as never, evidence) : null),
  } as unknown as Action
}

function made(schema: ActionSchema, input: unknown, given: Given | undefined): Json {
  const output = schema.outputFor?.(input as never) ?? schema.output
  const values = sample(output, '', input as Readonly<Record<string, unknown>>)
  return given?.outputs === undefined ? values : { ...(values as JsonObject), ...given.outputs }
}
