/** What the engine needs of the world. It is given these; it knows no database, file, program or terminal. */
import type { Due } from '../runbook/dates.ts'
import type { Action, Reader, Secret, Writer } from '../contract.ts'
import type {
  Actor, Inputs, Json, JsonObject, Onboarding, Phase, Runbook, Scope, Step, StepKey, StepResult, UNKNOWN,
} from '../model.ts'

// ── the journal ──────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * done: a step reached its desired state. intent: an effect outside is about to begin. undone: entry `of` was undone.
 * failed, skipped, probed, signed, rejected, waived, reissued: of a step.
 * opened, accepted, unlocked, ended: of the onboarding.
 * began, closed: of a procedure; what it says is in engine/procedure.ts.
 * decided: what a person says became of a mail of which nobody knows. reminded: somebody was, of what waits for them.
 * imported: a batch of users from a file is in the tenant.
 * rescheduled: its go-live was moved. held, resumed: its clocks stand, and go on.
 */
export type EntryKind =
  | 'opened' | 'accepted' | 'unlocked' | 'erased' | 'upgraded'
  | 'issue' | 'cancelled' | 'renamed' | 'adopted' | 'attested'
  | 'rescheduled' | 'held' | 'resumed'
  | 'revised' | 'assigned'
  | 'began' | 'closed'
  | 'decided' | 'reminded' | 'checked_in' | 'imported'
  | 'done' | 'intent' | 'undone' | 'failed' | 'skipped' | 'probed' | 'signed' | 'rejected' | 'waived' | 'reissued'

export interface Entry {
  readonly kind: EntryKind
  readonly key: StepKey | null
  readonly run: string | null
  /** Goes into the chain itself: no personal data, no values of the product. */
  readonly facts: JsonObject
  /** Values that stay beside the chain, erasable; the chain holds their salted digests. */
  readonly detail: Readonly<Record<string, Json>>
}

export interface JournalEntry extends Entry {
  readonly seq: number
  /** ISO 8601 instant of the database's clock. */
  readonly at: string
  readonly session_user: string
  readonly hash: string
  /** Names in `detail` that were erased. */
  readonly erased: readonly string[]
}

export interface Head {
  readonly seq: number
  readonly hash: string
}

// ── a run's own connection ───────────────────────────────────────────────────────────────────────────────────────────

/** The journal as it stands, and the database's clock. */
export interface Look {
  readonly entries: readonly JournalEntry[]
  /** ISO 8601 instant. */
  readonly now: string
}

/** Details that only undo needs. */
export const UNDO_DETAILS = ['input', 'seen', 'change', 'after'] as const

/** The one connection that a run locks, reads, writes and journals on. */
export interface Session {
  /** Reads on this connection, in its transaction where there is one; SELECT only. Outside, a query has the timeout. */
  reader(key: string, timeout_ms?: number | null): Reader
  writer(key: string, secret: (name: string, value: Secret, more: Omit<Issued, 'name' | 'value'>) => void): Writer
  /**
   * Opens a transaction in which `reader` sees what will be written against; where effects are held, a savepoint of
   * theirs, which has no timeout of its own.
   */
  begin(timeout_ms: number | null): Promise<void>
  /** Between the two, `writer` may write; after, only `reader` again. */
  write<T>(work: () => Promise<T>): Promise<T>
  /** Leaves the transaction open for the next effect; the entry waits for `commit`. false: it is time to commit. */
  hold(entry: Entry): Promise<boolean>
  /** Appends what is held, and the entry, and commits as one; throws when COMMIT did not commit. */
  commit(entry?: Entry): Promise<Head>
  /** Takes back what was done since `begin`, and nothing that is held. */
  rollback(): Promise<void>
  /** Appends in a transaction of its own. */
  append(entry: Entry): Promise<Head>
  /** The journal of the onboarding, oldest first; `brief` leaves out what only undo needs. */
  look(extent: 'brief' | 'whole'): Promise<Look>
  head(): Promise<Head>
  close(): Promise<void>
}

/** A secret that a step has issued. */
export interface Issued {
  readonly name: string
  readonly value: Secret
  /** ISO 8601 instant. */
  readonly expires_at?: string
  readonly note?: string
}

/** Where secrets go, once, before the commit that makes them true. */
export interface SecretSink {
  /** Throws a usage error where a new secret could be neither shown nor written. */
  ready(): Promise<void>
  deliver(secrets: readonly (Issued & { readonly key: StepKey })[]): Promise<void>
}

// ── expressions ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Evaluates what a runbook's author wrote; throws OnboardError (invalid) with the position of what failed. */
export interface Evaluator {
  when(step: Step, scope: Scope): boolean | typeof UNKNOWN
  /** `with:` with every `${{ }}` evaluated; UNKNOWN stands where a value is known after apply. */
  inputs(step: Step, scope: Scope): { readonly [key: string]: unknown }
  /** Keys of a step's instances, [''] where it does not repeat. */
  instances(step: Step, scope: Scope): readonly string[] | typeof UNKNOWN
  /** The values that a person's word is bound to. */
  bound(step: Step, scope: Scope): JsonObject
  /** When this instance may begin; null where it waits for no date. */
  due?(phase: Phase, step: Step, scope: Scope): Due | null
}

// ── the whole ────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Catalogue {
  names(): readonly string[]
  /** undefined: no such action. */
  load(name: string): Promise<Action | undefined>
}

export type RunEvent =
  | { readonly type: 'step.started'; readonly key: StepKey; readonly title: string }
  | { readonly type: 'step.ended'; readonly result: StepResult }
  | { readonly type: 'step.retried'; readonly key: StepKey; readonly attempt: number; readonly reason: string }

/** One onboarding with all that is needed to advance it. */
export interface Work {
  readonly onboarding: Onboarding
  readonly runbook: Runbook
  readonly inputs: Inputs
  readonly evaluator: Evaluator
  readonly catalogue: Catalogue
  readonly actor: Actor
  /** Opens a reader that cannot write, on one snapshot; a query that takes longer than the timeout fails. */
  reading<T>(
    work: (read: (key: string) => Reader, look: Look) => Promise<T>,
    extent?: 'brief' | 'whole',
    timeout_ms?: number | null,
  ): Promise<T>
  /** Opens the run's connection with the onboarding's lock held, or throws a conflict that says who holds it. */
  session(run: string): Promise<Session>
  /** Appends without the run lock: people sign while a run goes on. */
  append(entry: Entry): Promise<Head>
  /** Stores evidence under its sha256 (hex), which it returns; the same bytes are stored once. */
  store(bytes: Uint8Array): Promise<string>
  readonly secrets: SecretSink
  emit(event: RunEvent): void
  /** Called at every point where a crash must be survivable; tests kill the process there. */
  reached?(point: string): void
}

export interface RunResult {
  readonly onboarding: string
  readonly run: string
  readonly steps: readonly StepResult[]
  readonly head: Head
  /** Probes whose evidence is a warning: they pass, and `--fail-on warn` fails on them. */
  readonly warnings: number
  /** The exit code that the outcomes ask for. */
  readonly exit: number
}
