import { meant, type Rule } from '../draft.ts'

const UNDO = 'onboarding.undo'

/**
 * procedure: conditions in a phase that runs in sequence; onboarding.undo in such a phase,
 * which would take itself back; one that goes back to a phase or step that is not there.
 */
export const procedures: Rule = ({ phases, findings }) => {
  const places = phases
    .filter(({ procedure }) => !procedure)
    .flatMap(({ phase }) => [phase.id, ...phase.steps.map(({ id }) => `${phase.id}.${id}`)])
  for (const { phase, procedure, steps, document } of phases) {
    if (!procedure && phase.conditions !== undefined) {
      const message = `'${phase.id}' is no procedure: nothing begins it under a condition`
      findings.say(document, ['conditions'], 'procedure', message, 'key')
    }
    for (const { step, path } of steps.filter((one) => one.step.uses === UNDO)) {
      if (!procedure) {
        findings.say(
          document, [...path, 'uses'], 'procedure', `${UNDO} belongs into a procedure: here it would take itself back`,
        )
      }
      const { to, only } = step.with
      const named = [
        [to, ['to']] as const, ...(Array.isArray(only) ? only : []).map((one, i) => [one, ['only', i]] as const),
      ]
      for (const [name, at] of named) {
        if (typeof name !== 'string' || name.includes('${{') || places.includes(name)) continue
        findings.say(
          document, [...path, 'with', ...at], 'procedure', `there is no '${name}' to go back to${meant(name, places)}`,
        )
      }
    }
  }
}
