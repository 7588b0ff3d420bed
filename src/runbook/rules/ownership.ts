import type { DraftStep, Rule } from '../draft.ts'
import { type Judge, misfits } from '../fit.ts'

/** What an expression gives fits as far as we know. */
const expression: Judge = (value) => (typeof value === 'string' && value.includes('${{') ? [] : undefined)

/**
 * owned-twice: two steps bring one and the same thing to a state of their own, so that each run would undo the other's.
 * Expressions stand for their values: the same text is the same value. Steps that are chosen by different conditions,
 * steps that repeat, and procedures are left out.
 */
export const ownership: Rule = ({ phases, actions, findings }) => {
  const owners = new Map<string, DraftStep>()
  for (const { steps, procedure } of phases) {
    if (procedure) continue
    for (const draft of steps) {
      const { step, path, phase } = draft
      if (step.for_each !== null) continue
      for (const thing of owned(draft)) {
        const other = owners.get(thing) ?? draft
        owners.set(thing, other)
        // Steps under different conditions may be meant for different customers.
        const apart = step.when !== null && other.step.when !== null && step.when !== other.step.when
        if (other !== draft && !apart) {
          const name = other.phase === phase ? other.step.id : `${other.phase.phase.id}.${other.step.id}`
          const { file, line } = other.phase.document.locate(other.path)
          const message = `step '${name}' (${file}:${line}) sets ${inWords(thing)} as well: one step must own it`
          findings.say(phase.document, [...path, 'uses'], 'owned-twice', message)
        }
      }
    }
  }

  function owned({ step }: DraftStep): readonly string[] {
    const action = actions.get(step.uses)
    // Inputs that are wrong are another rule's to say.
    if (action?.owns === undefined || misfits(step.with, action.input, expression).length > 0) return []
    try {
      return [...new Set(action.owns(step.with as never))]
    } catch {
      return [] // they are not literal enough
    }
  }
}

/** `tenant/acme/settings/mfa` → `settings.mfa of tenant acme`; an expression and a text in quotes are one word. */
function inWords(thing: string): string {
  const [sort = '', name = '', ...fields] = thing.match(/(?:\$\{\{.*?\}\}|"(?:[^"\\]|\\.)*"|[^/])+/g) ?? []
  return fields.length === 0 ? `${sort} ${name}` : `${fields.join('.')} of ${sort} ${name}`
}
