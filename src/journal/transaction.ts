import type { Client } from 'pg'
import { OnboardError } from '../errors.ts'

/**
 * One transaction on a connection that is in none: committed where the work ends, rolled back where it throws.
 * @param undone what did not happen, as the end of a sentence: `nothing was stored`
 * @throws OnboardError (failed) where the database answers COMMIT by rolling back
 */
export async function inTransaction<T>(client: Client, undone: string, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN')
  try {
    const result = await work()
    const { command } = await client.query('COMMIT')
    if (command !== 'COMMIT') {
      throw new OnboardError('failed', 'not-committed', `the database rolled it back: ${undone}`)
    }
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}
