/** How often somebody may ask: so many a minute on the average, and as many at once where there was a pause before. */

/** Keys that are remembered at most; those who have waited longest start anew. */
const MOST = 10_000

export interface Pace {
  /** Counts one request, as heavy as it is; gives 0, or the seconds after which the next one is taken. */
  seconds(key: string, weight: number): number
}

/**
 * A bucket for each key that fills steadily. What is left may be less than a request weighs: the next one waits for it.
 * @param now milliseconds of a clock that never goes back
 */
export function createPace(perMinute: number, now: () => number = () => performance.now()): Pace {
  const perMs = perMinute / 60_000
  const buckets = new Map<string, { left: number; at: number }>()
  return {
    seconds(key, weight) {
      const at = now()
      const before = buckets.get(key)
      const left = before === undefined ? perMinute : Math.min(perMinute, before.left + (at - before.at) * perMs)
      if (left < 1) return Math.ceil((1 - left) / perMs / 1000)
      buckets.delete(key)
      buckets.set(key, { left: left - weight, at })
      if (buckets.size > MOST) buckets.delete(buckets.keys().next().value as string)
      return 0
    },
  }
}
