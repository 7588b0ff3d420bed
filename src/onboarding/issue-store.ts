import type { Entry, Head } from '../engine/ports.ts'
import type { Severity } from './escalation.ts'

/** Something to be done about an issue; carried forward until it is closed, after the issue itself is resolved too. */
export interface ActionItem {
  readonly number: number
  readonly text: string
  /** Mail address. */
  readonly owner: string | null
  /** `YYYY-MM-DD` */
  readonly due: string | null
  readonly status: 'open' | 'closed'
}

/** Something that went wrong in an onboarding. */
export interface Issue {
  readonly number: number
  readonly title: string
  readonly severity: Severity
  readonly category: string | null
  /** Mail address. */
  readonly owner: string | null
  readonly status: 'open' | 'resolved'
  readonly resolution: string | null
  readonly actions: readonly ActionItem[]
  /** ISO 8601 instants. */
  readonly opened_at: string
  /** From when the escalation clock counts. */
  readonly clock_from: string
  readonly resolved_at: string | null
}

/** The issues of one onboarding, in one transaction with the journal entry that says what became of them. */
export interface IssueTransaction {
  /** The database's clock, ISO 8601. */
  readonly now: string
  /** All of them, by number; nobody else writes any until the transaction ends. */
  all(): Promise<readonly Issue[]>
  put(issue: Issue): Promise<void>
  append(entry: Entry): Promise<Head>
}

export interface IssueStore {
  transaction<T>(work: (transaction: IssueTransaction) => Promise<T>): Promise<T>
}
