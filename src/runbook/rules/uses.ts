import { meant, type Rule } from '../draft.ts'

/** unknown-action: `uses` names what nobody has written. */
export const uses: Rule = ({ phases, actions, actionNames, findings }) => {
  for (const { steps, document } of phases) {
    for (const { step, path } of steps) {
      if (step.uses === '' || actions.has(step.uses)) continue
      const message = `there is no action '${step.uses}'${meant(step.uses, actionNames)}`
      findings.say(document, [...path, 'uses'], 'unknown-action', message)
    }
  }
}
