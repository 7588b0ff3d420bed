import type { Phase, Step } from '../model.ts'
import type { Records, StepRecord } from './records.ts'

/** What effects have changed since probes looked: evidence of what stood before them is looked for again. */
export class Overtaken {
  readonly #phases: readonly Phase[]
  /** By `phase.step`: place in the journal of its latest effect; of this run, after all of it. */
  readonly #acted = new Map<string, number>()
  #latest = 0
  /** By phase: the latest effect of the phases before it. */
  readonly #before = new Map<string, number>()

  constructor(runbook: { readonly phases: readonly Phase[] }, records: Records) {
    this.#phases = runbook.phases
    for (const { key, done } of records.values()) {
      if (done?.facts['outcome'] === 'changed') this.#note(`${key.phase}.${key.step}`, done.seq)
    }
  }

  /** An effect of this step has just taken place. */
  acted(phase: string, step: string): void {
    this.#note(`${phase}.${step}`, Number.MAX_SAFE_INTEGER)
    this.#before.clear()
  }

  /** The record of a step's turn, saying whether an effect of a step before it is later than what its probe saw. */
  told(phase: Phase, step: Step, record: StepRecord | undefined): StepRecord | undefined {
    const seen = record?.probed?.seq
    if (record === undefined || seen === undefined || this.#latest < seen) return record
    return this.#ofPhases(phase) > seen || this.#ofSteps(phase, step) > seen ? { ...record, overtaken: true } : record
  }

  #note(name: string, seq: number): void {
    this.#acted.set(name, Math.max(this.#acted.get(name) ?? 0, seq))
    this.#latest = Math.max(this.#latest, seq)
  }

  #ofPhases(phase: Phase): number {
    const known = this.#before.get(phase.id)
    if (known !== undefined) return known
    const needed = this.#phases.filter(({ id }) => phase.needs.includes(id))
    const latest = Math.max(0, ...needed.flatMap((before) => [
      this.#ofPhases(before), ...before.steps.map(({ id }) => this.#acted.get(`${before.id}.${id}`) ?? 0),
    ]))
    this.#before.set(phase.id, latest)
    return latest
  }

  #ofSteps(phase: Phase, step: Step): number {
    const names = new Set(step.needs)
    for (const name of names) for (const need of phase.steps.find(({ id }) => id === name)?.needs ?? []) names.add(need)
    return Math.max(0, ...[...names].map((name) => this.#acted.get(`${phase.id}.${name}`) ?? 0))
  }
}
