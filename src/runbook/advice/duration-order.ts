import type { Advice } from './advice.ts'

export const durationOrder: Advice = {
  name: 'duration-order',
  level: 'error',
  finds: 'A phase whose shortest duration is longer than its longest.',
  instead: 'No plan could keep both. Put the shorter one under min.',
  check({ draft, say }) {
    for (const { phase, document } of draft.phases) {
      const { min, max } = phase.duration ?? { min: 0, max: 0 }
      if (min > max) say(document, ['duration'], `the shortest, ${days(min)}, is longer than the longest, ${days(max)}`)
    }
  },
}

const days = (count: number): string => (count === 1 ? '1 day' : `${count} days`)
