import { OnboardError } from '../errors.ts'
import type { Entry, Session, Work } from './ports.ts'
import type { Turn } from './walk.ts'

/** The transaction of several effects did not commit: none of them is there, and one of them alone is to blame. */
export class GroupLost extends Error {}

/** A step whose effect waits for its commit. */
export interface Held {
  /** Says how the step ended; where the database went away, with that error. */
  tell(gone: OnboardError | null): void
  readonly name: string
}

/**
 * Effects that follow each other in the database share a transaction, each behind its own savepoint: making a
 * transaction durable costs about as much as an effect.
 * No step is told to have ended before the commit that makes it true.
 */
export class Group {
  readonly #work: Work
  readonly #session: Session
  #held: Held[] = []
  #isFull = false
  /** The database went away under the group. */
  isGone = false

  constructor(work: Work, session: Session) {
    this.#work = work
    this.#session = session
  }

  /** Leaves an effect's entry and its transaction to the group. */
  async hold(entry: Entry): Promise<void> {
    this.#isFull = !(await this.#session.hold(entry))
  }

  /** A step's turn is over; commits where the transaction has been open for long enough. */
  async add(held: Held): Promise<void> {
    this.#held.push(held)
    if (this.#isFull) await this.commit()
  }

  /**
   * Commits what is held, if anything is; then those steps have ended.
   * @throws GroupLost where the database took all of it back: done one at a time, the step to blame shows itself
   */
  async commit(): Promise<void> {
    const held = this.#held
    if (held.length === 0) return
    this.#held = []
    try {
      await this.#session.commit()
    } catch (error) {
      await this.#session.rollback()
      this.isGone = error instanceof OnboardError && isGone(error)
      if (!this.isGone) throw new GroupLost()
      for (const { tell } of held) tell(error as OnboardError)
      return
    }
    for (const { name } of held) this.#work.reached?.(`${name} committed`)
    for (const { tell } of held) tell(null)
  }
}

/** Is it the database that does not answer, and not something else that a step has asked? */
export function isGone({ kind, code }: OnboardError): boolean {
  return kind === 'unreachable' && code.startsWith('database-')
}

/**
 * May the turn's effect share a transaction? Not one that issues a secret, which is handed over before its own commit;
 * that may take its time; or that was done before, for it is looked at without a transaction first.
 */
export async function sharesTransaction(work: Work, { wanted, readiness, record, step }: Turn): Promise<boolean> {
  if (!wanted || readiness.state !== 'ready' || record?.done || step.timeout_ms !== null) return false
  const action = await work.catalogue.load(step.uses)
  return action?.kind === 'effect' && action.where === 'database' && action.issues.length === 0
}
