/** The action contract: effects, probes and asks; what they are given and what they give back. */
import type { Answer, Change, Evidence, Json, JsonObject, Question, Schema, Threshold } from './model.ts'
import type { Infer } from './infer.ts'
import type {
  HttpAnswer, HttpRequest, Postbox, Program, ProgramResult, TemplateFile, TlsRequest, TlsSeen,
} from './outside.ts'
import type { Product } from './product/port.ts'

export type { Infer } from './infer.ts'
export type * from './outside.ts'

// ── secrets ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A value that is shown once and never printed by accident: `***` under toString, toJSON and inspect. */
export class Secret {
  readonly #value: string
  constructor(value: string) {
    this.#value = value
  }
  /** The value itself: for hashing and for the one hand-over. */
  reveal(): string {
    return this.#value
  }
  toString(): string {
    return '***'
  }
  toJSON(): string {
    return '***'
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '***'
  }
}

/**
 * Where a sealed secret is kept: `sso_connections.client_secret`, id of the tenant, id of the row.
 * Elsewhere it does not open.
 */
export type SecretPlace = readonly [column: string, tenant: string, row: string]

/** A secret that was given with a command, sealed; no action sees it. */
export interface Sealed {
  readonly text: string
  /** The same for the same secret at the same place, and of no use to anybody without the key. */
  readonly mark: string
}

/** Secrets that must be read again later: what was given with the command, and the key under which they are kept. */
export interface Vault {
  /** null: none of this name was given. Throws invalid where there is no key. */
  given(name: string, place: SecretPlace): Promise<Sealed | null>
  seal(value: Secret, place: SecretPlace): Promise<string>
}

// ── what actions are given ───────────────────────────────────────────────────────────────────────────────────────────

export type Row = Record<string, unknown>

/** Reads. One SELECT for each call, bound parameters only; it cannot write. */
export interface Sql {
  many<R = Row>(sql: string, params?: readonly unknown[]): Promise<R[]>
  one<R = Row>(sql: string, params?: readonly unknown[]): Promise<R | undefined>
}

/** Something of the onboarding that can be taken back: an effect, or a word, a look or a waiver that was about it. */
export interface Standing {
  /** Sequence number of its journal entry. */
  readonly of: number
  /** `go_live.production_access` */
  readonly step: string
  readonly title: string
  readonly sort: 'effect' | 'word' | 'look' | 'waiver'
  /** true: it happened and nothing takes it back, such as a mail that was sent. */
  readonly stays: boolean
}

/** What this step has taken back; `left` says what could not be. */
export interface TakenBack {
  readonly step: string
  readonly sort: Standing['sort']
  readonly left: string | null
}

/** How far something is taken back. */
export type Reach = {
  /** All since this phase or step, itself too; null: since the phase that gives production access. */
  readonly to: string | null
  /** Where it is not null: these phases and steps, and nothing else. */
  readonly only: readonly string[] | null
}

/** What was done so far, for the step that takes it back. */
export interface Past {
  /**
   * What stands of that, as it is taken back: production access first, then newest first. Throws invalid where the
   * runbook has no such phase or step.
   */
  standing(reach: Reach): Promise<readonly Standing[]>
  /** Oldest first. */
  takenBack(): Promise<readonly TakenBack[]>
}

