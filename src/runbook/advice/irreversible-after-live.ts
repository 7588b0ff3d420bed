import type { DraftStep } from '../draft.ts'
import { comesBefore } from '../order.ts'
import type { Advice } from './advice.ts'

/** The milestone with this name holds the steps by which the customer goes live. */
const LIVE = 'live'

export const irreversibleAfterLive: Advice = {
  name: 'irreversible-after-live',
  level: 'warning',
  inOrder: true,
  finds: "A step after those of milestone 'live' whose action cannot be undone.",
  instead:
    'A rollback could not take it back while the customer is working. Do it before go-live, or by an action with undo.',
  check({ draft, say }) {
    const live = draft.milestones.find(({ milestone }) => milestone.id === LIVE)?.milestone.holds ?? []
    const phases = new Map(draft.phases.map(({ phase }) => [phase.id, phase]))
    const isAfter = ({ step, phase }: DraftStep): boolean => live.some((name) => {
      const [home = '', id = ''] = name.split('.')
      if (home !== phase.phase.id) return comesBefore(phases, home, phase.phase.id)
      return comesBefore(new Map(phase.phase.steps.map((one) => [one.id, one])), id, step.id)
    })
    for (const one of draft.phases.flatMap(({ steps }) => steps)) {
      const action = draft.actions.get(one.step.uses)
      const here = action?.undoable?.(one.step.with as never) !== false
      if ((action?.reversible !== false && here) || !isAfter(one)) continue
      const what = here ? one.step.uses : `${one.step.uses} as it is here`
      say(
        one.phase.document, [...one.path, 'uses'],
        `${what} cannot be undone, and this is after go-live (milestone '${LIVE}')`,
      )
    }
  },
}
