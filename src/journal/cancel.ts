import type { Client } from 'pg'
import type { Entry, Head } from '../engine/ports.ts'
import { OnboardError } from '../errors.ts'
import type { CancelState } from '../onboarding/cancel.ts'
import { append } from './append.ts'
import { appendArguments } from './entries.ts'
import { lockRun } from './lock.ts'
import { forgetLooks } from './looks.ts'
import { inTransaction } from './transaction.ts'

/**
 * Cancels an onboarding, takes that back, or notes that it was purged; with the journal entry, as one. Takes the run
 * lock, so that no run goes on beside it: throws a conflict that says who holds it.
 */
export async function markCancelled(
  client: Client, onboarding: { readonly id: string; readonly key: string }, state: CancelState,
  entry: Pick<Entry, 'facts' | 'detail'>,
): Promise<Head> {
  await lockRun(client, onboarding)
  const whole: Entry = { kind: 'cancelled', key: null, run: null, ...entry, facts: { state, ...entry.facts } }
  const [, , , , , , text, detail] = appendArguments(onboarding.id, whole)
  const { rows } = await client.query<Head>(
      `SELECT seq::int AS seq, encode(hash, 'hex') AS hash FROM onboard.cancel_onboarding($1, $2, $3, $4)`,
      [onboarding.id, state, text, detail],
    )
  const [head] = rows
  if (head === undefined) {
    throw new OnboardError('failed', 'not-committed', `${onboarding.key} is as it was: the database gave no entry`)
  }
  return head
}

/**
 * Erases what the database keeps of persons for a cancelled onboarding. Gives the number of values; an entry says it,
 * unless there was nothing left to erase.
 */
export async function eraseOnboarding(
  client: Client, onboarding: { readonly id: string; readonly key: string },
): Promise<number> {
  await lockRun(client, onboarding)
  return inTransaction(client, 'nothing was erased', async () => {
    const { rows } = await client.query<{ erased: number }>(
      'SELECT onboard.erase_onboarding($1)::int AS erased', [onboarding.id],
    )
    const erased = rows[0]?.erased ?? 0
    await forgetLooks(client, onboarding.id)
    if (erased > 0) {
      const facts = { values: erased }
      await append(client, onboarding.id, { kind: 'erased', key: null, run: null, facts, detail: {} })
    }
    return erased
  })
}
