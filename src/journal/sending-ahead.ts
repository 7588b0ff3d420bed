import type { Client } from 'pg'
import type { Reader, Writer } from '../contract.ts'

/**
 * Sends statements whose answers say nothing without waiting for them: what comes next is sent behind them, and each
 * spares a round trip. One that fails aborts the transaction, so what was sent behind it does nothing; its error is
 * thrown in place of theirs.
 */
export function sendingAhead(client: Client) {
  // Not settable by the type, because a connection is given it when it is made; read anew for each query.
  Object.assign(client, { pipeline: true })
  let sent: Promise<unknown> = Promise.resolve()
  const settle = async <T>(query: Promise<T>): Promise<T> => {
    const [before, own] = await Promise.allSettled([sent, query])
    if (before.status === 'rejected') throw before.reason
    if (own.status === 'rejected') throw own.reason
    return own.value
  }
  return {
    send(text: string): void {
      sent = client.query(text)
      sent.catch(() => undefined)
    },
    /** After a rollback what failed before it is nobody's error any more. */
    forget(): void {
      sent = Promise.resolve()
    },
    settle,
    settling: <R extends Reader>(reader: R): R => ({
      ...reader,
      many: (sql, params) => settle(reader.many(sql, params)),
      one: (sql, params) => settle(reader.one(sql, params)),
      ...('run' in reader ? {
        run: (sql: string, params?: readonly unknown[]) => settle((reader as unknown as Writer).run(sql, params)),
      } : {}),
    }),
  }
}
