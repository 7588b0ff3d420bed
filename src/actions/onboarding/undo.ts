import { defineAction, type Reach, type Standing, type TakenBack } from '../../contract.ts'
import type { Change, Json } from '../../model.ts'

interface Seen {
  /** What stands still, newest first. */
  readonly standing: readonly Standing[]
  /** What this step has taken back so far. */
  readonly taken: readonly TakenBack[]
}

interface UndoChange extends Change {
  readonly reach: Reach
}

const AFTER: Readonly<Record<Standing['sort'], string>> = {
  effect: 'no longer', word: 'to be signed again', look: 'to be seen again', waiver: 'no longer waived',
}

/**
 * Brings an onboarding back to an earlier state: of each effect, newest first, what was there before; words,
 * looks and waivers that were about it do not count any more, so that they are asked for, made and given again.
 */
export default defineAction({
  title:
    'Takes back what was applied, newest first, to the state before a phase or step; by default to before go-live.',
  example: { to: 'go_live' },
  input: {
    type: 'object',
    additionalProperties: false,
    properties: {
      to: {
        type: 'string',
        minLength: 1,
        description:
          'Phase, or phase.step, before which it goes back; left out: the phase that gives production access.',
      },
      only: {
        type: 'array',
        minItems: 1,
        items: { type: 'string', minLength: 1 },
        description: 'In place of to: these phases and steps (phase.step), and nothing else.',
      },
    },
  },
  output: {
    type: 'object',
    additionalProperties: false,
    required: ['undone', 'stays'],
    properties: {
      undone: { type: 'array', items: { type: 'string' }, description: 'Steps whose effects were taken back.' },
      stays: {
        type: 'array', items: { type: 'string' }, description: 'What could not be, such as mails that were sent.',
      },
    },
  },
  where: 'outside',
  check: async (read, input): Promise<Seen> => ({
    standing: await read.past.standing(reachOf(input)),
    taken: await read.past.takenBack(),
  }),

  plan(input, { standing }): UndoChange | null {
    if (standing.length === 0) return null
    const before: Record<string, Json> = {}
    const after: Record<string, Json> = {}
    for (const { step, sort, stays } of standing) {
      before[step] = { effect: 'in force', word: 'signed', look: 'seen', waiver: 'waived' }[sort]
      after[step] = stays ? 'stays: it cannot be taken back' : AFTER[sort]
    }
    return { target: 'what was applied', reach: reachOf(input), before, after, reversible: false }
  },

  apply: (write, change) => write.takeBack(change.reach),

  outputs: (_input, { taken }) => ({
    undone: [...new Set(taken.filter(({ sort, left }) => sort === 'effect' && left === null).map(({ step }) => step))],
    stays: taken.flatMap(({ left }) => left ?? []),
  }),
})

function reachOf({ to, only }: { readonly to?: string; readonly only?: readonly string[] }): Reach {
  return { to: to ?? null, only: only ?? null }
}
