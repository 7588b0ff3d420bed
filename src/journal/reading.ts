import type { Client } from 'pg'
import type { Reader } from '../contract.ts'
import type { Look } from '../engine/ports.ts'
import { readJournal } from './entries.ts'
import { createReader } from './reader.ts'
import type { Surroundings } from './reader.ts'

const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY'

/**
 * Reads on one snapshot, in a transaction that cannot write. Takes a client of the reader's login.
 * A query that fails ends the transaction; the next read begins another, so that one broken step does not end a plan.
 */
export async function readOnly<T>(
  client: Client, chain: string, surroundings: Surroundings,
  work: (read: (key: string) => Reader, look: Look) => Promise<T>,
  extent: 'brief' | 'whole' = 'brief', timeout_ms: number | null = null,
): Promise<T> {
  const begin = timeout_ms === null ? BEGIN : `${BEGIN}; SET LOCAL statement_timeout = ${Math.round(timeout_ms)}`
  await client.query(begin)
  try {
    const look = await readJournal(client, chain, extent)
    return await work((key) => restarting(client, begin, createReader(client, key, surroundings)), look)
  } finally {
    await client.query('ROLLBACK').catch(() => undefined)
  }
}

function restarting(client: Client, begin: string, reader: Reader): Reader {
  const guard = async <T>(query: () => Promise<T>): Promise<T> => {
    try {
      return await query()
    } catch (error) {
      await client.query(`ROLLBACK; ${begin}`).catch(() => undefined)
      throw error
    }
  }
  return {
    ...reader,
    many: (sql, params) => guard(() => reader.many(sql, params)),
    one: (sql, params) => guard(() => reader.one(sql, params)),
  }
}
