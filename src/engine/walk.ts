import { OnboardError } from '../errors.ts'
import { UNKNOWN } from '../model.ts'
import type { Json, JsonObject, Phase, Scope, Step, StepKey } from '../model.ts'
import { basisFor } from './basis.ts'
import { keyText } from './keys.ts'
import { Overtaken } from './overtaken.ts'
import type { Work } from './ports.ts'
import { factsOf, instanceOf, nameOf, type Occurrence } from './procedure.ts'
import { readiness } from './readiness.ts'
import type { Readiness } from './readiness.ts'
import type { Records, StepRecord } from './records.ts'
import { RuledOut } from './ruled-out.ts'
import { type Outputs, Settlement } from './settled.ts'
import { accessOf, onboardingAt } from './times.ts'
import type { Times } from './times.ts'

/** One step (or one instance of it) in its turn. */
export interface Turn {
  readonly phase: Phase
  readonly step: Step
  readonly key: StepKey
  readonly record: StepRecord | undefined
  readonly scope: Scope
  readonly readiness: Readiness
  /** `phase.step` names that must be settled first and are not. */
  readonly unmet: readonly string[]
  /** false: outside the phase or step asked for; only the journal is consulted. */
  readonly wanted: boolean
}

export interface Extent {
  readonly phase: string | null
  readonly step: string | null
  /** Steps of phases too, though a procedure is under way: for who only looks. */
  readonly beside?: true
}

