import type { Advice } from './advice.ts'

export const wordBindsNothing: Advice = {
  name: 'word-binds-nothing',
  level: 'warning',
  finds: 'A step that asks a person, whose question reads inputs, and which binds none of them.',
  instead:
    'What was confirmed is not said apart from the wording. Name the values under binds, such as handoff.commercial.',
  check({ draft, say }) {
    for (const { step, path, phase } of draft.phases.flatMap(({ steps }) => steps)) {
      if (draft.actions.get(step.uses)?.kind !== 'ask' || step.binds.length > 0) continue
      if (!/\$\{\{[^}]*\b(?:handoff|discovery)\b/.test(JSON.stringify(step.with))) continue
      say(
        phase.document, [...path, 'uses'],
        `${step.uses} asks about inputs and binds none: say under binds what the word is given on`,
      )
    }
  },
}
