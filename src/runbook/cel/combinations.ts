/** Combinations of values, numbered: each place has so many values, and the first place changes fastest. */

/** Any text that no condition names. */
export const OTHER: unique symbol = Symbol('another text')

export type Value = null | boolean | number | string | typeof OTHER

/** What is read in one place, and what may stand there. */
export interface Place {
  readonly label: string
  readonly domain: readonly Value[]
}

export function countOf(places: readonly Place[]): number {
  return places.reduce((product, { domain }) => product * domain.length, 1)
}

/** The values of one combination, place by place. */
export function combination(places: readonly Place[], index: number): Value[] {
  return indices(places, index).map((at, i) => places[i]?.domain[at] ?? null)
}

/**
 * One combination in words, without what may stand there as it likes: whatever it is, `alike` holds.
 *
 * @returns the words, and of how many combinations they tell
 */
export function inWords(
  places: readonly Place[], index: number, alike: (index: number) => boolean,
): { readonly words: string; readonly count: number } {
  const own = indices(places, index)
  const free = new Set<number>()
  for (const i of places.keys()) {
    const all = variants(places, own, new Set([...free, i]))
    if (all.every(alike)) free.add(i)
  }
  const said = places.flatMap(({ label, domain }, i) => (free.has(i) ? [] : [told(label, domain[own[i] ?? 0] ?? null)]))
  return { words: said.join(', '), count: variants(places, own, free).length }
}

function indices(places: readonly Place[], index: number): number[] {
  let rest = index
  return places.map(({ domain }) => {
    const at = rest % domain.length
    rest = Math.floor(rest / domain.length)
    return at
  })
}

/** Numbers of the combinations that differ from one in these places alone. */
function variants(places: readonly Place[], own: readonly number[], free: ReadonlySet<number>): number[] {
  let found = [0]
  let step = 1
  for (const [i, { domain }] of places.entries()) {
    const choices = free.has(i) ? [...domain.keys()] : [own[i] ?? 0]
    const size = step
    found = choices.flatMap((at) => found.map((one) => one + at * size))
    step *= domain.length
  }
  return found
}

function told(label: string, value: Value): string {
  if (value === OTHER) return `${label} is another text`
  return `${label} is ${typeof value === 'string' ? `'${value}'` : String(value)}`
}
