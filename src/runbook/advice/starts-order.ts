import { comesBefore } from '../order.ts'
import type { Advice } from './advice.ts'

export const startsOrder: Advice = {
  name: 'starts-order',
  level: 'warning',
  inOrder: true,
  finds: 'A phase that starts after another one which it does not need.',
  instead: 'The plan shows one order and the run keeps another. Name the phase under needs as well.',
  check({ draft, say }) {
    const phases = new Map(draft.phases.map(({ phase }) => [phase.id, phase]))
    for (const { phase, document, procedure } of draft.phases) {
      const after = phase.starts?.after
      if (after === undefined || procedure || !phases.has(after) || comesBefore(phases, after, phase.id)) continue
      say(
        document, ['starts', 'after'],
        `this phase does not need '${after}', so it may begin before '${after}' has ended`,
      )
    }
  },
}
