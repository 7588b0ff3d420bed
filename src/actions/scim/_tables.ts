import type { Reader, Writer } from '../../contract.ts'
import { OnboardError } from '../../errors.ts'
import { type Query, tablesOf, type Tables } from '../../identity/sql.ts'

/** Tables of the product's directory sync. Throws waiting where the product has none. */
export function scimTables(read: Reader): Tables {
  const { schema } = read.product
  if (schema !== null) return tablesOf(schema)
  throw new OnboardError(
    'waiting',
    'capability-unavailable',
    'the mapped product has no place for directory sync: its own server answers for it',
  )
}

/** What the protocols need of PostgreSQL, in an effect's transaction: what reads gives rows, what writes none. */
export const queryOf =
  (write: Writer): Query =>
  async <R>(sql: string, params: readonly unknown[] = []) => {
    if (/^\s*SELECT\b/.test(sql)) return write.many<R>(sql, params)
    await write.run(sql, params)
    return []
  }
