/**
 * The nouns of `onboard`, one meaning each. Imports nothing.
 * What is written here is JSON: it is stored, hashed, shown by `--json` and may travel between machines.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

/** A map: no list, not null. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A JSON Schema of draft-07. */
export type Schema = { readonly [key: string]: unknown }

// ── Runbook: a folder of phases with a version, compiled ─────────────────────────────────────────────────────────────

/** What phases and steps look like once loaded and checked; the compiled form is stored with each onboarding. */
export interface Runbook {
  readonly name: string
  readonly title: string
  readonly version: string
  /** Date from which this version holds, `YYYY-MM-DD`. */
  readonly effective: string | null
  /** sha256 (hex) over the runbook's files, schemas and templates. */
  readonly digest: string
  readonly roles: readonly string[]
  /** In the order in which they are run: a phase comes after those it needs. */
  readonly phases: readonly Phase[]
  /** Phases that run on demand, not in sequence. */
  readonly procedures: readonly Phase[]
  readonly milestones: readonly Milestone[]
  readonly thresholds?: readonly Threshold[]
  /** JSON Schemas of the inputs by context name: handoff, discovery. */
  readonly inputs: Readonly<Record<string, Schema>>
}

/** A date by which named steps must hold. */
export interface Milestone {
  readonly id: string
  /** CEL over handoff and onboarding that yields a date. */
  readonly by: string
  /** `phase.step` names. */
  readonly holds: readonly string[]
}

/**
 * Target and alert of a metric. Good high: on target above `target`, an alert below `alert`; good low: the other way
 * round. What lies between the two, or on either, warns.
 */
export interface Threshold {
  readonly id: string
  readonly title: string
  readonly good: 'high' | 'low'
  readonly target: number
  readonly alert: number
  /** `%`, `ms`, `per day`: as it is shown. */
  readonly unit: string
  /** Over how long it is measured. */
  readonly window_ms: number | null
  /** Fewer observations say nothing. */
  readonly min_samples: number
}

/** A day on which a dated step is due. */
export interface Occasion {
  /** Key of the instance: `day-1`. */
  readonly key: string
  /** Day of the phase, its first being 1: a business day, or one of the calendar where the phase counts those. */
  readonly day: number
}

export interface Phase {
  readonly id: string
  readonly title: string
  /** Roles. */
  readonly owner: readonly string[]
  /** Ids of phases that come first. */
  readonly needs: readonly string[]
  /** Planned length in its days. */
  readonly duration: { readonly min: number; readonly max: number } | null
  /** What its days are, where they are not business days. */
  readonly days?: 'calendar'
  readonly starts: { readonly after?: string; readonly at?: string; readonly offset?: string } | null
  /** Of a procedure: the conditions under which it is begun, and what each means. */
  readonly conditions?: Readonly<Record<string, string>>
  /** In an order in which they can be run: a step comes after those it needs. */
  readonly steps: readonly Step[]
}

export interface Step {
  readonly id: string
  readonly title: string
  /** Name of the action, `tenant.record`. */
  readonly uses: string
  /** Inputs as written, `${{ }}` unevaluated. */
  readonly with: JsonObject
  /** CEL as written. */
  readonly when: string | null
  readonly owner: readonly string[]
  /** Ids of steps of the same phase that come first; filled in where the file leaves it out. */
  readonly needs: readonly string[]
  /** CEL that yields a list of strings: one instance each. */
  readonly for_each: string | null
  /** Days of its phase on which it is due: one instance each. */
  readonly on?: readonly Occasion[]
  /** The date before which it does not begin: CEL as written, and so many days of its phase later or earlier. */
  readonly starts?: { readonly at: string; readonly offset?: string }
  readonly retry: { readonly times: number; readonly backoff_ms: number } | null
  readonly timeout_ms: number | null
  /** Roles that may waive it. */
  readonly waivable_by: readonly string[]
  /** CEL paths whose values a person's word is bound to. */
  readonly binds: readonly string[]
  /** Name of the capability that the product must have (`config.capabilities`), where the step needs one. */
  readonly capability: string | null
  readonly at: { readonly file: string; readonly line: number; readonly col: number }
}

