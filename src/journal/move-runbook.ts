import type { Client } from 'pg'
import type { Entry, Head } from '../engine/ports.ts'
import { OnboardError } from '../errors.ts'
import type { Actor } from '../model.ts'
import type { PinnedRunbook } from '../onboarding/intake-store.ts'
import { appendArguments } from './entries.ts'
import { lockRun } from './lock.ts'
import { pin } from './onboardings.ts'

interface Move {
  readonly onboarding: { readonly id: string; readonly key: string }
  readonly from: { readonly name: string; readonly version: string; readonly digest: string }
  readonly pinned: PinnedRunbook
  readonly actor: Actor
}

/**
 * Pins a newer version of an onboarding's runbook and moves the onboarding to it, with a journal entry, as one. Takes a
 * connection of the app role that it may lock on; throws a conflict while a run goes on.
 */
export async function moveRunbook(client: Client, { onboarding, from, pinned, actor }: Move): Promise<Head> {
  await lockRun(client, onboarding)
  await client.query('BEGIN')
  try {
    await pin(client, pinned)
    const { name, version, digest } = pinned.runbook
    const entry: Entry = {
      kind: 'upgraded', key: null, run: null,
      facts: { from, to: { name, version, digest } },
      detail: { actor: { ...actor } },
    }
    const [, , , , , , text, detail] = appendArguments(onboarding.id, entry)
    const { rows } = await client.query<{ seq: string; hash: string }>(
      `SELECT seq::text AS seq, encode(hash, 'hex') AS hash FROM onboard.move_runbook($1, $2, $3, $4)`,
      [onboarding.id, digest, text, detail])
    const { command } = await client.query('COMMIT')
    const row = rows[0]
    if (command !== 'COMMIT' || row === undefined) {
      const message = 'the database rolled the upgrade back: nothing was changed'
      throw new OnboardError('failed', 'not-committed', message)
    }
    return { seq: Number(row.seq), hash: row.hash }
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}