export const EVERYTHING: Extent = { phase: null, step: null }

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
  readonly #settlement: Settlement
  readonly #overtaken: Overtaken
  readonly #ruledOut: RuledOut
  #times: Times
  #onboarding: JsonObject
  #scope: { readonly of: Phase | Occurrence; readonly scope: Scope } | undefined

  /**
   * `journal`: the walker does not look at the world, so what the journal holds is believed without evaluating `when:`
   * again; status of a finished onboarding then needs no expression at all.
   */
  constructor(work: Work, records: Records, now: string, extent: Extent, belief: 'world' | 'journal' = 'world') {
    this.#belief = belief
    this.#work = work
    this.#records = records
    this.#settlement = new Settlement(work.runbook)
    this.#overtaken = new Overtaken(work.runbook, records)
    this.#ruledOut = new RuledOut(work.runbook, work.evaluator)
    this.#now = now
    this.#extent = extent
    this.#times = records.times
    this.#onboarding = onboardingAt(work.inputs, this.#times)
  }

  /** The turns, lazily: each is decided only when those before it were settled. */
  *turns(): Generator<Turn> {
    const { runbook } = this.#work
    for (const phase of runbook.phases) {
      for (const step of phase.steps) {
        yield* this.#instances(phase, step, this.#asked(phase, step) && (this.#named || this.#open.length === 0))
        this.#settlement.collect(phase, step)
      }
    }
    for (const occurrence of this.#open) {
      const phase = runbook.procedures.find(({ id }) => id === occurrence.procedure)
      for (const step of phase?.steps ?? []) {
        if (phase === undefined) continue
        yield* this.#instances(phase, step, this.#asked(phase, step), occurrence)
        this.#settlement.collect(phase, step)
      }
    }
  }

  /** Procedures under way: as long as there is one, phases go on only where they are asked for by name. */
  get #open(): readonly Occurrence[] {
    const { procedures } = this.#work.runbook
    const isKnown = (name: string): boolean => procedures.some(({ id }) => id === name)
    return this.#records.procedures.filter(({ closed, procedure }) => !closed && isKnown(procedure))
  }

  get #named(): boolean {
    return this.#extent.phase !== null || this.#extent.step !== null || this.#extent.beside === true
  }

  #asked(phase: Phase, step: Step): boolean {
    const { phase: one, step: id } = this.#extent
    return (one === null || one === phase.id) && (id === null || id === step.id)
  }

  /** The procedure that takes back what phases did: their steps wait for its end. */
  get #undoing(): Occurrence | undefined {
    return this.#extent.beside ? undefined : this.#open.find((one) => one.undoing)
  }

  /** The turn as it would be, were all that it needs settled. */
  asIfMet(turn: Turn): Turn {
    return { ...turn, unmet: [], readiness: this.#decide(turn.phase, turn.step, turn.record, turn.scope, []) }
  }

  /** Its effect has changed something in this turn: what was seen before that is looked at again. */
  acted({ key }: Turn): void {
    this.#overtaken.acted(key.phase, key.step)
  }

  /** `changed`: in this turn, and not once before; days that count from go-live begin then. */
  settle(turn: Turn, satisfied: boolean, outputs: Outputs, changed = false): void {
    const name = `${turn.key.phase}.${turn.key.step}`
    const open = isLeftOut(turn.readiness) ? turn.unmet : satisfied ? [] : [name]
    this.#settlement.settle(name, turn.scope.each ?? '', { open, outputs })
    const access = changed || !turn.record?.done ? accessOf(turn.step.uses, outputs) : null
    if (access === null || access === (this.#times.live_at !== null)) return
    this.#times = { ...this.#times, live_at: access ? this.#now : null }
    this.#onboarding = onboardingAt(this.#work.inputs, this.#times)
  }

  *#instances(phase: Phase, step: Step, wanted: boolean, occurrence?: Occurrence): Generator<Turn> {
    const scope = this.#scopeOf(phase, occurrence)
    const keyed = (inner: string): StepKey => ({
      phase: phase.id, step: step.id, instance: occurrence ? instanceOf(occurrence, inner) : inner,
    })
    const unmet = this.#settlement.unmet(phase, step)
    const repeats = step.for_each !== null || step.on !== undefined
    // What it repeats over may not be known before its needs are met; the days on which it is due are.
    const isOpen = unmet.length > 0 && step.on === undefined
    const keys = repeats && !isOpen ? told(() => this.#work.evaluator.instances(step, scope)) : ONE
    if (keys === UNKNOWN || keys instanceof OnboardError) {
      const readiness = keys === UNKNOWN ? later(`for_each: ${step.for_each}`) : unknown(keys)
      yield { phase, step, key: keyed(''), record: undefined, scope, wanted, readiness, unmet }
      return
    }
    for (const instance of keys) {
      const key = keyed(instance)
      const record = this.#overtaken.told(phase, step, this.#records.get(keyText(key)))
      const within = instance === '' ? scope : { ...scope, each: instance }
      const undoing = occurrence ? undefined : this.#undoing
      const waits = undoing && !stands(record) ? [nameOf(undoing)] : []
      // What drifted since stands in the way of taking it back: it may be put right, if it is asked for by name.
      const rests = undoing && stands(record) && !(record?.done && this.#extent.step === step.id)
      const readiness = this.#decide(phase, step, record, within, unmet, waits)
      yield { phase, step, key, record, scope: within, wanted: wanted && !rests, readiness, unmet }
    }
  }

  /** `waits`: for what is no step of the phases; what is skipped does not. */
  #decide(
    phase: Phase, step: Step, record: StepRecord | undefined, scope: Scope,
    unmet: readonly string[], waits: readonly string[] = [],
  ): Readiness {
    let applies: boolean | typeof UNKNOWN = true
    if (this.#belief === 'journal' && record && this.#believed(step, record, scope)) {
      applies = record.skipped === null
    } else if (unmet.length > 0) {
      applies = !this.#ruledOut.has(phase, step, scope)
    } else if (step.when !== null) {
      const found = told(() => this.#work.evaluator.when(step, scope))
      if (found instanceof OnboardError) return unknown(found)
      applies = found
    }
    if (applies === UNKNOWN) return later(`when: ${step.when}`)
    const all = waits.length === 0 ? unmet : [...unmet, ...waits]
    const due = all.length > 0 ? null : told(() => this.#work.evaluator.due?.(phase, step, scope) ?? null)
    if (due instanceof OnboardError) return unknown(due)
    const capabilities = (scope.config['capabilities'] ?? {}) as Readonly<Record<string, Json>>
    // Asked for only where a date decides: what loads and reckons with time zones is slow.
    const today = due?.date == null && !record?.waived ? null : scope.onboarding['today']
    return readiness({
      step, record, unmet: all, applies, capabilities, due,
      today: typeof today === 'string' ? today : this.#now.slice(0, 10),
    })
  }

  /** Is its `when:` known of a turn that was taken before? That it was skipped is known of the same inputs only. */
  #believed(step: Step, { done, probed, word, skipped }: StepRecord, scope: Scope): boolean {
    if (skipped === null) return done !== null || probed !== null || word !== null
    return skipped.facts['basis'] === basisFor(this.#work, step, scope)
  }

  /** What a step's expressions may read: the same for all of a phase, until it goes live, or is not live any more. */
  #scopeOf(phase: Phase, occurrence?: Occurrence): Scope {
    const known = this.#scope
    if (known?.of === (occurrence ?? phase) && known.scope.onboarding === this.#onboarding) return known.scope
    const scope: Scope = {
      ...this.#work.inputs, onboarding: this.#onboarding, outputs: this.#settlement.outputs, phase: phase.id,
      ...(occurrence ? { procedure: factsOf(occurrence) } : {}),
    }
    this.#scope = { of: occurrence ?? phase, scope }
    return scope
  }

  /** Names, `phase.step`, of all that must be settled before this step. */
  needsOf(phase: Phase, step: Step): string[] {
    return this.#settlement.needsOf(phase, step)
  }
}

/** Nothing is done about it, so that what needs it waits for what it needs itself. */
function isLeftOut(readiness: Readiness): boolean {
  return readiness.state === 'settled' && readiness.as === 'skipped'
}

/** Of a step that does not repeat. */
const ONE: readonly string[] = ['']

/** Does the journal hold something of the step that still counts? */
function stands(record: StepRecord | undefined): boolean {
  if (record === undefined) return false
  return (record.done ?? record.word ?? record.probed ?? record.skipped ?? record.waived) !== null
}

/** What an expression gives, or the error that says why it fails: that blocks its step, and no other. */
export function told<T>(evaluate: () => T): T | OnboardError {
  try {
    return evaluate()
  } catch (error) {
    if (error instanceof OnboardError) return error
    throw error
  }
}

function unknown({ message }: OnboardError): Readiness {
  return { state: 'blocked', why: 'unknown', reason: message }
}

function later(what: string): Readiness {
  return { state: 'blocked', why: 'later', reason: `${what} is known after apply` }
}