/** What a runbook's author and the checker know of an action; its code is loaded only to run it. */
export interface ActionSchema {
  readonly kind: 'effect' | 'probe' | 'ask'
  /** true: its code was not loaded, so that nothing but its name is known. */
  readonly unseen?: true
  /** One sentence: what it does. */
  readonly title: string
  /** An example of `with:` that validates. */
  readonly example: JsonObject
  readonly input: Schema
  readonly output: Schema
  /** The outputs of a step with these inputs, as they are written: what its author makes of them. Pure. */
  readonly outputFor?: ((input: never) => Schema) | undefined
  /** false: an effect that nothing undoes. */
  readonly reversible?: boolean
  /** Whether something undoes an effect with these inputs, where that depends on them. */
  readonly undoable?: ((input: never) => boolean) | undefined
  /** What a step with these inputs owns, `tenant/acme/limits`; expressions stand in the inputs as their source text. */
  readonly owns?: (input: never) => readonly string[]
}

/** By the name that a step's `uses` gives: `tenant.record`. */
export type ActionSchemas = ReadonlyMap<string, ActionSchema>

/** Where a step stands in the journal. `instance` is '' where the step does not repeat. */
export interface StepKey {
  readonly phase: string
  readonly step: string
  readonly instance: string
}

// ── Customer and onboarding ──────────────────────────────────────────────────────────────────────────────────────────

export interface Onboarding {
  /** UUID; also the id of its journal's chain. */
  readonly id: string
  /** `acme`, or `acme/eu` where the customer has several. */
  readonly key: string
  readonly slug: string
  readonly name: string
  /** What the idempotency keys of its steps begin with: its key as it was when it was opened. */
  readonly idempotency?: string
  /** What its tenant is called in the product: `acme`, `acme-eu`. */
  readonly tenant_slug?: string
  /** ISO 8601 instant; null or left out: it is not cancelled. */
  readonly cancelled_at?: string | null
  readonly company: string
  readonly runbook: { readonly name: string; readonly version: string; readonly digest: string }
  /** ISO 8601 instant. */
  readonly opened_at: string
}

/** The inputs of an onboarding as expressions see them: validated, defaults filled. */
export interface Inputs {
  readonly handoff: JsonObject
  readonly discovery: JsonObject | null
  readonly config: JsonObject
  readonly onboarding: JsonObject
}

/** A value that an earlier step of the same plan will bring about. */
export const UNKNOWN: unique symbol = Symbol('known after apply')
/** JSON in which UNKNOWN may stand in place of any value. */
export type Draft = Json | typeof UNKNOWN | readonly Draft[] | { readonly [key: string]: Draft }

/**
 * What `when:` and `${{ }}` are evaluated in.
 * Outputs by `phase` and `step`: null where the step was skipped or waived, UNKNOWN where it is planned but not done;
 * of a step with instances, an object by instance.
 */
export interface Scope extends Inputs {
  readonly outputs: ReadonlyMap<string, ReadonlyMap<string, Json | typeof UNKNOWN>>
  /** The phase whose steps `steps.<id>` names. */
  readonly phase: string
  /** The instance, as `each`, where the step repeats. */
  readonly each?: string
  /** Why and when the procedure began whose step it is. */
  readonly procedure?: JsonObject
}

// ── Actor ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Person {
  readonly name: string
  readonly email: string
  readonly phone?: string
}

/** Who acts, and how we know it. */
export interface Actor {
  readonly name: string
  readonly email: string | null
  /** `os`: the operating system's user, a label only. */
  readonly how: 'os' | 'database' | 'ci'
  readonly verified: boolean
}

// ── Change, plan, outcome ────────────────────────────────────────────────────────────────────────────────────────────

/** One intended difference; an action may add what its `apply` and `undo` need. Never holds a secret. */
export interface Change {
  /** What it is done to, for people: `tenant acme`, `user tom@acme.example`. */
  readonly target: string
  /** Only the fields that differ; null = does not exist. */
  readonly before: JsonObject | null
  readonly after: JsonObject | null
  /** false where this change cannot be undone, though its action can undo others. */
  readonly reversible?: boolean
  readonly [more: string]: Json
}