export interface Reader extends Sql {
  /** What was done so far in this onboarding. */
  readonly past: Past
  /** The onboarding that the step belongs to. */
  readonly onboarding: { readonly id: string; readonly key: string }
  /** Targets and alert lines of the runbook. */
  readonly thresholds: readonly Threshold[]
  /** The vendor's product: its tenants and users, whatever its tables are called. */
  readonly product: Product
  /** Idempotency key of this step: `acme/provision/tenant`, with `/instance` where it repeats. */
  readonly key: string
  /** Runs a program (its stdout, stderr and exit); refused where the workspace may not run programs. */
  exec(program: Program): Promise<ProgramResult>
  /** A template by name: the one pinned with the onboarding, before the one shipped. Throws invalid: there is none. */
  template(name: string): Promise<TemplateFile>
  /**
   * Asks a server. An answer of any status is an answer.
   * @throws OnboardError (unreachable) where none came, (forbidden) where the address is a private one that the config
   * does not allow, or the workspace is not trusted
   */
  http(request: HttpRequest): Promise<HttpAnswer>
  /** Shakes hands with a server; the same refusals as `http`. */
  tls(request: TlsRequest): Promise<TlsSeen>
  /**
   * A file of the workspace by its path there.
   * Throws forbidden where the workspace is not trusted, invalid where there is none.
   */
  file(path: string): Promise<Uint8Array>
  /** A secret that was given with the command (`client_secret`), sealed for this place; null where none was. */
  given(name: string, place: SecretPlace): Promise<Sealed | null>
}

export interface Writer extends Reader {
  /** One statement that writes; gives the number of rows it touched. */
  run(sql: string, params?: readonly unknown[]): Promise<number>
  /** Hands a new secret over: shown once, or written to the secrets file, before the commit that makes it true. */
  secret(name: string, value: Secret, more?: { readonly expires_at?: string; readonly note?: string }): void
  /** Seals a new secret that must be read again: a private key. */
  seal(value: Secret, place: SecretPlace): Promise<string>
  /**
   * Takes back what stands, in that order, each with the journal entry that says so; what stays is said to.
   * Stops at the first conflict, which is thrown: what was taken back until then is.
   */
  takeBack(reach: Reach): Promise<void>
  /** Where mail goes. Throws forbidden where the workspace that names it is not trusted. */
  postbox(): Promise<Postbox>
}

// ── the three kinds ──────────────────────────────────────────────────────────────────────────────────────────────────

interface Common<I extends Schema, O extends Schema> {
  /** One sentence: what it does. Shown by `action list` and as hover text in editors. */
  readonly title: string
  /** An example of `with:` that validates. */
  readonly example: JsonObject
  readonly input: I
  readonly output: O
  /**
   * The schema of the outputs of a step with these inputs, where it says more than `output`. Pure. The checker asks it
   * with `with:` as written, so a text may be an expression, and what is written may not fit `input`.
   */
  readonly outputFor?: (input: Infer<I>) => Schema
}

/** An effect: the world is brought to a desired state. */
export interface Effect<I = unknown, O = unknown, Seen = unknown, C extends Change = Change> {
  readonly kind: 'effect'
  readonly title: string
  readonly example: JsonObject
  readonly input: Schema
  readonly output: Schema
  readonly outputFor?: ((input: I) => Schema) | undefined
  /** `database`: effect and journal entry are one transaction. `outside`: intent first, then the effect. */
  readonly where: 'database' | 'outside'
  /** Names of secrets that apply may issue. */
  readonly issues: readonly string[]
  /** What the step owns, finest last: `tenant/acme/settings/features`. Two steps must not own the same. */
  owns(input: I): readonly string[]
  /** Whether something undoes it with these inputs. Default: where there is `undo`. */
  readonly undoable?: ((input: I) => boolean) | undefined
  /** How far it is undone, in words, where "can be undone" says too much. */
  readonly undoing?: string
  check(read: Reader, input: I): Promise<Seen>
  plan(input: I, seen: Seen): C | null
  apply(write: Writer, change: C): Promise<void>
  outputs(input: I, seen: Seen): O
  /** What of an observation is the step's own: only a change of that is in the way of undo. Default: all of it. */
  readonly owned: ((seen: Seen) => unknown) | undefined
  /** Gives a sentence where not everything could be taken back: what it left, and why. */
  readonly undo: ((write: Writer, change: C, after: Seen) => Promise<string | void>) | undefined
  /**
   * What is there that may be somebody else's, in words: before its step's first time it is changed only once it was
   * adopted. null: nothing.
   */
  readonly foreign: ((read: Reader, input: I, seen: Seen) => Promise<string | null>) | undefined
  /** Replaces a lost secret and revokes the old one. */
  readonly reissue: ((write: Writer, input: I, seen: Seen) => Promise<void>) | undefined
}

