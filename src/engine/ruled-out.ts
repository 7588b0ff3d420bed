import { OnboardError } from '../errors.ts'
import { UNKNOWN, type Phase, type Runbook, type Scope, type Step } from '../model.ts'
import type { Evaluator } from './ports.ts'

/**
 * Steps that are skipped, whatever comes of others and whenever their turn comes: their `when:` is false by the inputs
 * alone, or by the outputs of such steps, which are null.
 * Dates, counts, plans and runs leave them out from the beginning.
 */
export class RuledOut {
  readonly #runbook: Pick<Runbook, 'phases' | 'procedures'>
  readonly #evaluator: Pick<Evaluator, 'when'>
  /** By `phase.step/instance`. */
  readonly #known = new Map<string, boolean>()

  constructor(runbook: Pick<Runbook, 'phases' | 'procedures'>, evaluator: Pick<Evaluator, 'when'>) {
    this.#runbook = runbook
    this.#evaluator = evaluator
  }

  /** `scope`: of the step's turn; its outputs are not read. */
  has(phase: Phase, step: Step, scope: Scope): boolean {
    // What is known of the onboarding changes with time, or by a rename.
    if (step.when === null || /\bonboarding\b/.test(step.when)) return false
    const name = `${phase.id}.${step.id}/${scope.each ?? ''}`
    const known = this.#known.get(name)
    if (known !== undefined) return known
    this.#known.set(name, false) // of a step that reads itself
    const found = this.#isFalse(step, { ...scope, phase: phase.id, outputs: this.#outputs(scope) })
    this.#known.set(name, found)
    return found
  }

  #isFalse(step: Step, scope: Scope): boolean {
    try {
      return this.#evaluator.when(step, scope) === false
    } catch (error) {
      // It fails, or reads what is not known before its turn, such as its instance: that is said then.
      if (error instanceof OnboardError) return false
      throw error
    }
  }

  /** As far as they are known without anything done: null of what is ruled out. */
  #outputs({ each: _each, ...scope }: Scope): Scope['outputs'] {
    const { phases, procedures } = this.#runbook
    const of = (id: string) => [...phases, ...procedures].find((phase) => phase.id === id)
    const outputOf = (phase: Phase | undefined, id: string): null | typeof UNKNOWN => {
      const step = phase?.steps.find((one) => one.id === id)
      return phase !== undefined && step !== undefined && this.has(phase, step, scope) ? null : UNKNOWN
    }
    return { get: (id: string) => ({ get: (step: string) => outputOf(of(id), step) }) } as unknown as Scope['outputs']
  }
}
