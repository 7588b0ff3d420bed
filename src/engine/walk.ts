import { OnboardError } from '../errors.ts'
import { UNKNOWN } from '../model.ts'
import type { Json, Phase, Scope, Step, StepKey } from '../model.ts'
import { keyText } from './keys.ts'
import type { Work } from './ports.ts'
import { basisFor, readiness } from './readiness.ts'
import type { Readiness } from './readiness.ts'
import type { Records, StepRecord } from './records.ts'

/** One step (or one instance of it) in its turn. */
export interface Turn {
  readonly phase: Phase
  readonly step: Step
  readonly key: StepKey
  readonly record: StepRecord | undefined
  readonly scope: Scope
  readonly readiness: Readiness
  /** false: outside the phase or step asked for; only the journal is consulted. */
  readonly wanted: boolean
}

export interface Extent {
  readonly phase: string | null
  readonly step: string | null
}

export const EVERYTHING: Extent = { phase: null, step: null }

/** How a step ended its turn, as far as the steps after it care. */
type Settled = { readonly satisfied: boolean; readonly outputs: Json | typeof UNKNOWN }

/**
 * Goes through an onboarding's steps in the order in which they can be run. Whoever walks says with `settle` how each
 * turn ended; later turns see its outputs and whether what they need is there.
 */
export class Walk {
  readonly #work: Work
  readonly #records: Records
  readonly #now: string
  readonly #extent: Extent
  readonly #belief: 'world' | 'journal'
  readonly #settled = new Map<string, Map<string, Settled>>()
  readonly #outputs = new Map<string, Map<string, Json | typeof UNKNOWN>>()

  /**
   * `journal`: the walker does not look at the world, so what the journal holds is believed without evaluating `when:`
   * again; status of a finished onboarding then needs no expression at all.
   */
  constructor(work: Work, records: Records, now: string, extent: Extent, belief: 'world' | 'journal' = 'world') {
    this.#belief = belief
    this.#work = work
    this.#records = records
    this.#now = now
    this.#extent = extent
  }

  /** The turns, lazily: each is decided only when those before it were settled. */
  *turns(): Generator<Turn> {
    const { runbook } = this.#work
    for (const phase of runbook.phases) {
      for (const step of phase.steps) {
        const wanted =
          (this.#extent.phase === null || this.#extent.phase === phase.id) &&
          (this.#extent.step === null || this.#extent.step === step.id)
        yield* this.#instances(phase, step, wanted)
        this.#collect(phase, step)
      }
    }
  }

  settle(turn: Turn, satisfied: boolean, outputs: Json | typeof UNKNOWN): void {
    const name = `${turn.key.phase}.${turn.key.step}`
    const instances = this.#settled.get(name) ?? new Map<string, Settled>()
    instances.set(turn.key.instance, { satisfied, outputs })
    this.#settled.set(name, instances)
  }

  *#instances(phase: Phase, step: Step, wanted: boolean): Generator<Turn> {
    const scope: Scope = { ...this.#work.inputs, outputs: this.#outputs, phase: phase.id }
    const keys = this.#unmet(phase, step).length > 0 && step.for_each !== null && step.on === undefined
      ? [''] // what it repeats over may not be known before its needs are met
      : told(() => this.#work.evaluator.instances(step, scope))
    if (keys === UNKNOWN || keys instanceof OnboardError) {
      const key: StepKey = { phase: phase.id, step: step.id, instance: '' }
      const readiness: Readiness = keys === UNKNOWN ? later(`for_each: ${step.for_each}`) : { state: 'blocked', why: 'unknown', reason: keys.message }
      yield { phase, step, key, record: undefined, scope, wanted, readiness }
      return
    }
    for (const instance of keys) {
      const key: StepKey = { phase: phase.id, step: step.id, instance }
      const record = this.#records.get(keyText(key))
      const within = instance === '' ? scope : { ...scope, each: instance }
      yield { phase, step, key, record, scope: within, wanted, readiness: this.#decide(phase, step, record, within) }
    }
  }

  #decide(phase: Phase, step: Step, record: StepRecord | undefined, scope: Scope): Readiness {
    const unmet = this.#unmet(phase, step)
    let applies: boolean | typeof UNKNOWN = true
    if (this.#belief === 'journal' && record && this.#believed(step, record, scope)) {
      applies = record.skipped === null
    } else if (unmet.length === 0 && step.when !== null) {
      const found = told(() => this.#work.evaluator.when(step, scope))
      if (found instanceof OnboardError) return { state: 'blocked', why: 'unknown', reason: found.message }
      applies = found
    }
    if (applies === UNKNOWN) return later(`when: ${step.when}`)
    const due = unmet.length > 0 || step.on === undefined ? null : told(() => this.#work.evaluator.due?.(step, scope) ?? null)
    if (due instanceof OnboardError) return { state: 'blocked', why: 'unknown', reason: due.message }
    const capabilities = (scope.config['capabilities'] ?? {}) as Readonly<Record<string, Json>>
    // Asked for only where a date decides: what loads and reckons with time zones is slow.
    const today = due === null ? null : scope.onboarding['today']
    return readiness({
      step, record, unmet, applies, capabilities, now: this.#now,
      due,
      today: typeof today === 'string' ? today : this.#now.slice(0, 10),
    })
  }

  /** Was the step's turn taken before, so that its `when:` is known? That it was skipped is known of the same inputs only. */
  #believed(step: Step, { done, probed, word, skipped }: StepRecord, scope: Scope): boolean {
    if (skipped === null) return done !== null || probed !== null || word !== null
    return skipped.facts['basis'] === basisFor(this.#work, step, scope)
  }

  /** Names, `phase.step`, of all that must be settled before this step. */
  needsOf(phase: Phase, step: Step): string[] {
    const names = step.needs.map((id) => `${phase.id}.${id}`)
    for (const before of phase.needs) {
      const needed = this.#work.runbook.phases.find((p) => p.id === before)
      names.push(...(needed?.steps.map((s) => `${before}.${s.id}`) ?? []))
    }
    return names
  }

  /** Of these the ones that are not. */
  #unmet(phase: Phase, step: Step): string[] {
    return this.needsOf(phase, step).filter((name) => ![...(this.#settled.get(name)?.values() ?? [])].every((s) => s.satisfied) || !this.#settled.has(name))
  }

  /** Makes a step's outputs visible to the steps after it. */
  #collect(phase: Phase, step: Step): void {
    const settled = this.#settled.get(`${phase.id}.${step.id}`)
    if (!settled) {
      // for_each over an empty list: nothing to do is done
      this.#settled.set(`${phase.id}.${step.id}`, new Map())
    }
    const outputs = this.#outputs.get(phase.id) ?? new Map<string, Json | typeof UNKNOWN>()
    this.#outputs.set(phase.id, outputs)
    const single = settled?.get('')
    if (single) {
      outputs.set(step.id, single.outputs)
    } else {
      const all = [...(settled ?? new Map<string, Settled>())]
      outputs.set(step.id, all.some(([, s]) => s.outputs === UNKNOWN) ? UNKNOWN : Object.fromEntries(all.map(([k, s]) => [k, s.outputs as Json])))
    }
  }
}

/** What an expression gives, or the error that says why it fails: that blocks its step, and no other. */
function told<T>(evaluate: () => T): T | OnboardError {
  try {
    return evaluate()
  } catch (error) {
    if (error instanceof OnboardError) return error
    throw error
  }
}

function later(what: string): Readiness {
  return { state: 'blocked', why: 'later', reason: `${what} is known after apply` }
}
