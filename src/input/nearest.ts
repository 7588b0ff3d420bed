/**
 * The name that was most likely meant:
 * within a third of its length in edits (a swap of neighbours is one), or undefined.
 */
export function nearest(given: string, names: Iterable<string>): string | undefined {
  const wanted = given.toLowerCase()
  if (wanted.length > 100) return undefined
  let best: string | undefined
  let least = Infinity
  for (const name of names) {
    const distance = edits(wanted, name.toLowerCase())
    const most = Math.max(wanted.length > 2 ? 1 : 0, Math.floor(Math.max(wanted.length, name.length) / 3))
    if (distance < least && distance <= most) {
      best = name
      least = distance
    }
  }
  return best
}

/** Optimal string alignment distance. */
function edits(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1)
      }
      row.push(cost)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? 0
}