export interface FieldChange {
  readonly field: string
  readonly before: Json
  readonly after: Json
  /** The value is known only after an earlier step was applied; `after` is null then. */
  readonly unknown: boolean
}

export type PlannedAction =
  | 'create' // +
  | 'update' // ~
  | 'delete' // -
  | 'none' // = nothing to do
  | 'run' // ! an effect outside whose result is not a field
  | 'later' // ? inputs are known after apply
  | 'ask' // a person's word is needed, and given once its turn comes
  | 'probe' // will look
  | 'wait' // its turn comes on a date
  | 'blocked'
  | 'skipped'
  | 'waived'

export interface PlannedStep {
  readonly key: StepKey
  readonly title: string
  readonly uses: string
  readonly action: PlannedAction
  readonly target: string | null
  readonly changes: readonly FieldChange[]
  /** false: it cannot be undone. */
  readonly reversible: boolean
  /** It reads what an earlier step of this plan will change, so it is planned again at apply. */
  readonly again: boolean
  readonly reason: string | null
  readonly owner: readonly string[]
  /** The command that unblocks it. */
  readonly next: string | null
}

/** Frozen changes with a fingerprint of runbook, inputs and observed state. */
export interface Plan {
  readonly onboarding: string
  readonly runbook: { readonly name: string; readonly version: string; readonly digest: string }
  readonly scope: { readonly phase: string | null; readonly step: string | null }
  readonly steps: readonly PlannedStep[]
  /** Since when (ISO 8601), by whom and why it is held: `apply` does nothing of it then. Left out: it is not held. */
  readonly held?: { readonly since: string; readonly by: string | null; readonly reason: string | null }
  readonly pending: number
  /** Exit code of what could not be planned: a mapping that names no column, a table that is not there. 0: all was. */
  readonly exit: number
  /** sha256 hex. */
  readonly fingerprint: string
}

export type Outcome = 'unchanged' | 'changed' | 'waiting' | 'blocked' | 'skipped' | 'waived' | 'failed' | 'undone'

/** What became of one step in one run. */
export interface StepResult {
  readonly key: StepKey
  readonly title: string
  readonly uses: string
  readonly outcome: Outcome
  readonly reason: string | null
  readonly owner: readonly string[]
  readonly changes: readonly FieldChange[]
  /** Names of secrets issued; never their values. */
  readonly secrets: readonly string[]
  readonly next: string | null
  /** What else can be done, where `next` does not help: the command that passes over it. */
  readonly otherwise?: string
  /** A probe passed, and has something to say all the same: `reason`. */
  readonly warned?: true
}

/** What a probe saw. `pass` is never said of what was not observed. */
export type Evidence =
  // `next`: the command that helps. How the step is passed over is told after it, or where it is left out.
  | { readonly result: 'pass' | 'warn' | 'fail'; readonly summary: string; readonly data: Json; readonly next?: string }
  | { readonly result: 'not_checked'; readonly reason: string; readonly next?: string }

/** What a person is asked. */
export interface Question {
  readonly text: string
  /** Roles of which one person answers; `customer` is signed on behalf of a contact. */
  readonly from: readonly string[]
  /** Evidence that must come with the answer. */
  readonly evidence: 'required' | 'optional' | 'none'
  /** Mail addresses of people who may not answer it: they answered what this is to be independent of. */
  readonly distinct_from?: readonly string[]
  /** Values that the answer holds, by name, each with its schema; where it is a form. */
  readonly fields?: JsonObject
  /** The command that answers it, where it is another than `sign`; CUSTOMER stands for the onboarding. */
  readonly command?: string
  /** The command that has to be typed before it can be answered with yes; CUSTOMER stands for the onboarding. */
  readonly first?: string
}

/** A person's word. */
export interface Answer {
  readonly signer: Person
  /** Role in which the signer signs. */
  readonly role: string
  readonly recorder: Actor
  readonly note: string | null
  /** Evidence stored by sha256 (hex). */
  readonly evidence: readonly { readonly name: string; readonly digest: string; readonly size: number }[]
  /** Of a form: what was filled in. */
  readonly values?: JsonObject
}
