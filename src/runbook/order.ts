/** Things that need one another, by id. */
export interface Needing {
  readonly id: string
  readonly needs: readonly string[]
}

/**
 * In an order in which each comes after what it needs, the first that is free first;
 * `cycle` holds those that need themselves.
 */
export function ordered<T extends Needing>(
  items: readonly T[],
): { readonly order: readonly T[]; readonly cycle: readonly T[] } {
  const all = new Set(items.map(({ id }) => id))
  const placed = new Set<string>()
  const free = (item: T) => item.needs.every((id) => placed.has(id) || !all.has(id))
  const order: T[] = []
  let rest = items
  for (;;) {
    // One pass places a file that is in order already; each further one what came too early.
    const late: T[] = []
    for (const item of rest) {
      if (!free(item)) late.push(item)
      else {
        placed.add(item.id)
        order.push(item)
      }
    }
    if (late.length === 0 || late.length === rest.length) return { order: [...order, ...late], cycle: inCycle(late) }
    rest = late
  }
}

/** Of those that could not be placed, the ones on a cycle, not those that only come after one. */
function inCycle<T extends Needing>(rest: readonly T[]): readonly T[] {
  let left = rest
  for (;;) {
    const needed = new Set(left.flatMap((item) => item.needs))
    const next = left.filter(({ id }) => needed.has(id))
    if (next.length === left.length) return left
    left = next
  }
}

/** Whether `to` is among all that `from` needs, directly or through others. */
export function comesBefore(byId: ReadonlyMap<string, Needing>, to: string, from: string): boolean {
  const seen = new Set<string>()
  const stack = [...(byId.get(from)?.needs ?? [])]
  for (let id = stack.pop(); id !== undefined; id = stack.pop()) {
    if (id === to) return true
    if (seen.has(id)) continue
    seen.add(id)
    stack.push(...(byId.get(id)?.needs ?? []))
  }
  return false
}
