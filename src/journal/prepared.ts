import type { Client, QueryResult } from 'pg'
import { OnboardError } from '../errors.ts'

/** So many statements of a connection are kept prepared; what writes values into its text could have any number. */
const MOST = 200

const known = new WeakMap<Client, Map<string, string>>()

/**
 * Sends one statement by the extended protocol, which takes no second one, and has the server keep it: a step's check
 * is sent at least twice, and the server reads it once.
 * @throws OnboardError conflict `tables-changed` where what it reads was altered since it was sent first
 */
export async function sendPrepared(client: Client, text: string, values: readonly unknown[]): Promise<QueryResult> {
  const names = known.get(client) ?? new Map<string, string>()
  known.set(client, names)
  const name = names.get(text) ?? (names.size < MOST ? `onboard-${names.size + 1}` : undefined)
  if (name !== undefined) names.set(text, name)
  const query = { text, values: [...values], queryMode: 'extended', ...(name === undefined ? {} : { name }) }
  try {
    return await client.query(query)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes('cached plan must not change result type')) throw error
    names.set(text, `${name}-`) // prepared anew when it is sent again
    throw new OnboardError(
      'conflict', 'tables-changed', 'a table that this step reads was altered while the run was going on',
      { cause: error },
    )
  }
}
