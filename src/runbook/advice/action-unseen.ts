import type { Advice } from './advice.ts'

export const actionUnseen: Advice = {
  name: 'action-unseen',
  level: 'warning',
  finds:
    'A step whose action is code of this workspace that was not loaded, because nobody has trusted it as it is now.',
  instead: 'What the step gives it and reads of it was not checked. Look at the code, then type onboard trust.',
  check({ draft, say }) {
    for (const { step, path, phase } of draft.phases.flatMap(({ steps }) => steps)) {
      if (draft.actions.get(step.uses)?.unseen !== true) continue
      const message = `${step.uses} is code that was not loaded, so what it takes and gives is not checked: `
        + 'onboard trust'
      say(phase.document, [...path, 'uses'], message)
    }
  },
}
