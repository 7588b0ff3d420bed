import type { Advice } from './advice.ts'

export const retryPointless: Advice = {
  name: 'retry-pointless',
  level: 'warning',
  finds: 'A retry or a timeout on a step that waits for a person.',
  instead: 'Nothing is tried there that could be tried again. Leave it out.',
  check({ draft, say }) {
    for (const { step, path, phase } of draft.phases.flatMap(({ steps }) => steps)) {
      if (draft.actions.get(step.uses)?.kind !== 'ask') continue
      for (const [key, value] of [['retry', step.retry], ['timeout', step.timeout_ms]] as const) {
        if (value !== null) {
          say(phase.document, [...path, key], `${step.uses} waits for a person: ${key} has no effect`, 'key')
        }
      }
    }
  },
}