/** Looks, and says what it saw. */
export interface Probe<I = unknown, O = unknown> {
  readonly kind: 'probe'
  readonly title: string
  readonly example: JsonObject
  readonly input: Schema
  readonly output: Schema
  readonly outputFor?: ((input: I) => Schema) | undefined
  readonly touches: 'nothing' | 'canary'
  /** It looks at its inputs alone, so that a plan knows what it will say. */
  readonly pure: boolean
  /** How long its evidence holds, in milliseconds; null = until the inputs change. */
  readonly max_age_ms: number | null
  /** The day where the vendor is, or the instant, before which there is nothing to look at: its step waits for that. */
  readonly due?: ((input: I) => string) | undefined
  probe(read: Reader, input: I): Promise<Evidence>
  outputs(input: I, evidence: Evidence): O
}

/** Asks for a person's word. */
export interface Ask<I = unknown, O = unknown> {
  readonly kind: 'ask'
  readonly title: string
  readonly example: JsonObject
  readonly input: Schema
  readonly output: Schema
  readonly outputFor?: ((input: I) => Schema) | undefined
  ask(input: I): Question
  /** The step's outputs, or a sentence that says what is missing. */
  accept(question: Question, answer: Answer): O | { readonly missing: string }
}

export type Action = Effect<never, Json, never, never> | Probe<never, Json> | Ask<never, Json>

// oxlint-disable-next-line typescript/no-explicit-any
type Loose = any

export function defineAction<const I extends Schema, const O extends Schema, Seen, C extends Change>(
  definition: Common<I, O> & {
    where: 'database' | 'outside'
    issues?: readonly string[]
    owns?: (input: Infer<I>) => readonly string[]
    check: (read: Reader, input: Infer<I>) => Promise<Seen>
    plan: (input: Infer<I>, seen: NoInfer<Seen>) => C | null
    apply: (write: Writer, change: NoInfer<C>) => Promise<void>
    outputs: (input: Infer<I>, seen: NoInfer<Seen>) => Infer<O>
    owned?: (seen: NoInfer<Seen>) => unknown
    undoable?: (input: Infer<I>) => boolean
    undoing?: string
    undo?: (write: Writer, change: NoInfer<C>, after: NoInfer<Seen>) => Promise<string | void>
    foreign?: (read: Reader, input: Infer<I>, seen: NoInfer<Seen>) => Promise<string | null>
    reissue?: (write: Writer, input: Infer<I>, seen: NoInfer<Seen>) => Promise<void>
  },
): Effect<Infer<I>, Infer<O>, Seen, C> {
  return {
    kind: 'effect', issues: [], owns: () => [], owned: undefined, undo: undefined, foreign: undefined,
    reissue: undefined, ...definition,
  } as Loose
}

export function defineProbe<const I extends Schema, const O extends Schema>(
  definition: Common<I, O> & {
    touches: 'nothing' | 'canary'
    pure?: true
    max_age_ms: number | null
    due?: (input: Infer<I>) => string
    probe: (read: Reader, input: Infer<I>) => Promise<Evidence>
    outputs: (input: Infer<I>, evidence: Evidence) => Infer<O>
  },
): Probe<Infer<I>, Infer<O>> {
  return { kind: 'probe', pure: false, ...definition } as Loose
}

export function defineAsk<const I extends Schema, const O extends Schema>(
  definition: Common<I, O> & {
    ask: (input: Infer<I>) => Question
    accept: (question: Question, answer: Answer) => Infer<O> | { readonly missing: string }
  },
): Ask<Infer<I>, Infer<O>> {
  return { kind: 'ask', ...definition } as Loose
}
