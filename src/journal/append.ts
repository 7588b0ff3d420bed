import pg from 'pg'
import type { Client } from 'pg'
import type { Entry, Head } from '../engine/ports.ts'
import { appendArguments } from './entries.ts'

const TYPES = ['uuid', 'text', 'text', 'text', 'text', 'uuid', 'text', 'jsonb'] as const

/** The call of onboard.append as text, its arguments as literals: so that it can share a message with BEGIN or COMMIT. */
export function appendCall(chain: string, entry: Entry): string {
  const literals = appendArguments(chain, entry).map((value, n) => `${value === null ? 'NULL' : pg.escapeLiteral(value)}::${TYPES[n]}`)
  return `SELECT seq::text AS seq, encode(hash, 'hex') AS hash FROM onboard.append(${literals.join(', ')})`
}

/** Appends one entry in the transaction that is open, or in one of its own; needs no run lock. */
export async function append(client: Client, chain: string, entry: Entry): Promise<Head> {
  const { rows } = await client.query<{ seq: string; hash: string }>(appendCall(chain, entry))
  const row = rows[0]
  if (!row) throw new Error('onboard.append returned nothing')
  return { seq: Number(row.seq), hash: row.hash }
}
