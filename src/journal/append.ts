import pg from 'pg'
import type { Client } from 'pg'
import type { Entry, Head } from '../engine/ports.ts'
import { appending } from './appended.ts'
import { given } from './entries.ts'

/** Appends entries, in order, as one statement whose values are literals: it can share a message with COMMIT. */
export function appendCall(chain: string, entries: readonly Entry[]): string {
  appending(chain)
  const [id, all] = [chain, JSON.stringify(entries.map(given))].map((value) => pg.escapeLiteral(value))
  return `SELECT seq::text AS seq, encode(hash, 'hex') AS hash FROM onboard.append_all(${id}::uuid, ${all}::jsonb)`
}

/** Appends one entry in the transaction that is open, or in one of its own; needs no run lock. */
export async function append(client: Client, chain: string, entry: Entry): Promise<Head> {
  const { rows } = await client.query<{ seq: string; hash: string }>(appendCall(chain, [entry]))
  const row = rows[0]
  if (!row) throw new Error('onboard.append_all returned nothing')
  return { seq: Number(row.seq), hash: row.hash }
}
