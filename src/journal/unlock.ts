import type { Client } from 'pg'
import { OnboardError } from '../errors.ts'
import type { Actor } from '../model.ts'
import { append } from './append.ts'
import { endHolder, holderOf } from './lock.ts'
import type { Holder } from './lock.ts'

export interface Unlocked {
  readonly onboarding: string
  /** null: nobody held it. */
  readonly ended: Holder | null
}

/**
 * Ends the connection of whoever holds an onboarding's run lock: a dead laptop's, a hung pipeline's. Its transaction
 * rolls back. The reason enters the journal first, so that there is no unlocking without a record.
 */
export async function unlock(
  client: Client, onboarding: { readonly id: string; readonly key: string }, reason: string, actor: Actor,
): Promise<Unlocked> {
  const holder = await holderOf(client, onboarding.id)
  if (!holder) return { onboarding: onboarding.key, ended: null }
  await append(client, onboarding.id, {
    kind: 'unlocked', key: null, run: null,
    facts: { pid: holder.pid, since: holder.since },
    detail: { reason, holder: { ...holder }, actor: { ...actor } },
  })
  if (await endHolder(client, holder)) return { onboarding: onboarding.key, ended: holder }
  throw new OnboardError(
    'forbidden', 'cannot-unlock',
    `this login may not end the connection of ${holder.role} (server process ${holder.pid})`,
    { suggestions: [`onboard unlock ${onboarding.key} --reason TEXT`] },
  )
}
