import { OnboardError } from '../errors.ts'
import type { Action } from '../contract.ts'
import type { JsonObject } from '../model.ts'
import type { Work } from './ports.ts'
import type { Turn } from './walk.ts'
import { wordDigest } from './readiness.ts'

/** The action of a step, or an error that says where its name stands. */
export async function actionOfStep(work: Work, turn: Pick<Turn, 'step'>): Promise<Action> {
  const action = await work.catalogue.load(turn.step.uses)
  if (action) return action
  throw new OnboardError(
    'invalid', 'unknown-action',
    `step '${turn.step.id}' uses '${turn.step.uses}', which is not an action here`,
    { at: turn.step.at, suggestions: ['onboard action list'] },
  )
}

/** `with:` evaluated, defaults of the action's schema filled in. UNKNOWN may stand in it. */
export function inputsOf(work: Work, turn: Turn, action: Action): Record<string, unknown> {
  const given = work.evaluator.inputs(turn.step, turn.scope)
  const properties = (action.input['properties'] ?? {}) as Record<string, { default?: unknown }>
  const defaults = Object.entries(properties).filter(([, schema]) => schema?.default !== undefined)
  return { ...Object.fromEntries(defaults.map(([name, schema]) => [name, schema.default])), ...present(given) }
}

/**
 * An input that evaluates to null is an input that was not given, unless the schema is asked:
 * optional fields stay optional.
 */
function present(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

/** The question that an asking step puts now, and the digest of what a word on it is bound to. */
export function questionOf(work: Work, turn: Turn, action: Extract<Action, { kind: 'ask' }>) {
  const inputs = inputsOf(work, turn, action)
  const asked = action.ask(inputs as never)
  // A step asks its owners unless it names others.
  const question = { ...asked, from: asked.from.length > 0 ? asked.from : turn.step.owner }
  return { question, binds: wordDigest(turn.step, question, work.evaluator.bound(turn.step, turn.scope) as JsonObject) }
}

