import type { Client, QueryResult } from 'pg'
import { isAltered, sendKept } from '../database/prepared.ts'
import { OnboardError } from '../errors.ts'

/**
 * Sends one statement of a step, which the server keeps prepared: a step's check is sent at least twice.
 * @throws OnboardError conflict `tables-changed` where what it reads was altered since it was sent first
 */
export async function sendPrepared(client: Client, text: string, values: readonly unknown[]): Promise<QueryResult> {
  try {
    return await sendKept(client, text, values)
  } catch (error) {
    if (!isAltered(error)) throw error
    throw new OnboardError(
      'conflict', 'tables-changed', 'a table that this step reads was altered while the run was going on',
      { cause: error },
    )
  }
}
