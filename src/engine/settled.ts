import { UNKNOWN } from '../model.ts'
import type { Json, Phase, Runbook, Step } from '../model.ts'

/** What became of a step's outputs: unknown where it is still to be done. */
export type Outputs = Json | typeof UNKNOWN

/**
 * How a step ended its turn, as far as the steps after it care. `open`: what they wait for, by name:
 * the step itself, or what it would have waited for, where it is left out.
 */
type Settled = { readonly open: readonly string[]; readonly outputs: Outputs }

/** What a walk has settled so far: the outputs that later steps read, and what of their needs is still open. */
export class Settlement {
  /** By phase and step: what expressions read. */
  readonly outputs = new Map<string, Map<string, Outputs>>()
  readonly #phases: readonly Phase[]
  /** By `phase.step` and instance. */
  readonly #settled = new Map<string, Map<string, Settled>>()
  /** By phase: what is open of the phases before it. */
  readonly #openBefore = new Map<string, readonly string[]>()

  constructor({ phases }: Pick<Runbook, 'phases'>) {
    this.#phases = phases
  }

  /** An instance of a step has ended its turn. */
  settle(name: string, instance: string, settled: Settled): void {
    const instances = this.#settled.get(name) ?? new Map<string, Settled>()
    instances.set(instance, settled)
    this.#settled.set(name, instances)
  }

  /** All instances of a step have: its outputs are there for the steps after it. */
  collect(phase: Phase, step: Step): void {
    const settled = this.#settled.get(`${phase.id}.${step.id}`)
    if (!settled) {
      // for_each over an empty list: nothing to do is done
      this.#settled.set(`${phase.id}.${step.id}`, new Map())
    }
    const outputs = this.outputs.get(phase.id) ?? new Map<string, Outputs>()
    this.outputs.set(phase.id, outputs)
    const single = settled?.get('')
    if (single) {
      outputs.set(step.id, single.outputs)
      return
    }
    const all = [...(settled ?? new Map<string, Settled>())]
    const isUnknown = all.some(([, one]) => one.outputs === UNKNOWN)
    outputs.set(step.id, isUnknown ? UNKNOWN : Object.fromEntries(all.map(([key, one]) => [key, one.outputs as Json])))
  }

  /** Names, `phase.step`, of all that must be settled before a step. */
  needsOf(phase: Phase, step: Step): string[] {
    return [...namesNeeded(phase, step), ...this.#before(phase)]
  }

  /** Of these the ones that are not. */
  unmet(phase: Phase, step: Step): string[] {
    const own = namesNeeded(phase, step).flatMap((name) => this.#openOf(name))
    // The phases before it have had their turns: what is open of them is the same for all of its steps.
    const before = this.#openBefore.get(phase.id) ?? this.#before(phase).flatMap((name) => this.#openOf(name))
    this.#openBefore.set(phase.id, before)
    return own.length === 0 && before.length === 0 ? [] : [...new Set([...own, ...before])]
  }

  /** Every step of the phases that come before one. */
  #before(phase: Phase): string[] {
    return phase.needs.flatMap((before) => {
      const needed = this.#phases.find(({ id }) => id === before)
      return needed?.steps.map(({ id }) => `${before}.${id}`) ?? []
    })
  }

  /** What keeps those waiting that need a step. */
  #openOf(name: string): readonly string[] {
    const settled = this.#settled.get(name)
    if (settled === undefined) return [name]
    return [...settled.values()].flatMap(({ open }) => open)
  }
}

/** What a step needs within its phase; whoever goes through many onboardings meets the steps of few runbooks. */
function namesNeeded(phase: Phase, step: Step): readonly string[] {
  const names = needed.get(step) ?? step.needs.map((id) => `${phase.id}.${id}`)
  needed.set(step, names)
  return names
}

const needed = new WeakMap<Step, readonly string[]>()
