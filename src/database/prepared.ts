/** Statements that a connection's server keeps prepared, so that it reads and plans them once. */
import type { Client, QueryResult } from 'pg'

/** So many statements of a connection are kept; what writes values into its text could have any number. */
const MOST = 200
/**
 * After so many the server plans anew. A plan that was made while a table was empty may walk through all of it, and
 * nothing else tells the server of rows that came since before it next analyses the table.
 */
const STALE_AFTER = 100

interface Kept {
  readonly names: Map<string, string>
  sent: number
}
const known = new WeakMap<Client, Kept>()

/**
 * Sends one statement by the extended protocol, which takes no second one, and has the server keep it. Where a table
 * was altered so that it gives other columns, it fails once (`isAltered`) and is read anew when it is sent again.
 */
export async function sendKept(client: Client, text: string, values: readonly unknown[]): Promise<QueryResult> {
  const kept = known.get(client) ?? { names: new Map<string, string>(), sent: 0 }
  known.set(client, kept)
  const { names } = kept
  const name = names.get(text) ?? (names.size < MOST ? `onboard-${names.size + 1}` : undefined)
  if (name !== undefined) names.set(text, name)
  // Where this is refused, the statement after it is, too.
  if (++kept.sent % STALE_AFTER === 0) void client.query('DISCARD PLANS').catch(() => undefined)
  const query = { text, values: [...values], queryMode: 'extended', ...(name === undefined ? {} : { name }) }
  try {
    return await client.query(query)
  } catch (error) {
    if (isAltered(error)) names.set(text, `${name}-`)
    throw error
  }
}

export const isAltered = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('cached plan must not change result type')
