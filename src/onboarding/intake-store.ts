import type { Entry, Head } from '../engine/ports.ts'
import type { JsonObject, Runbook } from '../model.ts'

export type InputKind = 'handoff' | 'discovery'

export interface StoredInput {
  readonly version: number
  readonly document: JsonObject
  /** sha256 (hex) of the canonical document. */
  readonly digest: string
  /** sha256 (hex) of the bytes that were given. */
  readonly source_digest: string
}

/** A version that is about to be stored, with the bytes that were given. */
export type NewInput = Omit<StoredInput, 'source_digest'> & { readonly source: Uint8Array }

export interface StoredOnboarding {
  readonly id: string
  readonly runbook: { readonly name: string; readonly version: string; readonly digest: string }
  readonly inputs: Readonly<Partial<Record<InputKind, StoredInput>>>
}

/** A runbook as it is pinned: compiled, and the very files. */
export interface PinnedRunbook {
  readonly runbook: Runbook
  readonly files: { readonly root: string; readonly files: ReadonlyMap<string, Uint8Array> }
}

/** Everything of one acceptance, in one transaction: it is there as a whole, or not at all. */
export interface IntakeTransaction {
  /** Waits until nobody else accepts a handoff under this slug; held to the end of the transaction. */
  claim(slug: string): Promise<void>
  customer(slug: string): Promise<{ readonly id: string; readonly company: string } | null>
  onboarding(customer: string, name: string): Promise<StoredOnboarding | null>
  /** A runbook that an onboarding pins, as it was compiled. */
  runbook(digest: string): Promise<Runbook>
  createCustomer(slug: string, company: string): Promise<string>
  /** Opens a chain and the onboarding on it; gives its id. */
  open(customer: string, name: string, pinned: PinnedRunbook): Promise<string>
  store(onboarding: string, kind: InputKind, input: NewInput): Promise<void>
  append(onboarding: string, entry: Entry): Promise<Head>
  /** Takes the run lock: no run reads inputs that are being changed. Throws a conflict that says who holds it. */
  lock(onboarding: { readonly id: string; readonly key: string }): Promise<void>
  /** The latest version of each input. */
  inputs(onboarding: string): Promise<StoredOnboarding['inputs']>
}

export interface IntakeStore {
  transaction<T>(work: (transaction: IntakeTransaction) => Promise<T>): Promise<T>
}
