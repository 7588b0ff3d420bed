import type pg from 'pg'
import type { Database } from './open.ts'
import { sendKept } from './prepared.ts'
import type { Role } from './roles.ts'

/** Rows of one statement. `kept`: its text is always the same, and each connection has the server keep it prepared. */
type Query = <R>(sql: string, params?: readonly unknown[], kept?: 'kept') => Promise<R[]>

/** Some connections of one role, lent out one at a time. */
export interface Pool {
  readonly query: Query
  /** Commits what `work` did on one connection, or takes it back where it throws. Deadlocks are tried again. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Serialization failure and deadlock: the same again may well succeed. */
const PASSING: ReadonlySet<unknown> = new Set(['40001', '40P01'])
const ATTEMPTS = 4

/** @param most connections at once; who comes later waits for one */
export function createPool(database: Database, role: Role, most: number): Pool {
  const idle: pg.Client[] = []
  const waiting: ((client: pg.Client | undefined) => void)[] = []
  let open = 0
  let isClosed = false

  const take = async (): Promise<pg.Client> => {
    const ready = idle.pop()
    if (ready !== undefined) return ready
    if (open >= most) {
      const handed = await new Promise<pg.Client | undefined>((resolve) => waiting.push(resolve))
      if (handed !== undefined) return handed
    }
    open++
    try {
      return await database.connect(role, { application_name: 'onboard serve' })
    } catch (error) {
      open--
      throw error
    }
  }
  const give = (client: pg.Client, isBroken: boolean): void => {
    const next = waiting.shift()
    if (isBroken || isClosed) {
      open--
      void client.end().catch(() => undefined)
      next?.(undefined)
    } else if (next !== undefined) next(client)
    else idle.push(client)
  }
  const borrow = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = await take()
    let isBroken = false
    try {
      return await work(client)
    } catch (error) {
      // An error of the server leaves the connection whole; without an SQLSTATE it is the connection that failed.
      isBroken = !/^[0-9A-Z]{5}$/.test(String((error as { code?: unknown }).code)) && !(error instanceof Rolled)
      throw error instanceof Rolled ? error.cause : error
    } finally {
      give(client, isBroken)
    }
  }
  const sent = (client: pg.Client): Query => async <R>(
    text: string, params: readonly unknown[] = [], kept?: 'kept',
  ) => {
    const done = kept === undefined ? client.query({ text, values: [...params] }) : sendKept(client, text, params)
    return (await done).rows as R[]
  }

  const once = <T>(work: Parameters<Pool['transaction']>[0]): Promise<T> => borrow(async (client) => {
    await client.query('BEGIN')
    let done: T
    try {
      done = (await work(sent(client))) as T
    } catch (error) {
      await client.query('ROLLBACK')
      throw new Rolled(error)
    }
    const { command } = await client.query('COMMIT')
    if (command !== 'COMMIT') throw new Rolled(new Error('the database rolled back instead of committing'))
    return done
  })

  return {
    query: (text, params, kept) => borrow((client) => sent(client)(text, params, kept)),
    async transaction<T>(work: Parameters<Pool['transaction']>[0]): Promise<T> {
      for (let attempt = 1; ; attempt++) {
        try {
          return await once<T>(work)
        } catch (error) {
          if (attempt === ATTEMPTS || !PASSING.has((error as { code?: unknown }).code)) throw error
        }
      }
    },
    async close() {
      isClosed = true
      const all = idle.splice(0)
      open -= all.length
      await Promise.all(all.map((client) => client.end()))
    },
  }
}

/** The transaction was rolled back, so that its connection is whole; `cause` is why. */
class Rolled extends Error {
  constructor(cause: unknown) {
    super('rolled back', { cause })
  }
}
