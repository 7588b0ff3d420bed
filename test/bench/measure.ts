/** Something to time: `run` is timed in milliseconds, `before` is not. */
export interface Contender {
  readonly name: string
  before?(): Promise<void>
  run(): Promise<void>
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  if (sorted.length % 2 === 1) return sorted[middle] as number
  return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/**
 * Times contenders in turns, each round in another order, so that whatever else the machine does meets all of them
 * alike. The first `warmups` rounds do not count. Gives milliseconds by contender.
 */
export async function inTurns(
  contenders: readonly Contender[], rounds: number, warmups = 1,
): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (let round = -warmups; round < rounds; round++) {
    const order = contenders.map((_, n) => contenders[(n + round + warmups) % contenders.length] as Contender)
    for (const { name, before, run } of round % 2 === 0 ? order : order.toReversed()) {
      await before?.()
      const begun = performance.now()
      await run()
      if (round >= 0) times.get(name)?.push(performance.now() - begun)
    }
  }
  return times
}

interface Line {
  readonly slope: number
  readonly intercept: number
}

/** Least squares: y = intercept + slope · x. */
export function line(points: readonly (readonly [x: number, y: number])[]): Line {
  const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0)
  const mean = (values: readonly number[]): number => sum(values) / values.length
  const [x, y] = [mean(points.map((p) => p[0])), mean(points.map((p) => p[1]))]
  const slope = sum(points.map((p) => (p[0] - x) * (p[1] - y))) / sum(points.map((p) => (p[0] - x) ** 2))
  return { slope, intercept: y - slope * x }
}
